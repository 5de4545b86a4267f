"""Making the fixed readers by their names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from prosona.core.errors import InvalidInputError
from prosona.evaluation.readers.embedding import CachedEncoder, EmbeddingReader, MiniLM
from prosona.evaluation.readers.lexical import LexicalReader
from prosona.evaluation.readers.seam import Reader

__all__ = ["make_readers"]


def make_readers(names: Sequence[str], *, corpus: Iterable[str], cache: Path | None) -> list[Reader]:
    """Readers in the order named. `corpus` gives the lexical reader its idf, `cache` keeps embeddings."""
    made: list[Reader] = []
    for name in names:
        if name == "lexical":
            made.append(LexicalReader(corpus))
        elif name == "embedding":
            made.append(EmbeddingReader(CachedEncoder(MiniLM(), cache) if cache else MiniLM()))
        else:
            raise InvalidInputError(f"no reader is called {name!r}: give lexical, embedding or llm")
    return made
