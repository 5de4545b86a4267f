"""An agent goes on without its store; what it observed meanwhile is not lost."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prosona.client import AsyncProfileClient, ProfileClient, UndeliveredError
from prosona.client.calls import Fields, ProfileCalls
from prosona.client.outbox import MOST_KEPT
from prosona.core.errors import (
    InvalidInputError,
    NotFoundError,
    ProsonaError,
    StoreForkedError,
    UnavailableError,
)
from prosona.core.requests import Receipt
from prosona.core.words import Profile
from prosona.service.answers import Preview, Reasons, Revised
from prosona.service.steps import Step


class Profiles(ProfileCalls):
    """The calls of a client, which fail as long as `down` says so."""

    def __init__(self, down: Callable[[], Exception | None] = lambda: None) -> None:
        self.down = down
        self.observed: dict[str, Fields] = {}
        self.order: list[str] = []
        self.calls = 0

    async def observe(self, user_id: str | None, interaction: Fields) -> Receipt:
        self._try()
        key, chosen = str(interaction["idempotency_key"]), str(interaction["chosen"])
        known = key in self.observed
        self.observed[key] = interaction
        if not known:
            self.order.append(chosen)
        return Receipt(status="duplicate" if known else "accepted", pending=0)

    async def get(self, user_id: str | None, *, max_tokens: int | None, fresh: bool, lines: bool) -> Profile:
        self._try()
        return Profile(
            user_id="ana", text="Likes maps.", version=1, updated_at=None, interactions=0, pending=0
        )

    async def revise(self, user_id: str | None, change: Fields) -> Revised:
        raise NotImplementedError

    async def why(self, user_id: str | None, line: str) -> Reasons:
        raise NotImplementedError

    async def preview(self, user_id: str | None, what: str) -> Preview:
        raise NotImplementedError

    async def history(self, user_id: str | None, *, limit: int) -> list[Step]:
        raise NotImplementedError

    async def aclose(self) -> None:
        self.closed = True

    def _try(self) -> None:
        self.calls += 1
        if error := self.down():
            raise error


def _gone() -> Exception | None:
    return UnavailableError("gone")


async def test_a_read_delivers_what_waits_before_it_answers() -> None:
    profiles = Profiles(_gone)
    async with AsyncProfileClient(profiles, user_id="ana") as client:
        assert await client.observe_turn("One.", turn_id="1") is None
        assert await client.context() == ""
        profiles.down = lambda: None
        assert "Likes maps." in await client.context()
        assert profiles.order == ["One."]


async def test_the_same_turn_kept_twice_is_observed_once() -> None:
    profiles = Profiles(_gone)
    async with AsyncProfileClient(profiles, user_id="ana") as client:
        for _ in range(3):
            await client.observe_turn("One.", turn_id="1")
        profiles.down = lambda: None
        receipt = await client.observe_turn("One.", turn_id="1")
        assert receipt is not None
        assert receipt.status == "duplicate"
        assert profiles.order == ["One."]


async def test_one_turn_id_with_other_words_is_another_turn() -> None:
    profiles = Profiles()
    async with AsyncProfileClient(profiles, user_id="ana") as client:
        await client.observe_turn("One.", turn_id="1")
        await client.observe_turn("Two.", turn_id="1")
        await client.observe_turn("Two.")
        await client.observe_turn("Two.")
    assert profiles.order == ["One.", "Two.", "Two.", "Two."]


async def test_closing_raises_what_nobody_has_and_still_closes() -> None:
    profiles = Profiles(_gone)
    client = AsyncProfileClient(profiles)
    await client.observe_turn("One.", user_id="ana")
    with pytest.raises(UndeliveredError, match="1 observations") as raised:
        await client.aclose()
    assert profiles.closed
    ((user_id, interaction),) = raised.value.interactions
    profiles.down = lambda: None
    await client.observe(user_id, **{k: v for k, v in interaction.items() if v is not None})  # type: ignore[arg-type]
    assert profiles.order == ["One."]
    await client.aclose()


async def test_a_full_outbox_raises_instead_of_forgetting() -> None:
    profiles = Profiles(_gone)
    client = AsyncProfileClient(profiles, user_id="ana")
    for n in range(MOST_KEPT):
        await client.observe_turn(f"{n}")
    with pytest.raises(UnavailableError, match="gone"):
        await client.observe_turn("one too many")
    with pytest.raises(UndeliveredError, match=f"{MOST_KEPT} observations"):
        await client.aclose()


@pytest.mark.parametrize(
    "refusal", [InvalidInputError("no"), NotFoundError("no"), ProsonaError("Prosona failed on this call")]
)
async def test_a_kept_turn_that_is_refused_is_set_aside_and_told_and_the_others_go_on(
    refusal: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    profiles = Profiles(_gone)
    client = AsyncProfileClient(profiles, user_id="ana")
    await client.observe_turn("One.")
    answers: list[Exception | None] = [refusal, None, None]
    profiles.down = lambda: answers.pop(0)
    with caplog.at_level(logging.ERROR):
        assert "Likes maps." in await client.context()
    assert "set aside" in caplog.text
    assert client.undelivered == 1
    await client.observe_turn("Two.")
    profiles.down = lambda: None
    assert "Likes maps." in await client.context()
    assert profiles.order == ["Two."]
    with pytest.raises(UndeliveredError, match="1 observations") as raised:
        await client.aclose()
    ((user_id, interaction),) = raised.value.interactions
    assert (user_id, interaction["chosen"]) == ("ana", "One.")
    await client.aclose()


async def test_what_is_set_aside_takes_up_room_among_what_is_kept() -> None:
    profiles = Profiles(_gone)
    client = AsyncProfileClient(profiles, user_id="ana")
    for n in range(MOST_KEPT):
        await client.observe_turn(f"{n}")
    profiles.down = lambda: InvalidInputError("no")
    with pytest.raises(InvalidInputError):
        await client.observe_turn("refused at once")
    assert client.undelivered == MOST_KEPT
    profiles.down = _gone
    with pytest.raises(UnavailableError):
        await client.observe_turn("one too many")
    with pytest.raises(UndeliveredError, match=f"{MOST_KEPT} observations"):
        await client.aclose()


async def test_a_store_left_behind_by_a_fork_is_no_outage_to_wait_for() -> None:
    profiles = Profiles(lambda: StoreForkedError("make another one in the child"))
    async with AsyncProfileClient(profiles, user_id="ana") as client:
        with pytest.raises(StoreForkedError):
            await client.context()
        with pytest.raises(StoreForkedError):
            await client.observe_turn("One.")


async def test_a_mistake_of_the_program_is_raised_at_once() -> None:
    profiles = Profiles(lambda: InvalidInputError("user_id is too long"))
    async with AsyncProfileClient(profiles) as client:
        with pytest.raises(InvalidInputError):
            await client.context("x" * 500)
        with pytest.raises(InvalidInputError):
            await client.observe_turn("One.", user_id="x" * 500)


async def test_after_a_call_that_hung_the_next_ones_do_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("prosona.client.outbox.time.monotonic", lambda: now)

    def hang() -> Exception | None:
        nonlocal now
        now += 2
        return UnavailableError("no answer")

    profiles = Profiles(hang)
    async with AsyncProfileClient(profiles, user_id="ana") as client:
        assert await client.context() == ""
        assert await client.context() == ""
        assert await client.observe_turn("One.") is None
        assert profiles.calls == 1
        now += 21
        profiles.down = lambda: None
        assert "Likes maps." in await client.context()
    assert profiles.order == ["One."]


@settings(deadline=None)  # A busy machine is no failure.
@given(st.lists(st.tuples(st.booleans(), st.text(min_size=1, max_size=20)), max_size=30))
async def test_turns_arrive_once_and_in_order_however_often_the_store_fails(
    turns: list[tuple[bool, str]],
) -> None:
    profiles = Profiles()
    async with AsyncProfileClient(profiles, user_id="ana") as client:
        for n, (down, said) in enumerate(turns):
            profiles.down = _gone if down else (lambda: None)
            await client.observe_turn(said, turn_id=str(n))
        profiles.down = lambda: None
    assert profiles.order == [said for _, said in turns]


_NOT_CLOSED = """
import logging, sys
from prosona.client import ProfileClient
logging.basicConfig()
client = ProfileClient.local(sys.argv[1]) if len(sys.argv) == 2 else ProfileClient.connect(sys.argv[2])
client.observe_turn("I sail.", user_id="ana")
"""


def test_a_program_that_forgets_to_close_ends_and_says_what_it_lost(tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", _NOT_CLOSED, *arguments],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        return done.stderr

    assert run(str(tmp_path / "p.db")) == ""
    assert "1 observations are lost" in run("", "http://127.0.0.1:9/mcp")


def test_a_closed_sync_client_says_that_it_is_closed(tmp_path: Path) -> None:
    client = ProfileClient.local(tmp_path / "p.db")
    client.close()
    client.close()
    with pytest.raises(RuntimeError, match="closed"):
        client.get("ana")
