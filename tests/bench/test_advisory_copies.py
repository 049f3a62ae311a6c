"""A copy of an advisory database names the versions that it means, and no others."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from bench.advisories import pinned, told_by_copies
from bench.advisory_copies import Copy, judged

pytest.importorskip("yaml", reason="PyYAML of the dev extra")

ADVISORY = """
id: PYSEC-2031-7
affected:
- package: {name: Some_Parser, ecosystem: PyPI}
  ranges:
  - type: GIT
    events: [{introduced: '0'}, {fixed: 8af1}]
  - type: ECOSYSTEM
    events: [{introduced: '2.0'}, {fixed: 2.4.1}, {introduced: '0'}, {fixed: '1.9'}]
  versions: [2.0, 2.4.0, 3.0rc1]
"""
WITHDRAWN = (
    "id: PYSEC-2031-8\nwithdrawn: '2031-05-01T00:00:00Z'\n" + ADVISORY.partition("\n")[2].partition("\n")[2]
)


@pytest.fixture(params=["plain folder", "git repository", "git repository without a work tree"])
def copy(request: pytest.FixtureRequest, tmp_path: Path) -> Copy:
    source = tmp_path / "source"
    (source / "vulns" / "some-parser").mkdir(parents=True)
    (source / "vulns" / "some-parser" / "PYSEC-2031-7.yaml").write_text(ADVISORY)
    (source / "vulns" / "some-parser" / "PYSEC-2031-8.yaml").write_text(WITHDRAWN)
    (source / "vulns" / ".id-allocator").write_text("abc")
    if request.param == "plain folder":
        return Copy(source)
    git = ["git", "-C", str(source), "-c", "user.name=a", "-c", "user.email=a@b.c"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-qm", "x", "--date", "2031-06-01T00:00:00Z"], check=True)
    if request.param == "git repository":
        return Copy(source)
    subprocess.run(["git", "clone", "-q", "--bare", str(source), str(tmp_path / "bare")], check=True)
    return Copy(tmp_path / "bare")


@pytest.mark.parametrize(
    ("version", "fixed"),
    [("1.8.9", ("1.9", "2.4.1")), ("2.0", ("2.4.1",)), ("2.4", ("2.4.1",)), ("3.0rc1", ())],
)
def test_an_affected_version_is_named_with_the_releases_that_mend_it(
    copy: Copy, version: str, fixed: tuple[str, ...]
) -> None:
    found = copy.findings({"some.parser": version, "another": "1.0"})
    assert [(one.package, one.version, one.advisory, one.fixed) for one in found] == [
        ("some-parser", version, "PYSEC-2031-7", fixed)
    ]
    status, told = told_by_copies([copy], {"some.parser": version, "another": "1.0"})
    assert status == 1
    assert f"some-parser {version}: PYSEC-2031-7" in told
    assert "2 packages looked up, 1 of them ever had an advisory there" in told


@pytest.mark.parametrize("version", ["1.9", "1.9.9", "2.4.1", "2.5", "3.0"])
def test_a_mended_version_is_not(copy: Copy, version: str) -> None:
    assert told_by_copies([copy], {"some-parser": version})[0] == 0


def test_the_last_affected_version_is_affected_and_the_next_is_not() -> None:
    package = {"name": "x", "ecosystem": "PyPI"}
    events = [{"introduced": "0"}, {"last_affected": "1.4"}]
    advisory = {
        "id": "P",
        "affected": [{"package": package, "ranges": [{"type": "ECOSYSTEM", "events": events}]}],
    }
    assert judged(advisory, "x", "1.4") is not None
    assert judged(advisory, "x", "1.4.1") is None
    assert judged(advisory, "another", "1.4") is None


def test_lists_of_specifiers_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    listed = '{"$meta": {"timestamp": 1}, "some-parser": ["<2.0", ">=3.0,<3.1"], "odd": ["<=not a version"]}'
    (tmp_path / "data" / "insecure.json").write_text(listed)
    copy = Copy(tmp_path)
    assert [one.advisory for one in copy.findings({"Some_Parser": "3.0.2"})] == ["some-parser >=3.0,<3.1"]
    assert copy.findings({"Some_Parser": "2.0", "odd": "1.0"}) == []


def test_a_folder_that_is_no_copy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="neither vulns/NAME"):
        Copy(tmp_path)


def test_every_pinned_package_is_looked_up() -> None:
    assert {"mcp", "starlette", "numpy", "pyyaml"} <= set(pinned())
