"""What happened, by name: each helper observes the interaction it stands for."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from prosona.client import AsyncProfileClient, ProfileClient
from prosona.core.errors import InvalidInputError
from prosona.service import open_service

CASES: dict[str, tuple[tuple[str, ...], dict[str, Any], dict[str, Any]]] = {
    "chose": (
        ("Alien",),
        {"over": ["Titanic", "Cats"], "query": "a film?", "domain": "films"},
        {
            "chosen": "Alien",
            "rejected": "Titanic\nCats",
            "query": "a film?",
            "kind": "choice",
            "domain": "films",
        },
    ),
    "corrected": (
        ("Kind regards", "Cheers"),
        {"query": "sign it"},
        {"chosen": "Cheers", "rejected": "Kind regards", "query": "sign it", "kind": "correction"},
    ),
    "rated": (("a long answer",), {"liked": False}, {"rejected": "a long answer", "kind": "rating"}),
    "said": (
        ("I sail.",),
        {"answering": "Any hobbies?"},
        {"chosen": "I sail.", "query": "Any hobbies?", "kind": "message", "domain": "chat"},
    ),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("bound", [True, False], ids=["bound", "unbound"])
def test_a_helper_observes_what_it_is_named_for(name: str, bound: bool, tmp_path: Path) -> None:
    positional, named, expected = CASES[name]
    whose = {} if bound else {"user_id": "ana"}

    def sync() -> None:
        with ProfileClient.local(tmp_path / "sync.db", user_id="ana" if bound else None) as client:
            for status in ("accepted", "duplicate"):
                receipt = getattr(client, name)(*positional, **named, **whose, idempotency_key="k")
                assert receipt.status == status

    async def not_sync() -> None:
        async with AsyncProfileClient.local(tmp_path / "async.db", user_id="ana" if bound else None) as c:
            for status in ("accepted", "duplicate"):
                receipt = await getattr(c, name)(*positional, **named, **whose, idempotency_key="k")
                assert receipt.status == status

    sync()
    asyncio.run(not_sync())
    for db in ("sync.db", "async.db"):
        (observed,) = asyncio.run(_interactions(tmp_path / db))
        shown = observed.model_dump(
            exclude_none=True, include={"query", "chosen", "rejected", "kind", "domain"}
        )
        assert shown == expected


async def _interactions(db: Path) -> list[Any]:
    service = open_service(db)
    try:
        return list(await service.interactions("ana"))
    finally:
        await service.aclose()


def test_a_thumbs_up_is_a_choice_and_a_pick_may_stand_alone(tmp_path: Path) -> None:
    with ProfileClient.local(tmp_path / "p.db", user_id="ana") as client:
        client.rated("a short answer", liked=True)
        client.chose("Alien")
    liked, picked = asyncio.run(_interactions(tmp_path / "p.db"))
    assert (liked.chosen, liked.rejected) == ("a short answer", None)
    assert (picked.chosen, picked.rejected) == ("Alien", None)


def test_helpers_refuse_what_observe_refuses(tmp_path: Path) -> None:
    with ProfileClient.local(tmp_path / "p.db") as client:
        with pytest.raises(InvalidInputError, match="user_id"):
            client.said("I sail.")
        with pytest.raises(InvalidInputError, match="chosen"):
            client.said("  ", user_id="ana")
