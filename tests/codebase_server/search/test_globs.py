"""Path globs match as people expect of them."""

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codebase_server.search.globs import compile_glob


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*.py", "a.py", True),
        ("*.py", "deep/down/a.py", True),
        ("src/*.py", "src/a.py", True),
        ("src/*.py", "src/b/a.py", False),
        ("src/*", "src/a.py", True),
        ("src/*", "src/b/a.py", False),
        ("src/b*/", "src/bc/a.py", True),
        ("src/**/*.py", "src/a.py", True),
        ("src/**/*.py", "src/b/c/a.py", True),
        ("src/**", "src/b/c/a.py", True),
        ("**/test_*", "tests/x/test_a.py", True),
        ("src", "src/a.py", True),
        ("src/", "src/b/a.py", True),
        ("src/", "src", False),
        ("src/b", "src/bad.py", False),
        ("./src/a.py", "src/a.py", True),
        ("/src/a.py", "src/a.py", True),
        ("SRC/a.py", "src/a.py", False),
        ("*.{ts,tsx}", "web/app.tsx", True),
        ("*.{ts,tsx}", "web/app.tsxx", False),
        ("[ab].py", "b.py", True),
        ("[!ab].py", "b.py", False),
        ("a?c.py", "a/c.py", False),
        ("a[/]c.py", "a/c.py", False),
        ("a.py", "aXpy", False),
        ("(x)+.py", "(x)+.py", True),
        ("src\\win\\*.c", "src/win/fs.c", True),
        ("app/[id]/page.tsx", "app/[id]/page.tsx", True),
        ("app/[id]", "app/[id]/page.tsx", True),
        ("app/[[server]]/@[account]/[status].vue", "app/[[server]]/@[account]/[status].vue", True),
        ("app/[[server]]/**/*.vue", "app/[[server]]/a/b.vue", True),
        ("[...slug].ts", "src/[...slug].ts", True),
        ("!app/[id]", "app/[id]/page.tsx", False),
        ("app/[id]/page.tsx", "app/i/page.tsx", True),
        ("app/[id]/page.tsx", "app/[x]/page.tsx", False),
        ("{{name}}/*.py", "{{name}}/a.py", True),
        ("{{name}}/*.py", "x{{name}}/a.py", False),
    ],
)
def test_a_glob_matches_a_path(pattern: str, path: str, matches: bool) -> None:
    assert bool(compile_glob(pattern).match(path)) is matches


@pytest.mark.parametrize(("pattern", "missing"), [("a[b", "]"), ("*.{py", "}")])
def test_an_unclosed_glob_says_what_is_missing(pattern: str, missing: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"without a '{missing}'")):
        compile_glob(pattern)


@given(
    st.lists(st.sampled_from(["a", "-", "[id]", "[[x]]", "{{y}}", "[...z]", "(g)", "/"]), min_size=1).map(
        "".join
    )
)
def test_a_path_with_closed_brackets_matches_itself(path: str) -> None:
    cleaned = path.strip("/")
    assert not cleaned or compile_glob(cleaned).match(cleaned)


@given(st.text(alphabet="ab/.-_+()$^é ", min_size=1, max_size=20).filter(lambda s: s.strip("/.")))
def test_a_path_without_wildcards_matches_itself(path: str) -> None:
    cleaned = "/".join(part for part in path.split("/") if part not in ("", "."))
    assert compile_glob(cleaned).match(cleaned)


@given(st.text(alphabet="ab*?[]{},!/^-", max_size=12))
def test_any_pattern_is_read_or_refused_as_a_value_error(pattern: str) -> None:
    with contextlib.suppress(ValueError):
        compile_glob(pattern).match("a/b")


def test_a_dash_twice_in_a_set_is_a_dash() -> None:
    assert compile_glob("[?-?--]").match("-")


@pytest.mark.parametrize("pattern", ["**/*.test.ts", "src", "src/**", "*.md", "lib/"])
@pytest.mark.parametrize("path", ["src/a.test.ts", "src/a.ts", "lib/b.ts", "README.md"])
def test_a_pattern_behind_an_exclamation_mark_matches_every_path_but_its_own(pattern: str, path: str) -> None:
    assert bool(compile_glob(f"!{pattern}").fullmatch(path)) != bool(compile_glob(pattern).fullmatch(path))
    assert bool(compile_glob(f"!{pattern}").match(path)) != bool(compile_glob(pattern).match(path))


SEVERAL = "packages/**/*.{ts,tsx}, docs ,!**/__tests__/**,!*.d.ts"


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        (SEVERAL, "packages/query/src/a.ts", True),
        (SEVERAL, "docs/guide.md", True),
        (SEVERAL, "packages/query/__tests__/a.ts", False),
        (SEVERAL, "packages/query/src/a.d.ts", False),
        (SEVERAL, "src/a.ts", False),
        ("!docs,!*.lock", "src/a.ts", True),
        ("!docs,!*.lock", "docs/a.md", False),
        ("!docs,!*.lock", "uv.lock", False),
        ("a[,]b.py", "a,b.py", True),
        ("a[,]b.py", "b.py", False),
        ("a,b.py", "a,b.py", True),
        ("a,b.py", "b.py", True),
        ("src,", "src/a.py", True),
    ],
)
def test_of_several_globs_one_matches_and_none_that_leaves_out(
    pattern: str, path: str, matches: bool
) -> None:
    assert bool(compile_glob(pattern).match(path)) is matches
    assert bool(compile_glob(pattern).fullmatch(path)) is matches
