"""What is said of an audit: a vulnerability fails it, and silence of the service is no clean bill."""

from __future__ import annotations

from bench.advisories import verdict

SHIPPED = {"httpx": "BSD", "click": "BSD"}
CLEAN = {"name": "click", "version": "8.2", "vulns": []}
UNKNOWN = {"name": "httpx", "skip_reason": "Dependency not found on PyPI and could not be audited: httpx"}
FLAWED = {
    "name": "httpx",
    "version": "0.1",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["0.2", "0.3"]}, {"id": "PYSEC-2", "fix_versions": []}],
}


def test_a_known_vulnerability_fails_and_is_named_with_its_remedy() -> None:
    status, told = verdict([CLEAN, FLAWED], SHIPPED)
    assert status == 1
    assert "2 of 2 packages looked up, 2 known vulnerabilities" in told
    assert "httpx 0.1: PYSEC-1, fixed in 0.2, 0.3" in told
    assert "httpx 0.1: PYSEC-2, fixed in no release" in told


def test_a_clean_audit_says_how_many_were_looked_up() -> None:
    assert verdict([CLEAN, UNKNOWN], SHIPPED) == (0, "1 of 2 packages looked up, 0 known vulnerabilities")


def test_an_audit_in_which_nothing_was_looked_up_is_no_audit() -> None:
    status, told = verdict([UNKNOWN], SHIPPED)
    assert status == 2
    assert told.startswith("NOT AUDITED: no advisory service answered (Dependency not found on PyPI")


def test_a_package_that_is_not_shipped_does_not_count() -> None:
    other = {"name": "pytest", "version": "9", "vulns": [{"id": "X", "fix_versions": []}]}
    assert verdict([other, CLEAN], SHIPPED)[0] == 0
