"""What a run has done so far, kept line by line so that it can be audited, stopped and taken up again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType

from prosona.evaluation.data import DataError

__all__ = ["Journal", "Row", "digest"]

Row = dict[str, object]


class Journal:
    """A JSON-lines file of rows, each under a key. A line cut off by a crash is dropped on opening."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: dict[str, Row] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = 0
        if path.exists():
            content = path.read_bytes()
            whole = content.rfind(b"\n") + 1
            for number, line in enumerate(content[:whole].decode().splitlines(), start=1):
                try:
                    row: Row = json.loads(line)
                    self._rows[str(row["key"])] = row
                except (json.JSONDecodeError, KeyError, TypeError) as error:
                    raise DataError(f"{path}, line {number}: is no row of a journal") from error
        # A half character, which no UTF-8 can hold, becomes the escape that JSON has for it.
        self._file = path.open("a", encoding="utf-8", errors="backslashreplace")
        self._file.truncate(whole)

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def get(self, key: str) -> Row | None:
        """The row under a key, from this run or an earlier one."""
        return self._rows.get(key)

    def add(self, key: str, row: Mapping[str, object]) -> Row:
        """Writes a row at once."""
        kept: Row = {"key": key, **row}
        self._rows[key] = kept
        self._file.write(json.dumps(kept, ensure_ascii=False) + "\n")
        self._file.flush()
        return kept

    def rows(self) -> Iterator[Row]:
        """All rows, oldest first."""
        yield from self._rows.values()


def digest(*parts: object) -> str:
    """A short name for contents: the same parts, the same name."""
    text = json.dumps(parts, ensure_ascii=False, default=str, sort_keys=True)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()
