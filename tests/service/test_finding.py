"""What a forget finds before it takes anything: in any spelling, told if it is much or nothing."""

from __future__ import annotations

import pytest
from tests.service.ground import (
    InMemory,
    chose,
    films,
    reading,
    revise,
    said,
)

from prosona.core.errors import BroadForgetError, ConflictError, InvalidInputError, NotForgottenError
from prosona.profiler import BuiltinProfiler
from prosona.profiler.testing import ScriptedProfiler

COELIAC = reading({"coeliac": "Avoids gluten and bread.", "Tarkovsky": "Likes films by Tarkovsky."})


async def test_nothing_found_says_so_with_what_comes_near_and_makes_no_version(in_memory: InMemory) -> None:
    service = in_memory(ScriptedProfiler())
    await service.observe("ana", said("I am allergic to peanuts."))
    before = await service.get("ana")
    with pytest.raises(NotForgottenError, match="nothing known names") as caught:
        await revise(service, forget="alergy to penuts")
    assert await service.get("ana") == before
    with pytest.raises(NotForgottenError) as caught:
        await revise(service, forget="alergic")
    assert any("allergic to peanuts" in text for text in caught.value.near)
    preview = await service.preview("ana", "quantum chromodynamics")
    assert (preview.interactions, preview.lines, preview.word) == (0, (), None)


@pytest.mark.parametrize(
    ("topic", "stored", "kept"),
    [
        ("allergy", "my allergies are bad", "my energy is low"),
        ("berries", "a berry cake", "Barry's cake"),
        ("1200", "costs 1,200 euros", "costs 12,000 euros"),
        ("cafe", "the caf\u00e9 downtown", "the caftan downtown"),
        (
            "\u0e01\u0e32\u0e41\u0e1f",
            "\u0e09\u0e31\u0e19\u0e0a\u0e2d\u0e1a\u0e01\u0e32\u0e41\u0e1f\u0e21\u0e32\u0e01",
            "\u0e09\u0e31\u0e19\u0e0a\u0e2d\u0e1a\u0e0a\u0e32",
        ),
        (
            "\u0915\u093f\u0932\u093e",
            "\u0915\u093f\u0932\u093e \u0926\u0947\u0916\u093e",
            "\u092e\u0941\u091d\u0947 \u0915\u0932\u093e \u092a\u0938\u0902\u0926 \u0939\u0948",
        ),
        ("knitting", "Knitting socks", "Knighting ceremonies"),
    ],
)
async def test_a_topic_is_found_in_another_spelling_and_in_no_other_word(
    in_memory: InMemory, topic: str, stored: str, kept: str
) -> None:
    service = in_memory(ScriptedProfiler(memory_version="1", writes_prose=False))
    await service.observe("ana", chose(stored, kept))
    await service.get("ana")
    revised = await revise(service, forget=topic)
    assert revised.forgotten is not None
    assert revised.forgotten.interactions == 1
    assert [item.chosen for item in await service.interactions("ana")] == [kept]


async def test_labels_are_not_what_a_topic_names(in_memory: InMemory) -> None:
    service = in_memory(ScriptedProfiler())
    await service.observe("ana", said(*(f"I like the number {n}." for n in range(30)), agent="chat"))
    with pytest.raises(NotForgottenError):
        await revise(service, forget="chat")
    assert len(await service.interactions("ana")) == 30


async def test_a_broad_topic_is_shown_first_and_goes_with_its_word(in_memory: InMemory) -> None:
    service = in_memory(ScriptedProfiler(writes_prose=False))
    await service.observe("ana", films(30))
    await service.observe("ana", chose("Solaris"))
    with pytest.raises(BroadForgetError, match="30 of 31 interactions") as caught:
        await revise(service, forget="film")
    assert len(await service.interactions("ana")) == 31
    assert (await service.preview("ana", "film")).word == caught.value.word
    with pytest.raises(BroadForgetError):
        await revise(service, forget="film", confirm="forget-000000")
    await service.observe("ana", chose("film noir"))
    with pytest.raises(BroadForgetError):
        # What would go is not what was shown.
        await revise(service, forget="film", confirm=caught.value.word)
    word = (await service.preview("ana", "film")).word
    revised = await revise(service, forget="film", confirm=word)
    assert revised.forgotten is not None
    assert revised.forgotten.interactions == 31


async def test_a_preview_changes_nothing(in_memory: InMemory) -> None:
    service = in_memory(BuiltinProfiler())
    await service.observe("ana", chose("Emma (Romance)", "Alien (Horror)"))
    before = await service.get("ana")
    preview = await service.preview("ana", "emma")
    assert (preview.interactions, preview.of) == (1, 2)
    assert [item.chosen for item in preview.examples] == ["Emma (Romance)"]
    everything = await service.preview("ana", "*")
    assert (everything.interactions, len(everything.lines)) == (2, len(await service.lines("ana")))
    assert await service.get("ana") == before


async def test_a_forget_with_an_old_version_is_a_lost_race(in_memory: InMemory) -> None:
    service = in_memory(ScriptedProfiler())
    await service.observe("ana", chose("Solaris"))
    await service.get("ana")
    with pytest.raises(ConflictError):
        await revise(service, forget="solaris", base_version=7)
    with pytest.raises(InvalidInputError, match="too short"):
        await revise(service, forget="a")
