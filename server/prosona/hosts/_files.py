"""One configuration file: read, shown as a diff, and replaced without harm."""

from __future__ import annotations

import difflib
import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from prosona.core.errors import ProsonaError

__all__ = ["ConfigurationError", "FileChange", "text_of"]


class ConfigurationError(ProsonaError):
    """A host's configuration could not be changed; it stands as it was.

    `by_hand` is what its owner can add to the file; empty where there is nothing to add.
    """

    code = "configuration"

    def __init__(self, message: str, *, by_hand: str = "") -> None:
        super().__init__(message)
        self.by_hand = by_hand


@dataclass(frozen=True, slots=True)
class FileChange:
    """What one configuration file would become. None stands for no file."""

    file: Path
    before: str | None
    after: str | None

    def diff(self) -> str:
        """The change as a unified diff."""
        name = str(self.file)
        lines = difflib.unified_diff(
            (self.before or "").splitlines(),
            (self.after or "").splitlines(),
            fromfile=name if self.before is not None else os.devnull,
            tofile=name if self.after is not None else os.devnull,
            lineterm="",
        )
        return "\n".join(lines)

    def write(self, now: datetime) -> Path | None:
        """Replaces the file in one step; where its backup lies, if there was a file.

        Errors: `ConfigurationError` when somebody else changed the file since it was read; `OSError`.
        """
        target = self.file.resolve()  # A link into a folder of dotfiles stays a link.
        self.check_unchanged()
        backup = None
        if self.before is not None:
            backup = _free(target.with_name(f"{target.name}.prosona-{now:%Y%m%d-%H%M%S}.bak"))
            shutil.copy2(target, backup)
        if self.after is None:
            target.unlink(missing_ok=True)
        else:
            _replace(target, self.after)
        return backup

    def check_unchanged(self) -> None:
        """Errors: `ConfigurationError` when the file is another one than was read."""
        if text_of(self.file) != self.before:
            raise ConfigurationError(f"{self.file} changed meanwhile; nothing was written, try again")

    def undone(self) -> FileChange:
        """The change that takes this one back."""
        return FileChange(self.file, self.after, self.before)


def text_of(file: Path) -> str | None:
    """The text of a configuration file; None where there is none. Errors: `ConfigurationError`."""
    try:
        with file.open(encoding="utf-8", newline="") as source:
            return source.read()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file} was left as it is: it is not UTF-8 text") from error


def _replace(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        if target.exists():
            shutil.copymode(target, name)
        Path(name).replace(target)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _free(path: Path) -> Path:
    for n in range(2, 100):
        if not path.exists():
            return path
        path = path.with_name(f"{path.name.removesuffix('.bak').removesuffix(f'-{n - 1}')}-{n}.bak")
    return path
