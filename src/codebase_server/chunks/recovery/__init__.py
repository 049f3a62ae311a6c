"""Files that do not parse, read in pieces: what a grammar does not understand then costs one definition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codebase_server.chunks.recovery import by_indentation, by_margin

if TYPE_CHECKING:
    from tree_sitter import Tree

    from codebase_server.chunks.items import Item
    from codebase_server.chunks.spec import Spec


def recovered(spec: Spec, language: str, data: bytes, whole: Tree, items: list[Item]) -> list[Item]:
    """The definitions of a file whose tree has errors, read in pieces where that finds more of them.

    :param items: what the tree of the whole file gave.
    """
    if spec.margin:
        apart = by_margin.items_apart(spec, data)
        return apart if len(apart) > len(items) else items
    if language in by_indentation.LANGUAGES:
        apart = by_indentation.items_apart(spec, data, whole, items)
        return apart if by_indentation.gains(apart, items) else items
    return items
