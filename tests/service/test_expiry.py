"""What ends, ends: shown while it holds, out of the text after it, kept in history with the reason."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from tests.service.ground import InMemory, chose, films, revise, texts

from prosona.core.words import Line
from prosona.profiler.testing import ScriptedProfiler
from prosona.profiles_db.memory import MemoryPlace
from prosona.service import ProfileService

FRIDAY, SATURDAY = datetime(2026, 3, 6, 23, 59, tzinfo=UTC), datetime(2026, 3, 7, 0, 1, tzinfo=UTC)


@pytest.fixture
async def service(in_memory: InMemory) -> ProfileService:
    """On Monday, 2 March 2026, ana said that she eats no sugar until Friday."""
    service = in_memory(ScriptedProfiler())
    await revise(service, statement="I eat no sugar until Friday.")
    await revise(service, statement="I live in Lyon.")
    return service


async def test_a_statement_that_names_its_last_day_has_it(service: ProfileService) -> None:
    line = (await service.lines("ana"))[0]
    assert line.until == date(2026, 3, 6)
    assert "- I eat no sugar until Friday. (until 6 March 2026)" in (await service.get("ana")).text


async def test_it_is_shown_through_its_last_day_and_not_after_it(
    service: ProfileService, place: MemoryPlace
) -> None:
    place.now = FRIDAY
    assert "sugar" in (await service.get("ana")).text
    place.now = SATURDAY
    for profile in (await service.get("ana"), await service.get("ana", lines=True, max_tokens=200)):
        assert "sugar" not in profile.text
        assert "Lyon" in profile.text
    assert await texts(service) == ["I live in Lyon."]
    assert (await service.get("ana")).version == 2


@pytest.mark.parametrize("how", ["fold", "statement", "edit", "remove", "forget"])
async def test_the_next_revision_takes_it_out_and_history_says_why(
    service: ProfileService, place: MemoryPlace, how: str
) -> None:
    line_id = (await service.lines("ana"))[0].id
    place.now = SATURDAY
    await service.observe("ana", chose("Solaris"))
    match how:
        case "fold":
            await service.get("ana")
        case "statement":
            await revise(service, statement="I play the oboe.")
        case "edit":
            await revise(service, line="Lyon", text="I live in Lyon, near the river.")
        case "remove":
            await revise(service, remove="Lyon")
        case _:
            await revise(service, forget="lyon")
    newest = (await service.history("ana"))[0]
    assert line_id not in {line.id for line in newest.lines}
    assert {gone.line: gone.why for gone in newest.retired}[line_id] == "its last day has passed"
    assert "sugar" in "".join(line.text for line in (await service.history("ana"))[1].lines)
    why = await service.why("ana", line_id)
    assert why.note == "it stands no longer: its last day has passed"


async def test_a_day_may_be_given_moved_and_taken_away(service: ProfileService, place: MemoryPlace) -> None:
    await revise(service, statement="I work in Ghent.", until="2026-12-31")
    await revise(service, line="Ghent", until="2027-06-30")
    [line] = [line for line in await service.lines("ana") if "Ghent" in line.text]
    assert (line.until, line.kind, line.text) == (date(2027, 6, 30), "stated", "I work in Ghent.")
    await revise(service, line="Ghent", until="")
    [line] = [line for line in await service.lines("ana") if "Ghent" in line.text]
    assert line.until is None
    place.now = datetime(2030, 1, 1, tzinfo=UTC)
    assert "I work in Ghent." in await texts(service)


async def test_an_inferred_line_that_is_given_an_end_is_its_owners(in_memory: InMemory) -> None:
    service = in_memory(ScriptedProfiler())
    await service.observe("ana", chose("Solaris"))
    [line] = await service.lines("ana")
    await revise(service, line=line.id, until="2026-12-31")
    [line] = await service.lines("ana")
    assert (line.kind, line.until) == ("owned", date(2026, 12, 31))


async def test_an_inferred_line_ends_by_itself(in_memory: InMemory, place: MemoryPlace) -> None:
    ends = Line(text="Is on holiday.", until=date(2026, 3, 6))
    service = in_memory(ScriptedProfiler([ends, Line(text="Likes films.")], writes_prose=False))
    await service.observe("ana", films(1))
    assert await texts(service) == ["Is on holiday.", "Likes films."]
    place.now = SATURDAY
    assert await texts(service) == ["Likes films."]


async def test_a_statement_grows_old_in_the_text_and_is_young_again_once_pinned(
    service: ProfileService, place: MemoryPlace
) -> None:
    place.now = datetime(2027, 3, 10, tzinfo=UTC)
    assert "- I live in Lyon. (said in March 2026)" in (await service.get("ana")).text.splitlines()
    await revise(service, pin="Lyon")
    assert "- I live in Lyon." in (await service.get("ana")).text.splitlines()


async def test_a_rollback_brings_no_ended_line_back_into_the_text(
    service: ProfileService, place: MemoryPlace
) -> None:
    place.now = SATURDAY
    await revise(service, statement="I play the oboe.")
    revised = await revise(service, rollback_to=2)
    assert "sugar" not in revised.text
    assert await texts(service) == ["I live in Lyon."]


async def test_the_text_sent_back_as_shown_removes_nothing_that_has_ended(
    service: ProfileService, place: MemoryPlace
) -> None:
    place.now = SATURDAY
    shown = [(line.id, line.text) for line in await service.lines("ana")]
    assert (await service.edit_lines("ana", shown, base_version=2)).cause is None
    revised = await revise(service, text="- I live in Ghent.", base_version=2)
    assert "its owner took it out" not in {gone.why for gone in (await service.history("ana"))[0].retired}
    assert "sugar" not in revised.text


async def test_a_file_brings_no_ended_line_and_says_so(service: ProfileService, place: MemoryPlace) -> None:
    profile = await service.export("ana")
    place.now = SATURDAY
    imported = await service.import_profile("bo", profile, actor="bo")
    assert await texts(service, "bo") == ["I live in Lyon."]
    assert imported.refused == ("'I eat no sugar until Friday.': its last day has passed",)
