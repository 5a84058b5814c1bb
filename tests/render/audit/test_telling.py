"""The report as text, as Markdown and explained: names whole at 80 columns, the headline first."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from render.audit import numbers
from render.audit.headline import KINDS
from render.production.manifest import ROOT
from tests.render.audit.audit_helpers import Ended, clusters, require_line, save

Audit = Callable[..., Ended]
DATA = clusters(300, 12, 4) | {"weights": np.random.default_rng(0).normal(size=(4, 12))}
DATA |= {"views": DATA["features"] + 0.1 * np.random.default_rng(1).normal(size=(300, 12))}


@pytest.mark.parametrize("width", [80, 100, 160])
def test_the_whole_report_fits_its_columns_with_names_whole(
    audit: Audit, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    save(Path("step-7.npz"), **DATA)
    for arguments in ((), ("--goal", "table"), ("--goal", "contrastive")):
        lines = audit("step-7.npz", "--no-picture", *arguments).out.splitlines()
        assert max(map(len, lines)) <= width
        assert lines[0].startswith("act: a cone: ")
        assert lines[1].startswith("  next: ")
        told = [line.split()[0] for line in lines if line.startswith("  ") and line.split()[0] in numbers.names()]
        assert tuple(told) == numbers.names()
        titles = [line for line in lines if line in numbers.GROUPS.values()]
        assert titles == list(numbers.GROUPS.values())


def test_as_markdown_it_says_the_same(audit: Audit) -> None:
    save(Path("step-7.npz"), **DATA)
    out = audit("step-7.npz", "--no-picture", "--format", "md").out
    first, *rest = out.splitlines()
    assert first.startswith("# a cone: pairs of points")
    assert rest[1].startswith("**act**: next: ")
    names = re.findall(r"^\| `(\w+)` \|", out, flags=re.MULTILINE)
    assert tuple(names) == numbers.names()
    assert len({line.replace("\\|", "").count("|") for line in rest if line.startswith("|")}) == 1
    assert re.findall("^## (.*)", out, flags=re.MULTILINE) == list(numbers.GROUPS.values())


def test_every_number_and_every_kind_is_explained_without_data(audit: Audit) -> None:
    for name in numbers.names():
        ended = audit("--explain", name)
        assert (ended.code, ended.err) == (0, "")
        assert ended.out.startswith(f"{name}: ")
        assert "definition: " in ended.out
        assert "theory: " in ended.out
    for kind in KINDS:
        assert f"{kind.name}: " in audit("--explain", kind.name).out
        assert f"\n{kind.name}: " in "\n" + audit("--explain", "headline").out
    require_line(audit("--explain", "nc7"), "--explain nc7: there is no such number or headline; did you mean nc")
    assert "Missing argument 'PATH'" in audit().err


def test_of_a_run_theory_is_of_what_it_claims(audit: Audit) -> None:
    save(Path("step-7.npz"), **{role: array for role, array in DATA.items() if role != "views"})
    assert "theory, of a classifier: simplex at these shares = " in audit("step-7.npz", "--explain", "entropy_rank").out
    ended = audit("step-7.npz", "--explain", "participation_ratio", "--goal", "table")
    assert "theory, of a table: (N−1)d/(N+d) = 11.5" in ended.out
    assert "here: " in ended.out
    assert not Path("out").exists()
    table = audit("step-7.npz", "--goal", "contrastive", "--no-picture").out
    (row,) = [line for line in table.splitlines() if line.startswith("  class_simplex_error")]
    assert "met" not in row
    assert "far" not in row


def test_numbers_and_headlines_say_where_they_come_from() -> None:
    for number in numbers.NUMBERS:
        assert number.definition, number.name
        assert number.group in numbers.GROUPS, number.name


def test_the_docs_have_the_table_of_headlines(audit: Audit) -> None:
    """What `render audit --explain headline --format md` prints stands between two marks."""
    told = audit("--explain", "headline", "--format", "md").out.strip()
    page = (ROOT / "docs" / "audit.md").read_text()
    found = page.partition("<!-- headlines -->\n")[2].partition("\n<!-- end of headlines -->")[0]
    assert found == told, "put what `render audit --explain headline --format md` prints between the marks"


def test_changes_are_told_of_this_version() -> None:
    version = re.findall(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), flags=re.MULTILINE)[0]
    assert f"\n## {version}\n" in (ROOT / "CHANGELOG.md").read_text()
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text()
