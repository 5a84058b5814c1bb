"""What a terminal would obey is shown escaped, and everything else as it is."""

from __future__ import annotations

import json

import pytest

from render.printable import file_name, printable, printable_json, printable_text

SHOWN = {
    "\x1b[31mred": "\\x1b[31mred",
    "\x9b31m": "\\x9b31m",
    "bell\x07 back\x08 del\x7f": "bell\\x07 back\\x08 del\\x7f",
    "two\nlines\tand\rmore": "two\\nlines\\tand\\rmore",
    "gnp.\u202efdp": "gnp.\\u202efdp",
    "\u2066\u2069\u200f\u061c": "\\u2066\\u2069\\u200f\\u061c",
    "a\u2028b\u0085c": "a\\u2028b\\x85c",
    "latin-\udce9": "latin-\\xe9",
    "bytes of UTF-8: \udcc3\udca9, \udcff": "bytes of UTF-8: é, \\xff",
    "half a pair \ud83d": "half a pair \\ud83d",
    "tag\U000e0041": "tag\\U000e0041",
    "": "",
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_name_is_one_line_without_anything_that_is_obeyed(name: str) -> None:
    assert printable(name) == SHOWN[name]
    printable(name).encode()


@pytest.mark.parametrize("name", ["naïve", "特徴", "👩\u200d🔬", "نمایش\u200cها", "a\\b", "layer/0.conv-1 [x]"])
def test_letters_of_any_script_are_shown_as_they_are(name: str) -> None:
    assert printable(name) == name


def test_a_file_can_be_called_by_a_name_in_any_locale() -> None:
    assert file_name("a\x1b[31m\n\u202eé") == "a\\x1b[31m\\n\\u202eé"
    assert file_name("\udcc3\udca9") == "\udcc3\udca9"


def test_a_text_keeps_its_lines() -> None:
    assert printable_text("one\n\ttwo\x1b[2J\n") == "one\n\ttwo\\x1b[2J\n"


def test_json_means_the_same_and_can_be_written(tmp_path: object) -> None:
    told = {name: name for name in (*SHOWN, "特徴")}
    text = printable_json(json.dumps(told, ensure_ascii=False, indent=2))
    assert json.loads(text) == told
    assert "特徴" in text
    assert printable_text(text) == text
    text.encode()
