"""`history`: the revisions of a profile, and what each changed, told by lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from prosona.cli.options import Settings, db_option, json_option, known, pass_settings, user_option
from prosona.cli.output import moment, note, print_json, print_table, say

if TYPE_CHECKING:
    from prosona.core.words import Line, Revision
    from prosona.service import ProfileService

__all__ = ["Difference", "compare", "history"]

_PAGE = 100
"""Revisions read at a time; each carries all of its lines."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of the lines of a profile between two of its versions."""

    added: tuple[tuple[Line, int], ...]
    """Lines that stand in the later version only, each with the version in which it appeared."""
    changed: tuple[tuple[Line, Line], ...]
    """Lines before and after, whose words, topic, kind or end differ. Counts alone are no change."""
    retired: tuple[tuple[Line, str], ...]
    """Lines that stand in the earlier version only, each with the reason, as far as one is known."""


def compare(steps: list[Revision], before: tuple[Line, ...]) -> Difference:
    """The difference between `before` and the last of `steps`: all revisions after it, oldest first."""
    from prosona.service.steps import says

    old = {line.id: line for line in before}
    new = {line.id: line for line in steps[-1].lines} if steps else old
    appeared: dict[str, int] = {}
    reasons: dict[str, str] = {}
    standing = set(old)
    for step in steps:
        now = {line.id for line in step.lines}
        told = {retired.line: retired.why for retired in step.retired}
        appeared |= dict.fromkeys(now - standing, step.version)
        reasons |= {gone: told.get(gone) or _cause(step) for gone in standing - now}
        standing = now
    return Difference(
        added=tuple((line, appeared[id_]) for id_, line in new.items() if id_ not in old),
        changed=tuple(
            (old[id_], line) for id_, line in new.items() if id_ in old and says(old[id_]) != says(line)
        ),
        retired=tuple((line, reasons.get(id_, "")) for id_, line in old.items() if id_ not in new),
    )


@click.command(short_help="List or compare a profile's revisions.")
@user_option()
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many revisions."
)
@click.option(
    "--diff",
    "versions",
    type=click.IntRange(min=0),
    nargs=2,
    metavar="V1 V2",
    help="Show the lines added, changed and retired between two versions, and why; 0 is the empty one.",
)
@json_option()
@db_option()
@pass_settings
def history(
    settings: Settings, user_id: str, limit: int, versions: tuple[int, int] | None, as_json: bool
) -> None:
    """List a profile's revisions, newest first, or compare two of them line by line.

    \b
    Examples:
      prosona history --user ana
      prosona history --user ana --diff 3 7
    """
    if versions:
        _show_difference(settings, user_id, versions, as_json)
        return
    from prosona.service.steps import worth_showing

    revisions = settings.run(lambda service: _newest(service, user_id, limit + 1))
    shown = revisions[:limit]
    if as_json:
        print_json(shown)
        return
    print_table(
        ("version", "when", "cause", "by", "interactions", "lines", "added", "changed", "retired"),
        [
            _row(revision, earlier)
            for revision, earlier in zip(shown, [*revisions[1:], None], strict=False)
            if worth_showing(revision, earlier.lines if earlier else ())
        ],
        title=f"The profile of {user_id}",
    )
    if len(revisions) > limit:
        note(f"older revisions: prosona history --user {user_id} --limit {2 * limit}")


def _row(revision: Revision, earlier: Revision | None) -> tuple[object, ...]:
    difference = compare([revision], earlier.lines if earlier else ())
    parts = (difference.added, difference.changed, difference.retired)
    return (
        revision.version,
        moment(revision.created_at),
        _cause(revision),
        revision.actor or revision.profiler,
        _range(revision),
        len(revision.lines),
        *(len(part) or "" for part in parts),
    )


def _cause(revision: Revision) -> str:
    if revision.rolled_back_to is not None:
        return f"{revision.cause} to {revision.rolled_back_to}"
    return revision.cause


def _range(revision: Revision) -> str:
    if revision.first_seq is None or revision.last_seq is None:
        return ""
    return f"{revision.first_seq}-{revision.last_seq}"


async def _newest(service: ProfileService, user_id: str, count: int) -> list[Revision]:
    """The newest `count` revisions, newest first. Errors: `NotFoundError` for a user never seen."""
    await known(service, user_id)
    found: list[Revision] = []
    while len(found) < count:
        page = await service.history(
            user_id, limit=min(_PAGE, count - len(found)), before=found[-1].version if found else None
        )
        if not page:
            break
        found += page
    return found


def _show_difference(settings: Settings, user_id: str, versions: tuple[int, int], as_json: bool) -> None:
    early, late = sorted(versions)
    steps, before = settings.run(lambda service: _steps(service, user_id, early, late))
    difference = compare(steps, before)
    if as_json:
        print_json(
            {
                "from": early,
                "to": late,
                "added": [{"version": version, "line": line} for line, version in difference.added],
                "changed": [{"before": old, "after": new} for old, new in difference.changed],
                "retired": [{"line": line, "why": reason} for line, reason in difference.retired],
            }
        )
        return
    for line, version in difference.added:
        say(f"+ {line.id}  {line.text}  ({line.kind}, since version {version})")
    for old, new in difference.changed:
        say(f"~ {new.id}  {old.text}")
        say(f"  {' ' * len(new.id)}  {new.text}{_beside(old, new)}")
    for line, reason in difference.retired:
        say(f"- {line.id}  {line.text}" + (f"  ({reason})" if reason else ""))
    if not (difference.added or difference.changed or difference.retired):
        note(f"versions {early} and {late} have the same lines")


def _beside(old: Line, new: Line) -> str:
    """What changed beside the words."""
    notes = []
    if old.kind != new.kind:
        notes.append(f"{old.kind} before, {new.kind} now")
    if old.topic != new.topic:
        notes.append(f"under {new.topic or 'no topic'}")
    if old.until != new.until:
        notes.append(f"until {new.until}" if new.until else "without an end")
    return f"  ({'; '.join(notes)})" if notes else ""


async def _steps(
    service: ProfileService, user_id: str, early: int, late: int
) -> tuple[list[Revision], tuple[Line, ...]]:
    """The revisions after `early` up to `late`, oldest first, and the lines of `early`.

    Errors: `NotFoundError` for a version that there is not.
    """
    from prosona.core.errors import NotFoundError

    await known(service, user_id)
    found: dict[int, Revision] = {}
    before = late + 1
    while before > max(early, 1) and (
        page := await service.history(user_id, limit=min(_PAGE, before - early + 1), before=before)
    ):
        found.update({revision.version: revision for revision in page})
        before = page[-1].version
    for version in (early, late):
        if version and version not in found:
            raise NotFoundError(f"{user_id!r} has no version {version}; `prosona history` lists them")
    lines = found[early].lines if early else ()
    return [found[version] for version in sorted(found) if early < version <= late], lines
