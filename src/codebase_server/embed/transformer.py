"""Any sentence-transformers model as embedder (the ``transformers`` extra)."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridge.agreed import places
from codebase_server.embed.composition import COMPOSITION, ComposedText
from codebase_server.embed.embedder import EmbedderBusyError, EmbedderError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from codebase_server.terms import QueryTerms, TermDocument

_LET_PASS_S = 0.005
"""How long documents wait before they look whether a question still comes first."""

NAME_SHARE = 0.3
"""What the vector of a chunk's name counts beside that of its code: of .2 to .7 tried, the best."""

_EDGE = 1 << 20
"""Bytes of each end of a model's files that its digest reads: hashing gigabytes would delay every start."""


class TransformerEmbedder:
    """A sentence-transformers model, found at once and loaded when first used.

    Loading imports torch (seconds, hundreds of megabytes), so a server that
    only serves stored answers never does it. Prompts that the model defines for
    questions and for documents are used. Thread-safe: documents are read a
    batch at a time, and a question comes before the next batch.
    """

    needs_texts = True

    def __init__(self, name: str, patience_s: float | None = None) -> None:
        """Find the model ``name``: a folder, or a name of the hub that is in the local cache.

        :param patience_s: see `load`.

        Raises `EmbedderError` if the extra or the model is missing.
        """
        if importlib.util.find_spec("sentence_transformers") is None:
            raise EmbedderError(
                f"The embedder sentence-transformers:{name} needs the package sentence-transformers.",
                "Install tandem-mcp[transformers], or start with --embedder static.",
            )
        self._folder = _folder_of(name)
        self._cut = threading.local()
        self._model: Any = None
        self._lock = threading.Lock()
        self._patience = patience_s
        self._loader: threading.Thread | None = None
        self._asking = 0
        self._count = threading.Lock()
        self.model_id = f"sentence-transformers:{Path(name).name}-{_digest(self._folder)}.{COMPOSITION}"

    @property
    def truncated(self) -> int:
        """See `Embedder.truncated`."""
        return int(getattr(self._cut, "count", 0))

    @property
    def dimensions(self) -> int:
        """Length of a vector. Loads the model."""
        with self._lock:
            return int(self._loaded().get_embedding_dimension())

    def encode_documents(self, documents: Sequence[TermDocument], texts: Sequence[str]) -> NDArray[np.int8]:
        """See `Embedder.encode_documents`; ``documents`` are not read.

        The vector of a `ComposedText` is the mean of its own and its name's, `NAME_SHARE` of the latter: in
        one of a whole function the few words that say what it does are a few of hundreds.
        """
        import numpy as np

        with self._lock:
            model = self._loaded()
            made = np.empty((len(texts), int(model.get_embedding_dimension())), dtype=np.int8)
        # Of like length together: a batch is padded to its longest.
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        size = _batch_size(model)
        for start in range(0, len(order), size):
            batch = order[start : start + size]
            while self._asking:
                time.sleep(_LET_PASS_S)
            with self._lock:
                made[batch] = self._encoded(model, [texts[i] for i in batch])
        return made

    def _encoded(self, model: Any, texts: list[str]) -> NDArray[np.int8]:
        import numpy as np

        self._cut.count = self.truncated + _too_long(model, texts)
        names = [text.name if isinstance(text, ComposedText) else text for text in texts]
        with _short_products(model):
            codes, heads = (
                np.asarray(model.encode_document(some, **_settings(model)), dtype=np.float32)
                for some in (texts, names)
            )
        both = (1 - NAME_SHARE) * codes + NAME_SHARE * heads
        both /= np.maximum(np.linalg.norm(both, axis=1, keepdims=True), 1e-9)
        rounded: NDArray[np.int8] = np.rint(both * 127).astype(np.int8)
        return rounded

    def encode_query(self, text: str, terms: QueryTerms) -> NDArray[np.float32]:
        """See `Embedder.encode_query`; ``terms`` are not read. Raises `EmbedderBusyError`."""
        import numpy as np

        if self._model is None and self._patience is not None:
            self._load_behind(self._patience)
        self._ask(1)
        try:
            if not self._lock.acquire(timeout=-1 if self._patience is None else self._patience):
                raise EmbedderBusyError
            try:
                model = self._loaded()
                vector = model.encode_query([text], **_settings(model))[0]
            finally:
                self._lock.release()
        finally:
            self._ask(-1)
        return np.asarray(vector, dtype=np.float32)

    def _ask(self, more: int) -> None:
        """Count a question in or out. One lost would keep documents waiting for ever."""
        with self._count:
            self._asking += more

    def _load_behind(self, seconds: float) -> None:
        """Load the model in a thread of its own, and wait for it at most so long."""
        if self._loader is None:
            self._loader = threading.Thread(target=self._load_quietly, daemon=True, name="model")
            self._loader.start()
        self._loader.join(seconds)
        if self._loader.is_alive():
            raise EmbedderBusyError

    def _load_quietly(self) -> None:
        with self._lock, contextlib.suppress(EmbedderError):  # the question that follows meets it again
            self._loaded()

    def _loaded(self) -> Any:
        if self._model is None:
            from sentence_transformers import SentenceTransformer

            try:
                self._model = SentenceTransformer(str(self._folder), local_files_only=True)
            except Exception as error:  # whatever torch, transformers or a model's own code raises
                raise EmbedderError(
                    f"The model in {self._folder} cannot be loaded: {error}.",
                    "Give the folder of a sentence-transformers model, or start with --embedder static.",
                ) from error
        return self._model


def _batch_size(model: Any) -> int:
    return 16 if model.device.type == "cpu" else 128


def _settings(model: Any) -> dict[str, Any]:
    return {
        "batch_size": _batch_size(model),
        "normalize_embeddings": True,
        "show_progress_bar": False,
        "convert_to_numpy": True,
    }


def _short_products(model: Any) -> AbstractContextManager[None]:
    """Products of matrices in bfloat16 on a processor with units for them.

    2.4 times the chunks a second of all-MiniLM-L6-v2 on one core; the cosine to the vector in full
    precision is above 0.9999, which is nearer than the rounding to 8 bits leaves it.
    """
    import torch

    able: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    short = model.device.type == "cpu" and bool(able.get("amx_bf16"))
    context: AbstractContextManager[None] = torch.autocast("cpu", dtype=torch.bfloat16, enabled=short)
    return context


def _too_long(model: Any, texts: Sequence[str]) -> int:
    limit = model.max_seq_length
    if limit is None:
        return 0
    lengths = model.tokenizer(list(texts), truncation=False, padding=False, verbose=False)["input_ids"]
    return sum(len(ids) > limit for ids in lengths)


def _folder_of(name: str) -> Path:
    folder = places.expanded(name)
    if folder.is_dir():
        if not ((folder / "modules.json").exists() or (folder / "config.json").exists()):
            raise EmbedderError(
                f"The folder {folder} holds no model: neither modules.json nor config.json.",
                "Give the folder of a sentence-transformers model.",
            )
        return folder
    if folder.is_absolute() or name.startswith((".", "~")):
        raise EmbedderError(
            f"There is no folder {folder}.", "Give the folder of a sentence-transformers model."
        )
    return _from_hub(name)


def _from_hub(name: str) -> Path:
    """The folder of a hub model in the local cache; downloads only where HF_HUB_OFFLINE=0 says so."""
    may_download = os.environ.get("HF_HUB_OFFLINE", "").strip().lower() in ("0", "false", "no", "off")
    from huggingface_hub import snapshot_download

    known = name if "/" in name else f"sentence-transformers/{name}"
    try:
        return Path(snapshot_download(known, local_files_only=not may_download))
    except Exception as error:  # the hub's client raises its own, requests' and the system's errors
        raise EmbedderError(
            f"The model {known} is not on this machine.",
            f"Give its folder, or fetch it once with 'hf download {known}', or set HF_HUB_OFFLINE=0 to let "
            "codebase-server download it, or start with --embedder static.",
        ) from error


def _digest(folder: Path) -> str:
    """Names, sizes and both ends of a model's files: other weights give another digest."""
    state = hashlib.blake2b(digest_size=6)
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix in _READ):
        size = path.stat().st_size
        state.update(f"{path.relative_to(folder).as_posix()}\0{size}\0".encode())
        with path.open("rb") as file:
            state.update(file.read(_EDGE))
            if size > _EDGE:
                file.seek(max(_EDGE, size - _EDGE))
                state.update(file.read(_EDGE))
    return state.hexdigest()


_READ = frozenset((".json", ".safetensors", ".bin", ".txt", ".model", ".onnx", ".py"))
