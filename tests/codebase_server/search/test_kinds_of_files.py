"""Code is asked for: what was built from it, shows it, declares it or tells of it stands behind it."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.retrieval.memory import MemoryCorpus, parse

from codebase_server.embed.static import StaticEmbedder
from codebase_server.search.engine import Engine
from codebase_server.search.query import understand
from codebase_server.search.rank.facts import path_facts
from codebase_server.search.rank.features import NAMES
from codebase_server.search.request import SearchRequest

SOURCE = """
export function retryTasks(tasks, attempts) {
  const left = tasks.filter(task => !task())
  return left
}
"""
NEARER = """
/** Failed tasks, and how each is retried. */
export function retryTasks(tasks) {
  const failed = tasks.filter(task => task.failed)
  failed.forEach(task => task.retry())
  return failed
}
"""
DECLARED = """
/** Failed tasks, and how each is retried. */
export declare function retryTasks(
  tasks: Task[],
  attempts: number,
): Task[]
"""
PAGE = "# Failed tasks\n\nRetry tasks that failed: of failed tasks, and of how each is retried.\n"
OTHERS = {
    f"lib/{name}.js": f"export function {name}(values) {{\n  const rest = values.slice(1)\n  return rest\n}}"
    for name in ("paint", "weigh", "greet", "fold")
}
TOPIC = "how failed tasks are retried"


def corpus_of(root: Path, files: dict[str, str]) -> MemoryCorpus:
    for path, text in {**OTHERS, **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return MemoryCorpus(parse(root), StaticEmbedder.shipped())


def first(corpus: MemoryCorpus, question: str) -> str:
    answer = Engine().search(corpus, SearchRequest(question), StaticEmbedder.shipped())
    return answer.results[0].file_path


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("dist/tasks.js", NEARER),
        ("lib/tasks.bundle.js", NEARER),
        ("vendor/other/tasks.js", NEARER),
        ("examples/tasks.js", NEARER),
        ("docs/assets/tasks.js", NEARER),
        ("src/Snippets/tasks.js", NEARER),
        ("types/tasks.d.ts", DECLARED),
        ("docs/tasks.md", PAGE),
    ],
)
def test_the_source_stands_before_what_is_beside_it(tmp_path: Path, path: str, text: str) -> None:
    beside = corpus_of(tmp_path / "beside", {"lib/tasks.js": SOURCE, path: text})
    assert first(beside, TOPIC) == "lib/tasks.js"


def test_among_sources_the_nearer_one_is_first(tmp_path: Path) -> None:
    """What stands behind in the test above does so for its place alone."""
    corpus = corpus_of(tmp_path, {"lib/tasks.js": SOURCE, "kit/tasks.js": NEARER})
    assert first(corpus, TOPIC) == "kit/tasks.js"


@pytest.mark.parametrize(
    ("question", "path", "kind"),
    [
        ("examples of retried tasks", "examples/tasks.js", "examples"),
        ("snippets for retried tasks", "src/snippets/tasks.js", "examples"),
        ("guide to retried tasks", "docs/tasks.md", "docs"),
        ("vendored code that retries tasks", "vendor/tasks.js", "vendored"),
        ("tests of retried tasks", "tests/tasks.js", "tests"),
    ],
)
def test_nothing_is_held_against_what_is_asked_for(
    tmp_path: Path, question: str, path: str, kind: str
) -> None:
    text = PAGE if path.endswith(".md") else NEARER
    corpus = corpus_of(tmp_path, {"lib/tasks.js": SOURCE, path: text})

    def marked(asked: str) -> bool:
        request = SearchRequest(asked)
        found = Engine().candidates(corpus, understand(asked), StaticEmbedder.shipped(), request)
        return bool(found.features[:, NAMES.index(kind)].any())

    assert marked(TOPIC)
    assert not marked(question)


def test_prose_among_examples_is_prose(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, {"examples/tasks.md": PAGE, "docs/tasks.md": PAGE})
    found = Engine().candidates(corpus, understand(TOPIC), StaticEmbedder.shipped(), SearchRequest(TOPIC))
    assert found.features[:, NAMES.index("docs")].sum() == 2
    assert not found.features[:, NAMES.index("examples")].any()


@pytest.mark.parametrize(
    "path", ["doc/man.go", "src/snippet/session.ts", "lib/distance/dist.js", "bundle.js"]
)
def test_packages_of_such_names_are_sources(path: str) -> None:
    facts = path_facts(path)
    assert not facts.vendored
    assert not facts.examples
