"""Why a line is there, what changed when, and which lines to look at again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.service.ground import InMemory, chose, films, revise, said

from prosona.core.errors import InvalidInputError, NotFoundError
from prosona.core.words import Line, Support
from prosona.profiler import BuiltinProfiler, FoldRequest
from prosona.profiler.testing import ScriptedProfiler, rewording
from prosona.profiles_db.memory import MemoryPlace
from prosona.service import ProfileService
from prosona.service.steps import steps


@pytest.fixture
async def service(in_memory: InMemory) -> ProfileService:
    """Of one who chose westerns and said two things."""
    service = in_memory(BuiltinProfiler())
    for n in range(6):
        await service.observe(
            "ana", chose(f"Ride {n} (Western)", rejected=f"Blood {n} (Horror)", agent="player")
        )
    await service.observe("ana", said("I am allergic to peanuts.", agent="claude"))
    await service.get("ana")
    return service


async def test_every_inferred_line_leads_to_living_interactions(service: ProfileService) -> None:
    for line in await service.lines("ana"):
        why = await service.why("ana", line.id)
        assert why.interactions, line.text
        assert why.line == line


async def test_the_interactions_come_with_their_agents_and_the_line_with_its_beginning(
    service: ProfileService,
) -> None:
    why = await service.why("ana", "peanuts")
    assert [item.chosen for item in why.interactions] == ["I am allergic to peanuts."]
    assert why.line.support.agents == ("claude",)
    assert (why.wordings[0].version, why.wordings[0].cause, why.wordings[0].actor) == (1, "fold", "builtin")
    assert why.note is None


async def test_a_line_is_meant_by_its_id_its_number_or_a_part_of_its_text(service: ProfileService) -> None:
    lines = await service.lines("ana")
    for number, line in enumerate(lines, start=1):
        for reference in (line.id, f"^{line.id}", line.id.upper(), str(number), f" {number} ", line.text):
            found = await service.why("ana", reference)
            assert (found.line.id, found.number) == (line.id, number)


@pytest.mark.parametrize("reference", ["99", "0", "zzzzzz", "", "  ", "9" * 5000, "nothing like it"])
async def test_a_line_that_nobody_has_is_told(service: ProfileService, reference: str) -> None:
    with pytest.raises(NotFoundError):
        await service.why("ana", reference)


async def test_words_of_several_lines_name_their_ids(service: ProfileService) -> None:
    await revise(service, statement="I own a red bicycle.")
    await revise(service, statement="I own a red car.")
    with pytest.raises(InvalidInputError, match="2 lines") as caught:
        await service.why("ana", "i own a red")
    for line in await service.lines("ana"):
        assert ("I own" in line.text) == (line.id in str(caught.value))


async def test_rewordings_keep_the_id_and_are_told_oldest_first(in_memory: InMemory) -> None:
    service = in_memory(ScriptedProfiler(rewording))
    for title in ("Solaris", "Stalker", "Mirror"):
        await service.observe("ana", chose(title))
        await service.get("ana")
    first = next(line for line in await service.lines("ana") if "Solaris" in line.text)
    why = await service.why("ana", first.id)
    assert [wording.version for wording in why.wordings] == [1, 2, 3]
    assert why.wordings[0].text == "Chose Solaris (interaction 1)."
    assert len({wording.text for wording in why.wordings}) == 3
    assert why.interactions[0].chosen == "Solaris"


async def test_a_line_that_stands_no_longer_is_explained_by_its_id(in_memory: InMemory) -> None:
    service = in_memory(ScriptedProfiler("Likes slow films.", "Likes loud music on Fridays."))
    await service.observe("ana", chose("Solaris"))
    [line] = await service.lines("ana")
    await service.observe("ana", chose("Motorhead"))
    await service.get("ana")
    why = await service.why("ana", line.id)
    assert why.number == 0
    assert why.note == "it stands no longer: no longer borne out"
    [item] = why.interactions
    assert item.chosen == "Solaris"


async def test_counters_alone_make_no_new_version(in_memory: InMemory) -> None:
    def counting(request: FoldRequest) -> list[Line]:
        seq = request.interactions[-1].seq
        return [Line(text="Likes any film.", evidence=f"{seq} times", support=Support(sample=(seq,)))]

    service = in_memory(ScriptedProfiler(counting, writes_prose=False))
    for n in range(20):
        await service.observe("ana", films(1, start=n))
        assert (await service.get("ana")).text == f"Likes any film. ({n + 1} times)"
    assert len(await service.history("ana", limit=100)) == 1
    why = await service.why("ana", "1")
    assert (why.line.support.times, len(why.line.support.sample)) == (20, 16)
    assert 20 in why.line.support.sample


async def test_the_steps_tell_what_is_new_and_what_went_and_why(in_memory: InMemory) -> None:
    service = in_memory(ScriptedProfiler())
    for title in ("Solaris", "Stalker"):
        await service.observe("ana", chose(title))
        await service.get("ana")
    line = (await service.lines("ana"))[0]
    await revise(service, line=line.id, text="Saw Solaris twice.")
    await revise(service, remove=line.id)
    told = steps(await service.history("ana"))
    assert [[one.text for one in step.added] for step in told] == [
        [],
        [],
        ["Chose Stalker (interaction 2)."],
        ["Chose Solaris (interaction 1)."],
    ]
    [reworded] = told[1].changed
    assert (reworded.before, reworded.text) == ("Chose Solaris (interaction 1).", "Saw Solaris twice.")
    assert [(one.text, one.why) for one in told[0].retired] == [
        ("Saw Solaris twice.", "its owner took it out")
    ]


async def test_lines_to_look_at_again(in_memory: InMemory, place: MemoryPlace) -> None:
    service = in_memory(ScriptedProfiler())
    await revise(service, statement="I play the oboe.")
    await revise(service, statement="I look after a dog until 10 March.")
    await revise(service, statement="I work in Ghent.", until="2026-12-31")
    [soon] = await service.review("ana")
    assert (soon.line.text, soon.why, soon.day) == (
        "I look after a dog until 10 March.",
        "ends soon",
        date(2026, 3, 10),
    )
    place.now = datetime(2026, 3, 20, tzinfo=UTC)
    assert [(one.why, one.number) for one in await service.review("ana")] == [("ended", 0)]
    place.now = datetime(2026, 3, 20, tzinfo=UTC) + timedelta(days=366)
    found = {one.line.text: (one.why, one.day) for one in await service.review("ana")}
    assert found["I play the oboe."] == ("not confirmed for long", date(2026, 3, 2))
    assert found["I work in Ghent."] == ("ended", date(2026, 12, 31))
    await revise(service, pin="oboe")
    assert "I play the oboe." not in {one.line.text for one in await service.review("ana")}
