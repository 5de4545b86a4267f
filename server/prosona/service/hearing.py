"""What hooks wrote down by themselves, taken in through the same door as any report."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from prosona.core.errors import InvalidInputError
from prosona.core.requests import Receipt
from prosona.core.words import Interaction
from prosona.service._echoes import ECHO_SECONDS, is_sentence
from prosona.service.change import parse_interaction, parse_user_id

if TYPE_CHECKING:
    from prosona.service.door import Admitted

__all__ = ["HearingStore", "take_in"]

_TOGETHER = 100
"""Prompts read at once: a hook leaves one."""


class _Heard(Protocol):
    """A prompt that a hook wrote down, as it came."""

    @property
    def user_id(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def heard_at(self) -> datetime: ...


@runtime_checkable
class HearingStore(Protocol):
    """A store that hooks can write into without this program."""

    async def heard(self, *, limit: int = 100) -> Sequence[_Heard]:
        """Prompts that nobody has stored yet, oldest first."""
        ...

    async def receive(
        self, user_id: str, said: Sequence[tuple[str, Interaction | None]], *, echo_seconds: float = 0.0
    ) -> list[Receipt | None]:
        """Stores prompts, named by their keys, and takes them out of what was heard, in one transaction; None:
        only takes out."""
        ...


async def take_in(
    store: HearingStore, admitted: Callable[[Sequence[Interaction]], Awaitable[list[Admitted]]]
) -> int:
    """Stores what was heard, each prompt once, whoever else does the same. What the door refuses goes.

    Returns the most interactions that then wait to be folded for one user. Errors: `StoreError`; what is
    left then waits on.
    """
    pending = 0
    while prompts := await store.heard(limit=_TOGETHER):
        for prompt in prompts:
            try:
                user_id = parse_user_id(prompt.user_id)
                said = parse_interaction(
                    chosen=prompt.text,
                    kind="message",
                    domain="chat",
                    agent=prompt.host,
                    idempotency_key=prompt.key,
                    occurred_at=prompt.heard_at,
                )
                (entry,) = await admitted([said])
                echo = ECHO_SECONDS if is_sentence(said) else 0.0
                receipts = await store.receive(user_id, [(prompt.key, entry.interaction)], echo_seconds=echo)
            except InvalidInputError:
                # Nobody's, nothing to read, or heard twice: its key stands for another moment already.
                receipts = await store.receive("", [(prompt.key, None)])
            pending = max(pending, *(receipt.pending for receipt in receipts if receipt), 0)
    return pending
