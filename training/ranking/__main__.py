"""Make the ranker's weights, beside the shipped model or beside one that reads texts.

    python -m training.ranking --corpus FOLDER                                    # weights.json
    python -m training.ranking --corpus FOLDER --embedder minilm --vectors FILE   # weights_of_texts.json
    python -m training.ranking --keep FILE                                        # what was added since FILE
    python -m training.ranking --keep FILE --written FOLDER                       # what kinds of files weigh
    python -m training.ranking --keep FILE --written FOLDER --topics              # what all weighs (topics)

The third holds the weights of FILE, and learns from the development queries what features weigh that it
lacks; the fourth, what tests, documents, examples and the like weigh more, from these and from the topics
written for the checkouts (owner+name) in FOLDER; the fifth, from the same, what all features weigh for
topics, pulled towards what they weighed. All three learn calibrations anew. The second embeds some
180,000 chunks: an hour or more on two cores, seconds where the model finds an accelerator. ``--vectors``
keeps their vectors for the next time.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from bench.retrieval import dataset, embedders

from codebase_server.search.rank import model
from codebase_server.search.rank.features import NAMES
from codebase_server.search.rank.model import WEIGHTS, WEIGHTS_OF_TEXTS
from training.ranking import added, calibrating, interplay, learning
from training.ranking.examples import Example
from training.ranking.gathering import MORE_SENTENCES, Development, Gathering

PLACE = Path("src/codebase_server/search/rank")
LISTED = "weights_repositories.txt"
MORE_LISTED = "more_repositories.txt"
"""Repositories that the weights beside a model that reads texts are learnt from as well."""
MORE_SHARE = 0.28
"""What a sentence or a name weighs when there are those of both lists: together as much as those of one."""


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m training.ranking",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--data", type=Path, default=Path("../shared/retrieval"), help="queries.json, trees.tar.xz"
    )
    parser.add_argument("--trees", type=Path, help="the trees unpacked, or where to unpack them")
    parser.add_argument("--corpus", type=Path, help="checkouts as owner+name")
    parser.add_argument("--keep", type=Path, help="weights to hold: only what they lack is learnt")
    parser.add_argument("--written", type=Path, help="with --keep: checkouts that topics were written for")
    parser.add_argument("--topics", action="store_true", help="with --written: all weights on topics move")
    parser.add_argument("--cache", type=Path, help="folder to keep parsed trees in, for the next time")
    parser.add_argument("--embedder", default="static", help="static, minilm, sentence-transformers:NAME")
    parser.add_argument(
        "--vectors", type=Path, help="file that keeps the vectors of a model that reads texts"
    )
    parser.add_argument("--folds", type=int, default=5, help="for the figures; 0 only writes the weights")
    parser.add_argument("--out", type=Path, help="where the weights go [into the package]")
    given = parser.parse_args()
    if (given.corpus is None) == (given.keep is None):
        parser.error("name either --corpus, to learn everything, or --keep, to learn what was added")
    if given.topics and (given.keep is None or given.written is None):
        parser.error("--topics is learnt beside weights that are kept, from written topics as well")
    gathering = Gathering(embedders.load(given.embedder, given.vectors), given.cache)
    with tempfile.TemporaryDirectory() as spare:
        trees = dataset.unpack_trees(given.data, given.trees or Path(spare))
        asked = gathering.development(given.data, trees)
        without = Gathering(None, given.cache).development(given.data, trees)
    if given.keep is not None:
        _add(given, asked, without, [] if given.written is None else gathering.written(given.written))
        return
    own = asked.own
    docs, names, drawn, more = _mined(gathering, given.corpus, LISTED)
    also: list[Example] = []
    shape = interplay.NARROW
    if given.embedder != "static":
        more_docs, more_names, more_drawn, still_more = _mined(gathering, given.corpus, MORE_LISTED)
        docs, names = _lighter(docs), _lighter(names)
        also, shape = [*_lighter(more_docs), *_lighter(more_names)], interplay.WIDE
        more += still_more
        drawn += more_drawn
    unseen, unseen_names, unseen_drawn = gathering.mined(given.corpus, "evaluation_repositories.txt")
    print(
        f"{len(own)} development queries, {len(docs)} and {len(more)} doc sentences, "
        f"{len(names)} and {len(asked.drawn) + len(drawn)} names, "
        f"{len(unseen)} more doc sentences to measure",
        file=sys.stderr,
    )
    everything = [*(e for e in own if not e.is_symbol), *asked.unknown, *docs, *names]
    named = [*(e for e in own if e.is_symbol), *asked.drawn, *drawn]
    learnt = learning.learn([*everything, *also], more, shape, named)

    def by_all(example: Example) -> tuple[learning.Learnt, calibrating.Table]:
        return learnt, learnt.scores(example)

    print(learning.report(own, by_all, "On what was learnt from (too good):"))
    if unseen:
        kept = "On repositories kept for measuring:"
        print(learning.report([*unseen, *unseen_names], by_all, kept))
        print(learning.report_names(unseen_drawn, by_all, kept))
    seen = calibrating.Evidence(own, asked.foreign, by_all)
    w = calibrating.fit(seen)
    chances = 1 / (1 + np.exp(-seen.rows @ w))
    by_words = calibrating.Evidence(without.own, without.foreign, by_all)
    content = learning.as_json(
        learnt,
        calibrating.as_json(seen, w),
        calibrating.as_json(by_words, calibrating.fit(by_words)),
        gathering.embedder.model_id if gathering.embedder is not None else "",
    )
    out = given.out or PLACE / (WEIGHTS if given.embedder == "static" else WEIGHTS_OF_TEXTS)
    out.write_text(json.dumps(content, indent=1) + "\n")
    if given.folds:
        scored = learning.left_out(everything, given.folds, more, also, shape, named)

        def by_others(example: Example) -> tuple[learning.Learnt, calibrating.Table]:
            return scored[id(example)]

        left = "Each with its repository left out:"
        judged = [*own, *docs, *names]
        print(learning.report(judged, by_others, left))
        print(learning.report_names(named, by_others, left))
        chances = calibrating.left_out(seen, given.folds)
    _tell_meaning(seen, chances)


def _add(given: argparse.Namespace, asked: Development, without: Development, written: list[Example]) -> None:
    """Learn what `--keep` lacks, with written topics what kinds of files weigh; and what scores mean then."""
    content = json.loads(given.keep.read_text(encoding="utf-8"))
    names = added.lacking(content)
    if given.topics:
        content = added.widened(content)
        _of_topics(content, asked.own, written, set(NAMES) - set(names), given.folds)
        names = []
    elif written:
        _of_kinds(content, asked.own, written, given.folds)
    content = added.widened(content)
    learnt = added.fit(asked.own, _ranker(content), names) if names else ()
    for name, weight in zip(names, learnt, strict=True):
        content["topic"][name] = round(float(weight), 4)
        print(f"{name}: {weight:.4f}")
    kept = _ranker(content)

    def by_kept(example: Example) -> tuple[added.Kept, calibrating.Table]:
        return kept, kept.scores(example)

    seen = calibrating.Evidence(asked.own, asked.foreign, by_kept)
    by_words = calibrating.Evidence(without.own, without.foreign, by_kept)
    content["calibration"] = calibrating.as_json(seen, calibrating.fit(seen))
    content["calibration_by_words"] = calibrating.as_json(by_words, calibrating.fit(by_words))
    out = given.out or PLACE / (WEIGHTS if given.embedder == "static" else WEIGHTS_OF_TEXTS)
    out.write_text(json.dumps(content, indent=1) + "\n")
    print(learning.report(asked.own, by_kept, "On what was learnt from (too good):"))
    if given.folds:
        _tell_meaning(seen, calibrating.left_out(seen, given.folds))


def _of_topics(
    content: dict[str, Any], own: list[Example], written: list[Example], firm: set[str], folds: int
) -> None:
    """Learn what `added.MOVED` weigh more for topics than ``content`` has it, and add it there."""
    kept, every = _ranker(content), [*own, *written]
    if folds:
        others = added.left_out(every, kept, added.MOVED, folds, for_topics_alone=True, firm=firm)
        _report_left_out(others, own, written, "the additions")
    learnt = added.fit(every, kept, added.MOVED, firm=firm)
    for name, weight in zip(added.MOVED, learnt.tolist(), strict=True):
        print(f"{name}: {content['topic'][name]:.4f} {weight:+.4f}")
        content["topic"][name] = round(content["topic"][name] + weight, 4)


def _report_left_out(
    others: dict[int, added.More], own: list[Example], written: list[Example], what: str
) -> None:
    def by_others(example: Example) -> tuple[added.More, calibrating.Table]:
        return others[id(example)], others[id(example)].scores(example)

    for asked, whose in ((own, "Development queries"), (written, "Written topics")):
        print(learning.report(asked, by_others, f"{whose}, {what} learnt without the repository:"))


def _of_kinds(content: dict[str, Any], own: list[Example], written: list[Example], folds: int) -> None:
    """Learn what kinds of files weigh more than ``content`` has it, and add it there."""
    kept, every = _ranker(content), [*own, *written]
    if folds:
        others = added.left_out(every, kept, added.KINDS, folds)
        _report_left_out(others, own, written, "the kinds")
    learnt = added.fit(every, kept, added.KINDS, for_topics_alone=False)
    for name, weight in zip(added.KINDS, learnt.tolist(), strict=True):
        print(f"{name}: {weight:+.4f}")
        for manner in ("topic", "description"):
            content[manner][name] = round(content[manner][name] + weight, 4)


def _ranker(content: dict[str, Any]) -> added.Kept:
    return added.Kept(model.from_json(content))


def _tell_meaning(seen: calibrating.Evidence, chances: calibrating.Table) -> None:
    best = seen.first
    error = calibrating.calibration_error(chances[best], seen.yes[best], seen.weight[best])
    apart = calibrating.auroc(chances[best], seen.own[best])
    print(f"own or another's question, AUROC of the best score: {apart:.3f}")
    print(f"expected calibration error of the best score: {error:.3f}")


def _mined(
    gathering: Gathering, corpus: Path, names: str
) -> tuple[list[Example], list[Example], list[Example], list[Example]]:
    """Doc sentences, names of both kinds, and the sentences beyond `SENTENCES` a repository of a list."""
    middling = names == MORE_LISTED
    docs, named, defined = gathering.mined(corpus, names, middling=middling)
    known = {(e.group, e.text) for e in docs}
    many, _, _ = gathering.mined(corpus, names, MORE_SENTENCES, middling=middling)
    return docs, named, defined, [e for e in many if (e.group, e.text) not in known]


def _lighter(examples: list[Example]) -> list[Example]:
    return [replace(example, weight=MORE_SHARE * example.weight) for example in examples]


if __name__ == "__main__":
    main()
