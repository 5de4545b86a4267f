"""The front matter: what is known about each line, and how the profile came to be, step by step.

Of each revision the difference to the one before is written: a line is told in full where it was added,
later only what changed in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from prosona.core.errors import InvalidInputError
from prosona.core.portable._profile import FORMAT, PortableProfile, wrong
from prosona.core.portable._yaml import Path, read_yaml
from prosona.core.words import Edit, Line, Revision

__all__ = ["Front", "front_matter", "unbroken"]

M = TypeVar("M", bound=BaseModel)

_MAX_LINES = 5_000_000
"""Most lines over all revisions: a small file may name great profiles again and again."""

_KEYS = {"format", "user_id", "version", "updated_at", "lines", "edits", "history"}
_STEP_KEYS = {"added", "changed", "retired", "order"}


def unbroken(text: str) -> str:
    """`text` with spaces for line breaks."""
    return text.replace("\r\n", " ").replace("\n", " ").replace("\r", " ")


def front_matter(profile: PortableProfile, checks: Mapping[str, str]) -> dict[str, Any]:
    """What stands above the lines; `checks` has the checksum of each line's text by its id."""
    front: dict[str, Any] = {"format": FORMAT, "user_id": profile.user_id}
    front |= profile.model_dump(mode="json", include={"version", "updated_at"}, exclude_defaults=True)
    if lines := [line for line in profile.lines if line.id in checks]:
        front["lines"] = {
            line.id: {"kind": line.kind, "check": checks[line.id], **_facts(line)} for line in lines
        }
    if profile.edits:
        front["edits"] = [
            edit.model_dump(mode="json", exclude={"through"}, exclude_defaults=True) for edit in profile.edits
        ]
    if profile.history:
        front["history"] = list(_steps(profile.history))
    return front


def _facts(line: Line) -> dict[str, Any]:
    """What is known about a line beside its text and kind."""
    facts = line.model_dump(
        mode="json",
        exclude={"id": True, "kind": True, "text": True, "support": {"sample"}},
        exclude_defaults=True,
    )
    if not facts.get("support", True):
        del facts["support"]
    return facts


def _steps(history: Sequence[Revision]) -> Iterator[dict[str, Any]]:
    before: dict[str, dict[str, Any]] = {}
    for revision in history:
        now = {
            line.id: {"kind": line.kind, "text": unbroken(line.text), **_facts(line)}
            for line in revision.lines
            if line.text.strip()
        }
        step = revision.model_dump(mode="json", exclude={"lines", "retired"}, exclude_defaults=True)
        if added := {name: line for name, line in now.items() if name not in before}:
            step["added"] = added
        if changed := {
            name: _difference(before[name], line)
            for name, line in now.items()
            if name in before and before[name] != line
        }:
            step["changed"] = changed
        retired = {one.line: one.why for one in revision.retired}
        if retired:
            step["retired"] = retired
        if list(now) != _order(before, retired, added):
            step["order"] = list(now)
        yield step
        before = now


def _difference(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The new values of what changed; null for what is as usual again."""
    return {key: new.get(key) for key in (*new, *(old.keys() - new.keys())) if old.get(key) != new.get(key)}


def _order(
    before: Mapping[str, object], retired: Mapping[str, object], added: Mapping[str, object]
) -> list[str]:
    return [name for name in before if name not in retired] + list(added)


class Front:
    """The front matter of a file, as it was read. Its errors name the line of the file."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._end = len(lines) + 2
        # The first line of the file is the fence.
        read, self._where = read_yaml("\n".join(lines) + "\n", first=2)
        self._values = values = self._mapping(read, ())
        for key in values:
            if key not in _KEYS:
                raise self._wrong((key,), f"{key[:40]!r} is no key of this format")
        for key in ("format", "user_id"):
            if key not in values:
                raise wrong(self._end, f"{key} is missing above")
        if values["format"] != FORMAT:
            raise self._wrong(("format",), f"this Prosona reads {FORMAT} and prosona-profile/1")
        if isinstance(values["user_id"], int):
            # A number by the looks of it.
            values["user_id"] = str(values["user_id"])
        self.entries = self._mapping(values.get("lines"), ("lines",))

    def line(self, name: str, text: str) -> Line:
        """The line of an entry, with its text."""
        path: Path = ("lines", name)
        facts = {
            key: value for key, value in self._mapping(self.entries[name], path).items() if key != "check"
        }
        return self._built_line(facts | {"text": text}, name, path)

    def check(self, name: str) -> object:
        """The checksum of the text that an entry was written with; None if it has none."""
        return self._mapping(self.entries[name], ("lines", name)).get("check")

    def profile(self, lines: Sequence[Line]) -> PortableProfile:
        """The whole profile."""
        edits = [
            self._built(Edit, {**self._mapping(edit, ("edits", n)), "through": 0}, ("edits", n))
            for n, edit in enumerate(self._list(self._values.get("edits"), ("edits",)))
        ]
        whole: dict[str, Any] = {
            key: self._values[key] for key in ("user_id", "version", "updated_at") if key in self._values
        }
        return self._built(
            PortableProfile,
            {**whole, "lines": tuple(lines), "history": tuple(self._history()), "edits": tuple(edits)},
            (),
        )

    def _history(self) -> Iterator[Revision]:
        told: dict[str, dict[str, Any]] = {}
        lines: dict[str, Line] = {}
        count = 0
        for n, value in enumerate(self._list(self._values.get("history"), ("history",))):
            path: Path = ("history", n)
            step = dict(self._mapping(value, path))
            parts = {key: step.pop(key, None) for key in _STEP_KEYS}
            for key in step.keys() & {"lines", "retired"}:
                raise self._wrong((*path, key), f"{key!r} is no key of a revision here")
            added = self._mapping(parts["added"], (*path, "added"))
            changed = self._mapping(parts["changed"], (*path, "changed"))
            retired = self._mapping(parts["retired"], (*path, "retired"))
            for name, facts in added.items():
                at: Path = (*path, "added", name)
                told[name] = dict(self._mapping(facts, at))
                lines[name] = self._built_line(told[name], name, at)
            for name, facts in changed.items():
                at = (*path, "changed", name)
                if name not in lines:
                    raise self._wrong(at, f"no line {name[:40]} stands before this revision")
                new = {**told[name], **self._mapping(facts, at)}
                told[name] = {key: value for key, value in new.items() if value is not None}
                lines[name] = self._built_line(told[name], name, at)
            order = parts["order"]
            names = (
                _order({name: 0 for name in lines if name not in added}, retired, added)
                if order is None
                else self._list(order, (*path, "order"))
            )
            for name in names:
                if not isinstance(name, str) or name not in lines:
                    raise self._wrong((*path, "order"), f"no line {str(name)[:40]} stands in this revision")
            lines = {name: lines[name] for name in names}
            told = {name: told[name] for name in names}
            count += len(lines)
            if count > _MAX_LINES:
                raise self._wrong(path, f"the revisions hold more than {_MAX_LINES:,} lines")
            step["retired"] = [{"line": line, "why": why} for line, why in retired.items()]
            step["lines"] = tuple(lines.values())
            yield self._built(Revision, step, path)

    def _built_line(self, facts: Mapping[str, Any], name: str, path: Path) -> Line:
        if "id" in facts:
            raise self._wrong((*path, "id"), "'id' is no key of a line: it stands before it")
        line = self._built(Line, {**facts, "id": name}, path)
        if "\n" in line.text or "\r" in line.text or not line.text.strip():
            raise self._wrong((*path, "text"), "the text of a line is one line, and not empty")
        return line

    def _built(self, model: type[M], values: Mapping[str, Any], path: Path) -> M:
        try:
            return model.model_validate(values)
        except ValidationError as error:
            problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
            place = [str(part) for part in problem["loc"]]
            message = problem["msg"].removeprefix("Value error, ")
            raise self._wrong(
                (*path, *problem["loc"]), f"{'.'.join(place)}: {message}" if place else message
            ) from None

    def _mapping(self, value: object, path: Path) -> dict[str, Any]:
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self._wrong(path, f"{path[-1] if path else 'the front matter'} must be `key: value` lines")
        return value

    def _list(self, value: object, path: Path) -> list[Any]:
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._wrong(path, f"{path[-1]} must be a list")
        return value

    def _wrong(self, path: Path, problem: str) -> InvalidInputError:
        """The error at a value, or at the nearest one around it that stands in the file."""
        for length in range(len(path), -1, -1):
            if (number := self._where.get(path[:length])) is not None:
                return wrong(number, problem)
        return wrong(self._end, problem)
