"""Forgetting: what named it or rested on it alone is gone, the rest stands, and the answer says so."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.service.ground import (
    MODEL,
    InMemory,
    OpenService,
    chose,
    films,
    ids_by_text,
    reading,
    revise,
    said,
    texts,
)

from prosona.hosts._bare import Heard, hear
from prosona.profiler import BuiltinProfiler
from prosona.profiler.testing import ScriptedProfiler
from prosona.service import ProfileService
from prosona.service.explaining import every_revision

COELIAC = reading({"coeliac": "Avoids gluten and bread.", "Tarkovsky": "Likes films by Tarkovsky."})


async def left_of(service: ProfileService, user_id: str = "ana") -> str:
    """All that is known of a user, as one text."""
    history = await every_revision(service._store, user_id)
    standing = await service._store.standing(user_id)
    log = await service.interactions(user_id, limit=10_000)
    parts = [*history, *standing.edits, *log, standing.head]
    return "\n".join(part.model_dump_json() for part in parts)


async def test_a_topic_takes_interactions_lines_and_every_old_version(opened: OpenService) -> None:
    service = opened(ScriptedProfiler(memory_version="1"))
    await service.observe("ana", chose("Solaris", "Knitting for beginners", "Stalker"))
    await service.get("ana")
    await revise(service, statement="I love knitting.")
    revised = await revise(service, forget="knitting")
    assert revised.forgotten is not None
    assert (revised.forgotten.interactions, revised.forgotten.lines) == (1, 2)
    assert revised.forgotten.versions >= 2
    assert revised.forgotten.scrubbed
    assert "nitting" not in await left_of(service)
    profile = await service.get("ana")
    assert "Solaris" in profile.text
    assert [i.chosen for i in await service.interactions("ana")] == ["Solaris", "Stalker"]


async def test_a_forgotten_topic_is_in_no_byte_of_the_file(opened: OpenService, tmp_path: Path) -> None:
    service = opened(ScriptedProfiler(writes_prose=False))
    await service.observe("ana", chose(*(f"Knitting pattern {n}, wool" for n in range(40)), "Solaris"))
    await service.get("ana")
    preview = await service.preview("ana", "knitting")
    await revise(service, forget="knitting", confirm=preview.word)
    for path in tmp_path.iterdir():
        assert b"knitting" not in path.read_bytes().lower()
    assert any(b"Solaris" in path.read_bytes() for path in tmp_path.iterdir())


async def test_a_statement_goes_with_what_it_was_learned_from(in_memory: InMemory) -> None:
    service = in_memory(ScriptedProfiler())
    await service.observe("ana", chose("Solaris", "By the way, I am vegetarian now"))
    await revise(service, statement="I am vegetarian")
    revised = await revise(service, forget="i'm vegetarian")
    assert revised.forgotten is not None
    assert revised.forgotten.interactions == 1
    assert "vegetarian" not in await left_of(service)


async def test_what_rested_on_it_alone_goes_at_once(in_memory: InMemory) -> None:
    service = in_memory(BuiltinProfiler())
    await service.observe("ana", chose("Alien (Horror, Science fiction)"))
    await service.observe("ana", chose("Emma (Romance)"))
    assert "Science fiction" in (await service.get("ana")).text
    revised = await revise(service, forget="horror")
    assert "Emma" in revised.text
    assert "cience fiction" not in await left_of(service)


async def test_a_models_line_that_rested_on_it_goes_though_it_does_not_name_it(in_memory: InMemory) -> None:
    service = in_memory(ScriptedProfiler(COELIAC))
    await service.observe(
        "ana", [*said("I was diagnosed with coeliac disease."), *chose("Solaris by Tarkovsky")]
    )
    assert set(await texts(service)) == {"Avoids gluten and bread.", "Likes films by Tarkovsky."}
    await revise(service, forget="coeliac disease")
    assert await texts(service) == ["Likes films by Tarkovsky."]
    assert "gluten" not in await left_of(service)


async def test_a_models_line_that_rests_on_more_is_inferred_again_from_what_remains(
    in_memory: InMemory,
) -> None:
    service = in_memory(ScriptedProfiler(reading({"gluten": "Avoids gluten and bread."})), MODEL)
    for sentence in ("I avoid gluten since I was diagnosed.", "No gluten and no bread for me."):
        await service.observe("ana", said(sentence))
        await service.get("ana", fresh=True)
    [line] = await service.lines("ana")
    assert line.support.times == 2
    preview = await service.preview("ana", "diagnosed")
    assert (preview.interactions, preview.lines, preview.anew) == (1, (), (line,))
    revised = await revise(service, forget="diagnosed")
    assert revised.forgotten is not None
    assert any("inferred again" in note for note in revised.forgotten.notes)
    assert "diagnosed" not in await left_of(service)
    why = await service.why("ana", "gluten")
    assert why.line.text == "Avoids gluten and bread."
    assert [item.chosen for item in why.interactions] == ["No gluten and no bread for me."]


async def test_a_line_that_goes_since_it_rested_on_nothing_else_is_shown_before(in_memory: InMemory) -> None:
    service = in_memory(ScriptedProfiler(COELIAC))
    await service.observe("ana", said("I was diagnosed with coeliac disease."))
    [line] = await service.lines("ana")
    preview = await service.preview("ana", "coeliac")
    assert (preview.interactions, preview.lines, preview.anew) == (1, (line,), ())
    revised = await revise(service, forget="coeliac")
    assert revised.forgotten is not None
    assert (revised.forgotten.lines, revised.text) == (1, "")


async def test_a_whole_line_whose_ground_is_known_takes_it_along(in_memory: InMemory) -> None:
    service = in_memory(BuiltinProfiler())
    await service.observe("ana", chose("Emma (Romance)"))
    await service.observe("ana", said("I am allergic to peanuts."))
    line = next(line for line in await service.lines("ana") if "peanuts" in line.text)
    revised = await revise(service, forget=line.id)
    assert revised.forgotten is not None
    assert revised.forgotten.interactions == 1
    assert "peanuts" not in await left_of(service)
    assert "Emma" in revised.text


async def test_a_whole_line_that_rests_on_more_than_it_names_is_dismissed(in_memory: InMemory) -> None:
    service = in_memory(BuiltinProfiler())
    for n in range(20):
        await service.observe("ana", chose(f"Story {n} (Romance)", rejected=f"Blood {n} (Horror)"))
    line = next(line for line in await service.lines("ana") if "likes" in line.text)
    assert (await service.preview("ana", line.text)).dismissed
    revised = await revise(service, forget=line.text)
    assert line.text not in revised.text
    assert revised.forgotten is not None
    assert any("dismissed" in note for note in revised.forgotten.notes)
    assert len(await service.interactions("ana")) == 20
    await service.observe("ana", chose("Dune", domain="books"))
    assert "likes Romance" not in (await service.get("ana")).text


async def test_a_line_is_forgotten_by_its_text_with_the_evidence_behind_it(in_memory: InMemory) -> None:
    service = in_memory(BuiltinProfiler())
    await service.observe("ana", chose("Emma (Romance)"))
    [shown] = (await service.get("ana")).text.splitlines()
    revised = await revise(service, forget=shown)
    assert revised.text == ""
    assert await service.interactions("ana") == []


async def test_a_word_that_only_heads_lines_dismisses_them_and_says_so(in_memory: InMemory) -> None:
    service = in_memory(BuiltinProfiler())
    await service.observe("ana", chose("Emma (Romance)", "Persuasion (Romance)"))
    await service.observe("ana", chose("Dune", domain="books"))
    await service.get("ana")
    revised = await revise(service, forget="films")
    assert revised.forgotten is not None
    assert (revised.forgotten.interactions, revised.forgotten.lines) == (0, 1)
    assert any("no interaction names it" in note for note in revised.forgotten.notes)
    assert "Emma" not in revised.text
    assert "Dune" in revised.text
    await service.observe("ana", chose("Ubik", domain="books"))
    assert "Emma" not in (await service.get("ana")).text


async def test_what_only_earlier_versions_name_is_taken_out_of_them(in_memory: InMemory) -> None:
    service = in_memory(ScriptedProfiler("Likes slow films.", "Likes loud music on Fridays."))
    await service.observe("ana", chose("Solaris"))
    await service.get("ana")
    await service.observe("ana", chose("Motorhead"))
    await service.get("ana")
    preview = await service.preview("ana", "slow films")
    assert (preview.in_history, preview.interactions, preview.lines) == (True, 0, ())
    revised = await revise(service, forget="slow films")
    assert revised.forgotten is not None
    assert revised.forgotten.versions == 1
    assert "slow films" not in await left_of(service)
    assert "loud music" in revised.text


async def test_a_line_that_stands_no_longer_is_forgotten_by_its_id(in_memory: InMemory) -> None:
    service = in_memory(ScriptedProfiler("Likes slow films.", "Likes loud music on Fridays."))
    await service.observe("ana", chose("Solaris"))
    [line] = await service.lines("ana")
    await service.observe("ana", chose("Motorhead"))
    await service.get("ana")
    revised = await revise(service, forget=line.id)
    assert revised.forgotten is not None
    assert (revised.forgotten.interactions, revised.forgotten.versions) == (1, 1)
    left = await left_of(service)
    assert "slow films" not in left
    assert "Solaris" not in left
    assert "loud music" in left


async def test_a_line_too_short_for_a_topic_is_forgotten_by_its_id(in_memory: InMemory) -> None:
    service = in_memory(ScriptedProfiler())
    await revise(service, statement="X")
    await revise(service, statement="X is a letter.")
    ids = await ids_by_text(service)
    await revise(service, forget=ids["X"])
    assert await texts(service) == ["X is a letter."]


async def test_what_an_owner_took_out_is_forgotten_from_their_edits_too(in_memory: InMemory) -> None:
    service = in_memory(BuiltinProfiler())
    await service.observe("ana", chose("Emma (Romance)"))
    await revise(service, statement="I collect porcelain cats.")
    await revise(service, remove="porcelain")
    await revise(service, forget="porcelain")
    assert "porcelain" not in await left_of(service)


async def test_the_name_of_the_one_who_forgets_is_no_way_back(in_memory: InMemory) -> None:
    from prosona.service import parse_change

    service = in_memory(ScriptedProfiler())
    await service.observe("ana", chose("Knitting"))
    await service.get("ana")
    await service.revise("ana", parse_change(forget="knitting"), actor="Knitting Weekly")
    assert "nitting" not in await left_of(service)


async def test_what_a_hook_has_written_down_is_forgotten_with_the_rest(
    opened: OpenService, tmp_path: Path
) -> None:
    service = opened(ScriptedProfiler(writes_prose=False))
    await service.observe("ana", chose("Solaris"))
    db = tmp_path / "profiles.db"
    for n, prompt in enumerate(("I love knitting.", "I own a boat.")):
        assert hear(db, Heard("ana", "claude-code", prompt, f"key-{n}"), 5.0)
    assert (await service.preview("ana", "knitting")).interactions == 1
    for n, prompt in enumerate(("I love knitting socks.", "I own a bike.")):
        assert hear(db, Heard("ana", "claude-code", prompt, f"later-{n}"), 5.0)
    revised = await revise(service, forget="knitting")
    assert revised.forgotten is not None
    assert revised.forgotten.interactions == 2
    await service.receive_heard()
    kept = [item.chosen for item in await service.interactions("ana")]
    assert kept == ["Solaris", "I own a boat.", "I own a bike."]
    assert hear(db, Heard("ana", "claude-code", "I own a car.", "last"), 5.0)
    await revise(service, forget="*")
    await service.receive_heard()
    assert await service.users() == []
    assert not [path for path in tmp_path.iterdir() if b"I own a" in path.read_bytes()]


async def test_a_fold_that_read_an_erased_user_writes_nothing_in_whatever_process(
    opened: OpenService,
) -> None:
    slow = ScriptedProfiler("Likes what is to be forgotten.")
    slow.gate.clear()
    one, other = opened(slow), opened(ScriptedProfiler(writes_prose=False))
    await one.observe("ana", chose("Solaris"))
    reader = asyncio.create_task(one.get("ana", fresh=True))
    await asyncio.wait_for(slow.started.wait(), 5)
    await revise(other, forget="*")
    await other.observe("ana", films(4))
    slow.gate.set()
    await reader
    for service in (one, other):
        profile = await service.get("ana", fresh=True)
        assert profile.interactions == 4
        assert profile.pending == 0
    assert "Solaris" not in await left_of(other)
