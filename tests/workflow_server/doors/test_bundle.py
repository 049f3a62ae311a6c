"""The board as one file: everything in it, nothing asked from elsewhere."""

from __future__ import annotations

import re

import pytest

from workflow_server.doors.board import bundle


def test_every_module_is_in_the_file_once_and_behind_what_it_imports() -> None:
    page = bundle.bundled()
    modules = {path.relative_to(bundle.PAGE).as_posix() for path in bundle.PAGE.rglob("*.js")}
    made = re.findall(r"^const (module_\d+) = \(\(\) => \{$", page, re.MULTILINE)
    assert len(made) == len(set(made)) == len(modules), "a module that nothing imports is dead"
    for match in re.finditer(r"= (module_\d+);$", page, re.MULTILINE):
        declared = page.index(f"const {match[1]} = (() =>")
        assert declared < match.start()


def test_nothing_is_asked_from_outside() -> None:
    page = bundle.bundled()
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=", page)
    assert "@import" not in page
    assert not re.search(r"^\s*(import|export)\b", page, re.MULTILINE)
    assert page.count("</script>") == 1
    assert 'data-data="host"' in page


def test_a_module_of_another_style_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("page")
    for name in ("index.html", "style.css"):
        (folder / name).write_text((bundle.PAGE / name).read_text())
    monkeypatch.setattr(bundle, "PAGE", folder)
    for source, told in (
        ('import everything from "./x.js";\n', "import or export"),
        ("export default 1;\n", "import or export"),
    ):
        (folder / "main.js").write_text(source)
        with pytest.raises(ValueError, match=told):
            bundle.bundled.__wrapped__()
    (folder / "main.js").write_text('import { a } from "./other.js";\n')
    (folder / "other.js").write_text('import { b } from "./main.js";\nexport const a = 1;\n')
    with pytest.raises(ValueError, match="circle"):
        bundle.bundled.__wrapped__()
