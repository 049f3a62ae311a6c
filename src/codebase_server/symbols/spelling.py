"""How else a name may be spelt that no definition bears: joined in another way, or with a word left out."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from codebase_server.store import Snapshot, StoredDefinition
from codebase_server.symbols.postings import Holders
from codebase_server.symbols.wanted import Wanted, letters_of
from codebase_server.terms.identifiers import stem, subwords

MOST_READ: Final = 300
"""Chunks whose names are read for the words of one."""

_MOST_BEGINNING: Final = 5_000
"""Names read that begin with the first word of one."""


def respelt(snapshot: Snapshot, holders: Holders, wanted: Wanted) -> list[tuple[int, StoredDefinition]]:
    """Definitions whose name has the same letters in the same order, and how loosely each fits:
    ``destroyContact`` for ``destroy_contact``, ``destroy-contact`` and ``destroy contact``."""
    letters, words = letters_of(wanted.last), subwords(wanted.last)
    if len(letters) < 2 or not words or wanted.prefix:
        return []
    names = {symbol.rpartition(".")[2] for symbol in holders.symbols_with([[("whole", letters)]], MOST_READ)}
    if not any(letters_of(name) == letters for name in names):  # a field has no chunk of its own
        names = set(snapshot.names_beginning(words[0], _MOST_BEGINNING))
    found: list[tuple[int, StoredDefinition]] = []
    for name in sorted(name for name in names if letters_of(name) == letters):
        other = Wanted((*wanted.segments[:-1], name))
        found += [(fit, one) for one in snapshot.definitions(name) if (fit := other.fit(one)) is not None]
    return found


def holding_its_words(holders: Holders, wanted: Wanted, most: int) -> list[str]:
    """Names that have every word of one, those with the fewest others first: ``verify_notebook_stamp`` for
    ``verify_stamp``."""
    words = [stem(word) for word in subwords(wanted.last)]
    if not words or len("".join(words)) < 4:
        return []
    # ``VCard`` is two words by its case, and one to who remembers it
    symbols = holders.symbols_with([[("word", word), ("pair", word)] for word in words], MOST_READ)
    names = dict.fromkeys(symbol.rpartition(".")[2] for symbol in symbols)
    having = [(len(own), name) for name in names if set(words) <= _parts_of(own := subwords(name))]
    return [name for _, name in sorted(having)[:most]]


def _parts_of(words: list[str]) -> set[str]:
    stems = [stem(word) for word in words]
    return {*stems, *(left + right for left, right in pairwise(stems))}
