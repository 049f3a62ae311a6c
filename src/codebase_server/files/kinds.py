"""What a file is for, by its path: code, tests, docs or config; vendored or not."""

from __future__ import annotations

import re

from codebase_server.files.languages import PROSE_LANGUAGES, language_of
from codebase_server.records import FileKind

_CONFIG_LANGUAGES = frozenset(
    "json json5 yaml toml ini properties hcl kdl xml gitignore gomod csv dockerfile make cmake just"
    " batch diff xcode".split()
)

_TEST_FOLDERS = frozenset(
    "test tests testing spec specs __tests__ __test__ __mocks__ __snapshots__ testdata test-data"
    " test_data fixtures e2e integration-tests integration_tests androidtest unittest unittests testsuite"
    " tst".split()
)

_TEST_FOLDER = re.compile(r"(?:.+[-_.])?(?:tests?|specs?)$|(?:test|spec)[-_.].+$")

_TEST_NAME = re.compile(
    r"test_.+|tests?|conftest|.+[-_.](?:tests?|spec|specs|test-d|e2e|cy)|(?:unit|integration|e2e)[-_]tests?"
)

_TEST_NAME_CASED = re.compile(
    r".*[a-z0-9](?:Tests?|Spec|Specs|IT|TestCase|TestSuite|TestBase)|Tests?[A-Z].*|Spec[A-Z].*"
)

_VENDORED_FOLDERS = frozenset(
    "vendor vendored _vendor third_party third-party thirdparty 3rdparty 3rd-party node_modules"
    " bower_components jspm_packages pods carthage godeps extern externals submodules site-packages".split()
)


def kind_of(path: str, language: str) -> FileKind:
    """What a file is for.

    Prose is ``docs`` wherever it lies; what lies in a test folder or is named
    like a test is ``tests``; data and build formats are ``config``.
    """
    if language in PROSE_LANGUAGES:
        return "docs" if language != "text" or not _in_tests(path) else "tests"
    if _in_tests(path):
        return "tests"
    return "config" if language in _CONFIG_LANGUAGES else "code"


def may_hold_names(path: str) -> bool:
    """Whether a file may define or call anything, by its path: no lock file, no data, no prose."""
    language = language_of(path)
    return language != "unknown" and language not in PROSE_LANGUAGES | _CONFIG_LANGUAGES


def _in_tests(path: str) -> bool:
    *folders, name = path.split("/")
    for folder in folders:
        lowered = folder.lower()
        if lowered in _TEST_FOLDERS or _TEST_FOLDER.fullmatch(lowered):
            return True
        if folder.endswith(("Tests", "Test")):  # Xcode and .NET projects: AppTests/, App.UnitTests/
            return True
    if name.lower().endswith(".bats"):
        return True
    stem = name.rpartition(".")[0] or name
    return _TEST_NAME.fullmatch(stem.lower()) is not None or _TEST_NAME_CASED.fullmatch(stem) is not None


def is_vendored(path: str) -> bool:
    """Whether a file lies in a folder where projects keep copies of other people's code."""
    folders = path.lower().split("/")[:-1]
    return not _VENDORED_FOLDERS.isdisjoint(folders) or folders[:1] == ["external"]
