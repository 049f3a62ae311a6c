"""The development questions, asked of trees indexed in memory or of any other searcher."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import mean

from bench.retrieval.dataset import Question
from bench.retrieval.measures import BUDGETS, Place, ndcg, recall_within

Searcher = Callable[[str, str], Sequence[Place]]
"""From a repository's name and a question to the results, best first."""


@dataclass(slots=True)
class Report:
    """Scores of one run, question by question."""

    rows: list[tuple[Question, float, list[float]]] = field(default_factory=list)

    def mean_of(self, keep: Callable[[Question], bool] = lambda _: True) -> float:
        """NDCG@10 over the questions kept."""
        return mean(score for question, score, _ in self.rows if keep(question))

    def by(self, key: Callable[[Question], str]) -> dict[str, float]:
        """NDCG@10 for each value of ``key``."""
        groups: dict[str, list[float]] = defaultdict(list)
        for question, score, _ in self.rows:
            groups[key(question)].append(score)
        return {name: mean(scores) for name, scores in sorted(groups.items())}

    def recall(self) -> list[float]:
        """Mean recall within each of `BUDGETS`."""
        return [mean(row[2][i] for row in self.rows) for i in range(len(BUDGETS))]

    def table(self) -> str:
        """The report as people read it."""
        lines = [f"NDCG@10                 {self.mean_of():.4f}  ({len(self.rows)} questions)"]
        lines += [f"  {name:<20}  {score:.4f}" for name, score in self.by(lambda q: q.category).items()]
        lines.append(f"  no shared word        {self.mean_of(lambda q: q.shares_no_word):.4f}")
        lines += [f"  {name:<20}  {score:.4f}" for name, score in self.by(lambda q: q.language).items()]
        shown = "  ".join(f"{b}: {r:.3f}" for b, r in zip(BUDGETS, self.recall(), strict=True))
        lines.append(f"recall within tokens    {shown}")
        return "\n".join(lines)


def run(questions: Sequence[Question], searcher: Searcher) -> Report:
    """Ask every question and score the answers."""
    report = Report()
    for question in questions:
        places = searcher(question.repository, question.text)
        recall = [recall_within(places, question.targets, budget) for budget in BUDGETS]
        report.rows.append((question, ndcg(places, question.targets), recall))
    return report
