r"""What a rule is: one kind of order to an agent, as data; the tables stand beside this file.

A rule is looked for in the plain view of a text (small letters, no accents, one space between words; see
`finding`), sentence by sentence, and only in those that hold one of its `cues`: honest sentences hold few
of them. In a pattern a space stands for a space or a line break.

Every repetition is bounded, so a pattern is linear in the length of a text; `gap` and `near` keep the
bounds small, because they multiply.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "AGENT",
    "CLAIM",
    "MARKUP",
    "MEMORY",
    "OVERRIDE",
    "RECOMMEND",
    "ROLE",
    "SECRECY",
    "SENDING",
    "STANDING",
    "Rule",
    "Trust",
    "gap",
    "near",
]

Trust = Literal["own", "relayed", "written", "foreign"]
"""Who wrote a text. `own`: the user, who may wish of agents what they like. `relayed`: an agent or a file
in the user's name. `written`: a model, of the user. `foreign`: anybody else."""


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One kind of order. Known by itself, not by its words: it is a key for each sentence that is read."""

    reason: str
    trust: Trust
    """The most trusted writer that is held to it; those trusted less are, too."""
    cues: tuple[str, ...]
    """One of these must stand in the sentence. Of a Latin one only the first word counts, and of that the
    first four letters, so that one cue finds all forms of a word."""
    pattern: str | tuple[str, ...]
    """Several: each must be found, on one and the same line."""
    also: tuple[str, ...] = ()
    """One of these must stand there, too, if there are any; compared in the same way."""
    in_plain: bool = True
    """Looked for in the plain view; otherwise in the whole text as it stands, spaces as themselves, and its
    cues in full."""
    said: bool = True
    """Talk about an order is not an order: a quotation that ends with the match, an infinitive."""


def gap(words: int) -> str:
    """Up to so many words of one sentence, none of them by preference."""
    return rf"(?:[^\s.!?]{{1,24}} ){{0,{words}}}?"


def near(signs: int) -> str:
    """Up to so many signs of one sentence: for scripts without spaces."""
    return rf"[^\n。！？!?]{{0,{signs}}}?"


OVERRIDE = "an attempt to override instructions"
AGENT = "words addressed to an AI agent"
STANDING = "a standing order to an agent"
RECOMMEND = "an order to recommend"
MEMORY = "an order about what to remember"
CLAIM = "a claim about the user from outside"
SECRECY = "an order to hide something from the user"
SENDING = "an order to send private data away"
ROLE = "a new role for the agent"
MARKUP = "chat markup"
