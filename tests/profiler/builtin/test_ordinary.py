"""Ordinary messages in eight languages leave nothing: what is not mastered is not told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.profiler.builtin.conftest import Person

_PARTS = (Path(__file__).parent / "ordinary" / "messages.txt").read_text(encoding="utf-8").split("# ")[1:]
MESSAGES = {part.split("\n", 1)[0].strip(): part.strip().split("\n")[1:] for part in _PARTS}


@pytest.mark.parametrize("language", MESSAGES)
async def test_ordinary_messages_leave_nothing(make_person: Callable[[], Person], language: str) -> None:
    person = make_person()
    for day, message in enumerate(MESSAGES[language]):
        person.said(message, day=day)
    assert await person.told() == ""
