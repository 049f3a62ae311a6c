"""The roots of one repository database at their generations, made ready for questions once and remembered."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bridge.agreed import limits
from codebase_server.search.candidates import lexical
from codebase_server.search.candidates.in_memory import VectorsInMemory, vectors_in_memory
from codebase_server.search.candidates.reader import SegmentReader
from codebase_server.search.candidates.vectors import Vectors, newest_block
from codebase_server.search.candidates.whole_files import FileVectors
from codebase_server.search.corpus import Corpus
from codebase_server.search.rank.standing import Standing, standing
from codebase_server.search.rank.versions import Versions
from codebase_server.search.rank.vocabulary import vocabulary
from codebase_server.search.views import Gather, RootView, next_table, next_text

SMALL = 4_000
"""Chunks of a root of which all that no question changes is worked out with the first one: it takes 20 ms for
a thousand and is kept in 100 bytes each. In a larger root each question does it for its own candidates."""

MOST_MET = 80_000
"""Names that are met before anybody asks for them: some 40 MB."""

_VIEWS_KEPT = 2

LARGE = 20_000
"""Chunks of a root from which work on the whole of it leaves much freed memory behind."""


class Roots:
    """Gives views of the roots and what is known of their versions. Thread-safe."""

    def __init__(self, gather: Gather = vectors_in_memory) -> None:
        self.reader = SegmentReader()
        self._gather = gather
        self._views: OrderedDict[tuple[str, str, str], RootView] = OrderedDict()
        self._versions: Versions | None = None
        self._database = ""
        self._lock = threading.Lock()
        self._making = threading.Lock()

    def view(self, corpus: Corpus, model: str) -> RootView:
        """The root at the corpus's generation, from memory if it was asked before.

        Who needs no vectors (``model`` empty) is given a view with those of whatever model was asked for.
        """
        self._follow(corpus.database)
        segments = self.reader.segments(corpus.connection)
        block = newest_block(corpus.connection, model) if model else 0
        key = (corpus.root, corpus.generation, model)
        known = self._known(key, segments, block)
        return known or self._made(corpus, model, key, segments, block)

    def holds(self, root: str, model: str) -> bool:
        """Whether a root was read at any generation, from which another is soon made."""
        with self._lock:
            return any(key[0] == root and model in ("", key[2]) for key in self._views)

    def _known(self, key: tuple[str, str, str], segments: tuple[int, ...], block: int) -> RootView | None:
        with self._lock:
            known = self._views.get(key)
            if known is None and not key[2]:
                known = next((view for other, view in self._views.items() if other[:2] == key[:2]), None)
        if known is None or known.segments != segments or (key[2] and known.block != block):
            return None
        return known

    def _made(
        self,
        corpus: Corpus,
        model: str,
        key: tuple[str, str, str],
        segments: tuple[int, ...],
        block: int,
    ) -> RootView:
        """A view from an earlier generation's, or from nothing; who wants the same waits for it."""
        with self._making:
            known = self._known(key, segments, block)
            if known is not None:
                return known
            with self._lock:
                earlier = [
                    item for item in self._views.items() if item[0][0] == key[0] and model in ("", item[0][2])
                ]
            made = None
            for (_, generation, _), view in reversed(earlier):
                touched = corpus.touched_since(generation)
                if touched is not None:
                    made = self._stepped(corpus, model, view, touched, segments, block)
                    break
            if made is None:
                made = self._read(corpus, model, segments, block)
            made = self._with_standing(made, corpus)
            self._keep(key, made)
            return made

    def _with_standing(self, view: RootView, corpus: Corpus) -> RootView:
        """The view with what questions take of its chunks, if it is small."""
        table = view.table
        if len(table.live) > SMALL:
            return view
        versions, every = self.versions_known(), np.arange(len(table.live))
        return replace(
            view, standing=standing_of(view, every, table.file_of, range(len(table.paths)), versions, corpus)
        )

    def _read(self, corpus: Corpus, model: str, segments: tuple[int, ...], block: int) -> RootView:
        table = corpus.table()
        headers = self.reader.headers(corpus.connection, segments)
        text = lexical.text_view(table.live, table.file_of, len(table.paths), headers)
        vectors = self._gather(corpus.connection, model, table.live) if model else None
        if len(table.live) > LARGE:
            limits.give_back_memory()
        whole = FileVectors(vectors, table) if vectors is not None else None
        return RootView(table, text, vectors, segments, block, whole_files=whole)

    def meet(self, corpus: Corpus, model: str, most: int) -> bool:
        """Meet up to ``most`` names or paths of a root that no question has met; whether any are left.

        Questions are then spared what they would otherwise have to work out first.
        """
        view = self.view(corpus, model)
        table = view.table
        versions = self.versions_known()
        words = versions.vocabulary
        unmet = versions.unmet(table.live)
        if len(unmet) and len(words) < MOST_MET:
            versions.rows(unmet[:most], corpus.facts)
            return True
        for start in range(0, min(len(table.paths), MOST_MET), most):
            with words.lock:
                if words.meet_paths(table.paths[start : start + most]):
                    return True
        return view.whole_files is not None and view.whole_files.meet()

    def _follow(self, database: str) -> None:
        """Forget everything when the database is another one: its segments and versions are numbered anew."""
        with self._lock:
            if database == self._database:
                return
            if self._database:
                self.reader = SegmentReader()
                self._views.clear()
                self._versions = None
            self._database = database

    def _keep(self, key: tuple[str, str, str], view: RootView) -> None:
        with self._lock:
            self._views.pop((*key[:2], ""), None)  # the same, without vectors
            self._views[key] = view
            self._views.move_to_end(key)
            while len(self._views) > _VIEWS_KEPT:
                # an older generation of this root goes before the only one of another
                own = (other for other in self._views if other[::2] == key[::2] and other != key)
                del self._views[next(own, next(iter(self._views)))]

    def _stepped(
        self,
        corpus: Corpus,
        model: str,
        view: RootView,
        touched: Sequence[str],
        segments: tuple[int, ...],
        block: int,
    ) -> RootView:
        """The view of a later generation: what the touched files did not change is taken over."""
        connection = corpus.connection
        table, moved = next_table(view.table, touched, corpus.files(touched))
        text = next_text(view.text, table, moved, self.reader.headers(connection, segments))
        vectors: Vectors | None = None
        if model and isinstance(view.vectors, VectorsInMemory):
            vectors = view.vectors.stepped(connection, model, table.live, moved.to, moved.added, view.block)
        if model and vectors is None:
            vectors = self._gather(connection, model, table.live)
        whole = FileVectors(vectors, table) if vectors is not None else None
        return RootView(table, text, vectors, segments, block, whole_files=whole)

    def versions_known(self) -> Versions:
        """What is known of the names of versions; begun anew with the vocabulary that it is in numbers of."""
        with self._lock:
            if self._versions is None or self._versions.vocabulary is not vocabulary():
                self._versions = Versions(vocabulary())
                for key, view in self._views.items():  # numbers of the one before, which can now be let go of
                    self._views[key] = replace(view, standing=None)
            return self._versions


def standing_of(
    view: RootView,
    at: NDArray[np.intp],
    file_of: NDArray[np.integer],
    files: Sequence[int],
    versions: Versions,
    corpus: Corpus,
) -> Standing:
    """Of some chunks of a view; ``file_of`` gives the place of each one's file in ``files``."""
    table = view.table
    return standing(
        versions.vocabulary,
        versions.rows(table.live[at], corpus.facts),
        lines=table.ends[at] - table.starts[at] + 1,
        body_words=view.text.lengths[at, -1],
        file_of=file_of,
        paths=[table.paths[i] for i in files],
        kinds=[table.kinds[i] for i in files],
        tests=table.tests[at],
    )
