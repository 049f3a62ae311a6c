"""Synthetic work: titles and texts with the word frequencies of prose, a tree, and two blockers an item.

Everything follows from a seed. Words are made of syllables and drawn with
Zipf's frequencies over 8,000 ranks, so that some are in every third item and
most in a few: a search for them is as uneven as in real work.
"""

from __future__ import annotations

import random
from itertools import accumulate, product

from workflow_server.records import NewItem

_SYLLABLES = "ba co di fu ge lo mi nu pa re so ti va xe ka mo ne ru sa to".split()
VOCABULARY = ["".join(syllables) for syllables in product(_SYLLABLES, repeat=3)]
_WEIGHTS = list(accumulate(1 / rank for rank in range(1, len(VOCABULARY) + 1)))
PLAN = 200
"""Items stored in one call while loading."""


class Work:
    """A stream of items. ``known`` takes the ids given to them, so that later ones can name them."""

    def __init__(self, seed: int = 1):
        self._dice = random.Random(seed)
        self.open: list[str] = []
        self.closed: list[str] = []
        self.epics: list[str] = []

    def words(self, count: int) -> str:
        """So many words of text."""
        return " ".join(self._dice.choices(VOCABULARY, cum_weights=_WEIGHTS, k=count))

    def query(self, words: int) -> str:
        """Words as somebody would search for them: of any frequency but the very commonest."""
        return " ".join(self._dice.choice(VOCABULARY[20:2000]) for _ in range(words))

    def item(self) -> NewItem:
        """An item on its own."""
        return {
            "title": self.words(self._dice.randint(4, 8)),
            "description": self.words(self._dice.randint(15, 60)),
            "priority": self._dice.randint(0, 4),
            "labels": [f"label-{self._dice.randint(0, 30)}"],
        }

    def plan(self) -> list[NewItem]:
        """Two hundred items: one epic, half of all finished, each waiting for two earlier ones."""
        items: list[NewItem] = []
        for number in range(PLAN):
            item = self.item()
            if number == 0:
                item["item_type"] = "project"
            elif self._dice.random() < 0.5:
                item["status"] = "completed"
                item["blocked_by"] = self._some(self.closed)
            else:
                item["blocked_by"] = self._some(self.open if self._dice.random() < 0.6 else self.closed)
                if self.epics and self._dice.random() < 0.2:
                    item["parent_id"] = self._dice.choice(self.epics[-20:])
                item["acceptance_criteria"] = [self.words(6), self.words(6)]
            items.append(item)
        return items

    def _some(self, ids: list[str]) -> list[str]:
        return self._dice.sample(ids, 2) if len(ids) >= 2 else []

    def known(self, items: list[NewItem], ids: list[str]) -> None:
        """Remember which ids a plan was given."""
        for item, identifier in zip(items, ids, strict=True):
            if item.get("item_type") == "project":
                self.epics.append(identifier)
            elif item.get("status") == "completed":
                self.closed.append(identifier)
            else:
                self.open.append(identifier)
