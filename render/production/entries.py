"""Entries of the cache: what is kept, with a digest of it and of its key."""

from __future__ import annotations

import hashlib

DIGEST_BYTES = 64


def signed(header: bytes, key: str, payload: bytes) -> bytes:
    """An entry: a header, a digest, and what is kept under a key."""
    return header + _digest(key, payload) + payload


def opened(header: bytes, key: str, entry: bytes) -> bytes | None:
    """What an entry keeps; None where it is damaged, of another version, or of another key."""
    start = len(header) + DIGEST_BYTES
    payload = entry[start:]
    return payload if entry[:start] == header + _digest(key, payload) else None


def _digest(key: str, payload: bytes) -> bytes:
    """Checksum of an entry, over its key, too, so that a renamed file is not taken for another run."""
    return hashlib.sha256(key.encode() + payload).hexdigest().encode()
