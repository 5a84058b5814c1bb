"""Checksums of pieces that are read in any order: that of the whole, and damage in any of them."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.audit.files.checksums import Checksum, joined
from tests.render.metrics.metric_helpers import fuzz

HEAD, BODY = b"a head", bytes(range(256)) * 40
OFFSET = 11


def checksum(folder: Path, body: bytes = BODY) -> Checksum:
    (folder / "a").write_bytes(b"-" * OFFSET + HEAD + body)
    return Checksum(folder / "a", "z", OFFSET, HEAD, len(HEAD) + len(BODY), zlib.crc32(HEAD + BODY))


@given(st.binary(max_size=300), st.binary(max_size=300))
@fuzz
def test_the_checksum_of_two_pieces_is_that_of_both(first: bytes, second: bytes) -> None:
    assert joined(zlib.crc32(first), zlib.crc32(second), len(second)) == zlib.crc32(first + second)


def test_of_zeros_longer_than_memory_the_checksum_is_known() -> None:
    crc = zlib.crc32(bytes(1))
    for power in range(45):  # 2^45 bytes, by doubling
        crc = joined(crc, crc, 2**power)
        if power == 20:
            assert crc == zlib.crc32(bytes(2**21))


@pytest.mark.parametrize("read", [[], [3], [2, 0, 1], [4, 3, 2, 1, 0], [1, 1, 0]])
def test_pieces_are_verified_in_any_order_and_what_is_missing_is_read(tmp_path: Path, read: list[int]) -> None:
    rows = np.frombuffer(BODY, np.uint8).reshape(5, -1)
    whole = checksum(tmp_path)
    damaged = bytearray(BODY)
    damaged[len(BODY) - 5] ^= 1
    wrong = checksum(tmp_path, bytes(damaged))
    for one, of in ((whole, rows), (wrong, np.frombuffer(damaged, np.uint8).reshape(5, -1))):
        for part in read:
            one.add(len(HEAD) + part * of.shape[1], of[part : part + 1])
    for _ in range(2):
        with pytest.raises(ValueError, match="z is damaged, its bytes have another checksum"):
            wrong.verify()
    checksum(tmp_path)  # the file that is whole again
    whole.verify()
    whole.verify()


def test_a_file_that_ends_where_nothing_was_read_is_damaged(tmp_path: Path) -> None:
    whole = checksum(tmp_path)
    (tmp_path / "a").write_bytes(b"-" * 100)
    with pytest.raises(ValueError, match="it ends too early"):
        whole.verify()
