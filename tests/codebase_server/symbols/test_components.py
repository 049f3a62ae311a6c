"""A page of Vue, Svelte or Astro is a component, named by its file and the folders that Nuxt joins."""

from __future__ import annotations

import pytest
from tests.codebase_server.symbols.conftest import Indexed

CARD = "<script setup>\nconst size = 1\n</script>\n\n<template>\n  <p>{{ size }}</p>\n</template>\n"
USING = "<template>\n  <StatusCard />\n  <status-card></status-card>\n  <status-card-list />\n</template>\n"
FILES = {
    "components/status/StatusCard.vue": CARD,
    "components/common/CommonTooltip.vue": CARD,
    "components/common/Popup.vue": CARD,
    "components/account/index.vue": CARD,
    "src/lib/door-bell.svelte": CARD,
    "pages/home.vue": USING,
    "logic.ts": "export const statusCard = 1\nconst other = statusCard + 1\n",
}


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("StatusCard", "components/status/StatusCard.vue"),
        ("status-card", "components/status/StatusCard.vue"),
        ("CommonTooltip", "components/common/CommonTooltip.vue"),
        ("CommonPopup", "components/common/Popup.vue"),
        ("common-popup", "components/common/Popup.vue"),
        ("Popup", "components/common/Popup.vue"),
        ("Account", "components/account/index.vue"),
        ("DoorBell", "src/lib/door-bell.svelte"),
    ],
)
def test_a_component_is_the_file_of_its_name(indexed: Indexed, name: str, path: str) -> None:
    first = indexed(FILES).find_symbol(name)["results"][0]
    lines = len(CARD.splitlines())
    assert (first["file_path"], first["symbol_kind"]) == (path, "component")
    assert (first["start_line"], first["end_line"], bool(first["chunk_id"])) == (1, lines, True)


def test_what_has_the_name_in_another_case_comes_behind(indexed: Indexed) -> None:
    answer = indexed(FILES).find_symbol("StatusCard")
    assert [one["file_path"] for one in answer["results"]] == ["components/status/StatusCard.vue", "logic.ts"]
    assert answer["warnings"] == []


def test_a_variable_is_no_component(indexed: Indexed) -> None:
    found = indexed(FILES).find_symbol("statusCard")["results"]
    assert [one["file_path"] for one in found] == ["logic.ts"]


def test_its_usages_are_the_elements_of_templates_in_either_spelling(indexed: Indexed) -> None:
    found = indexed(FILES).find_symbol("StatusCard", usages=True)["usages"]
    assert [(one["file_path"], one["line"], one["likely"]) for one in found] == [
        ("pages/home.vue", 2, True),
        ("pages/home.vue", 3, True),
    ]
