"""What workers send is what they made, with the names that it is read by."""

from __future__ import annotations

import pickle
from pathlib import Path

from codebase_server.index.prepare import Preparation, prepare
from codebase_server.records import Definition
from codebase_server.store.batch import PreparedChunk, PreparedFile


def test_a_prepared_file_comes_out_of_a_pipe_as_it_went_in(tmp_path: Path) -> None:
    (tmp_path / "door.py").write_text("import os\n\n\nclass Door:\n    def open(self):\n        return 1\n")
    (made,) = prepare(["door.py"], Preparation(str(tmp_path), embedder="static"))
    sent = pickle.loads(pickle.dumps(made))
    assert isinstance(made, PreparedFile)
    assert isinstance(sent, PreparedFile)
    for name in ("path", "content_hash", "language", "imports", "definitions", "chunks"):
        assert getattr(sent, name) == getattr(made, name)
    assert [one.qualified for one in sent.definitions] == ["Door", "Door.open"]
    assert all(isinstance(one, Definition) for one in sent.definitions)
    assert sent.chunks
    assert all(isinstance(one, PreparedChunk) for one in sent.chunks)
    assert sent.terms.terms.tolist() == made.terms.terms.tolist()
    assert made.vectors is not None
    assert sent.vectors is not None
    assert sent.vectors.tolist() == made.vectors.tolist()
