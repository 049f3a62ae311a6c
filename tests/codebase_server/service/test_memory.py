"""A server that lives long remembers what can be asked for again, and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from codebase_server.service import CodebaseService
from codebase_server.settings import load


def write(root: Path, number: int) -> None:
    functions = (f"def basket_{number}_{part}():\n    return price({number})" for part in range(4))
    (root / f"module_{number % 3}.py").write_text("\n\n\n".join(functions) + "\n")


def test_what_edits_replaced_is_not_kept(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    environment = {"CODEBASE_ROOT": str(root), "CODEBASE_DATA_DIR": str(tmp_path / "data")}
    settings = load({}, {**environment, "CODEBASE_EMBEDDER": "none"}, tmp_path / "none.toml")
    service = CodebaseService(settings, working_folder=tmp_path, environment={})
    try:
        for number in range(60):
            write(root, number)
            service.index_repository()
            found = service.search_code(f"basket {number} price", limit=10)["results"]
            assert any(f"basket_{number}_0" in hit["content"] for hit in found)
        with service.opened(None).index.snapshot() as snapshot:
            live = len(snapshot.live)
        [engine] = service._desk._engines.values()
        kept = engine.pools
        assert live == 12
        assert kept._versions is not None
        met = kept._versions._names
        assert np.count_nonzero(met >= 0) > live, "a few bytes of each version that was met"
        assert met.nbytes <= 4 * 1024
        of_segments = {segment_id for segment_id, _ in kept.reader._blocks} | set(kept.reader._headers)
        assert set(kept.reader._seen) <= of_segments
        assert len(of_segments) <= len(kept.reader._seen) + 4, "what was merged away since the last search"
        assert kept.reader._held == sum(size for _, size in kept.reader._blocks.values())
    finally:
        service.close()
