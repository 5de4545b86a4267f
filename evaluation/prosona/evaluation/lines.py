"""What single lines are worth: do they follow from what they rest on, do they tell one user from another, and
how much of the text is an inventory of single things?

By rule, for any profiler: a line is *grounded* if the interactions that `why` shows hold what it quotes, word
for word, and at least half of its content words; where it has none of either (lines on manner) the rule says
nothing. It is *specific* if at most a tenth of the other users of the set have a line of the same words. What
a model says of groundedness is asked of any endpoint.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from prosona.core.tokens import count_tokens
from prosona.core.words import Line, RecordedInteraction
from prosona.evaluation.chat import ChatModel
from prosona.evaluation.data import Choice
from prosona.evaluation.prompts import follows_messages
from prosona.evaluation.readers.lexical import terms_of
from prosona.evaluation.statistics import Estimate, accuracy
from prosona.evaluation.together import together

__all__ = ["Told", "grounded", "grounded_by_model", "is_grounded", "share_of_items", "specific"]

_ENOUGH_WORDS = 0.5
_SHARED_BY = 0.1
"""Of the other users: a line that more of them have says little of any one."""
_STEM = 5
"""Letters by which forms of one word are taken for the same."""
_COPIED_WORDS = 6
"""So many words in a row, as they stand in one item, are a copy of it."""
_SHORTEST_TITLE = 4
"""In characters: shorter ones stand in other words by chance."""
_SHORT_ANSWER = 4
"""In words: so short an answer to a question is a value, and told under what was asked it is a fact."""
_QUOTED = re.compile(r"[\"“„«「『]([^\"“”„«»「」『』]+)[\"”“»」』]")
_WORD = re.compile(r"\w+")
_LABEL = re.compile(r"^(?:title|name|标题|名称)\s*[:：]\s*", re.IGNORECASE)
_TITLE = re.compile(r"(?:(?!, ?\w+:)[^\n|(\[，])+")


@dataclass(frozen=True, slots=True)
class Told:
    """An inferred line of a user with the interactions that it is said to rest on."""

    user_id: str
    line: Line
    interactions: tuple[RecordedInteraction, ...]


def is_grounded(told: Told) -> bool | None:
    """Whether the rule finds the line in its interactions; None where the line has nothing to look for."""
    seen = [
        text
        for item in told.interactions
        for text in (item.chosen, item.rejected, item.query, item.domain)
        if text
    ]
    whole = " ".join(_plain(text) for text in seen)
    quoted = [_plain(part) for part in _QUOTED.findall(told.line.text)]
    if quoted:
        return all(part in whole for part in quoted)
    wanted = {term[:_STEM] for term in terms_of(told.line.text)}
    there = {term[:_STEM] for text in seen for term in terms_of(text)}
    if not wanted or not told.interactions:
        return None if told.interactions else False
    found = len(wanted & there) / len(wanted)
    return found >= _ENOUGH_WORDS if found else None


def grounded(told: Iterable[Told]) -> Estimate:
    """The share of lines that are, of those of which the rule says something; intervals over users."""
    credits: dict[str, list[float]] = {}
    for each in told:
        verdict = is_grounded(each)
        if verdict is not None:
            credits.setdefault(each.user_id, []).append(float(verdict))
    return accuracy(credits)


async def grounded_by_model(told: Sequence[Told], model: ChatModel) -> Estimate:
    """The share of lines of which `model` says that they follow from their interactions.

    What it answers with neither Y nor N is left out.
    """
    answers = await together(
        model.ask(follows_messages(each.line.text, [_choice(i) for i in each.interactions]), max_tokens=4)
        for each in told
    )
    credits: dict[str, list[float]] = {}
    for each, answer in zip(told, answers, strict=True):
        letter = answer.text.strip()[:1].upper()
        if letter in ("Y", "N"):
            credits.setdefault(each.user_id, []).append(float(letter == "Y"))
    return accuracy(credits)


def specific(told: Sequence[Told]) -> Estimate:
    """The share of lines that few other users of the same set have in the same words."""
    users = {each.user_id for each in told}
    holders = Counter(text for text, _ in {(_plain(each.line.text), each.user_id) for each in told})
    credits: dict[str, list[float]] = {user: [] for user in users}
    for each in told:
        others = holders[_plain(each.line.text)] - 1
        credits[each.user_id].append(float(others <= _SHARED_BY * max(1, len(users) - 1)))
    return accuracy(credits)


def share_of_items(text: str, history: Sequence[Choice]) -> float:
    """The share of `text`, in tokens, that is titles or copied text of single things from `history`.

    What a user said, and a short answer to a question, are no such things.
    """
    whole = count_tokens(text)
    if not whole:
        return 0.0
    items = [
        item
        for choice in history
        if choice.kind != "chat" and not _is_value(choice)
        for item in (choice.chosen, choice.rejected)
        if item
    ]
    marked = bytearray(len(text))
    for start, end in [*_titles_in(text, items), *_copies_in(text, items)]:
        marked[start:end] = b"\1" * (end - start)
    taken = "".join(sign if mark else "\n" for sign, mark in zip(text, marked, strict=True))
    return min(1.0, sum(count_tokens(part) for part in taken.split("\n") if part.strip()) / whole)


def _is_value(choice: Choice) -> bool:
    answer = choice.chosen or choice.rejected or ""
    return bool(choice.query) and len(_WORD.findall(answer)) <= _SHORT_ANSWER


def _titles_in(text: str, items: Sequence[str]) -> Iterable[tuple[int, int]]:
    low = text.lower()
    titles = {match[0].strip().lower() for item in items if (match := _TITLE.match(_LABEL.sub("", item)))}
    for title in titles:
        if len(title) < _SHORTEST_TITLE:
            continue
        for match in re.finditer(rf"(?<!\w){re.escape(title)}(?!\w)", low):
            yield match.span()


def _copies_in(text: str, items: Sequence[str]) -> Iterable[tuple[int, int]]:
    runs = set()
    for item in items:
        words = _words(item)
        runs |= {tuple(words[at : at + _COPIED_WORDS]) for at in range(len(words) - _COPIED_WORDS + 1)}
    found = list(_WORD.finditer(text))
    for at in range(len(found) - _COPIED_WORDS + 1):
        part = found[at : at + _COPIED_WORDS]
        if tuple(match[0].lower() for match in part) in runs:
            yield part[0].start(), part[-1].end()


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _plain(text: str) -> str:
    return " ".join(_words(text))


def _choice(item: RecordedInteraction) -> Choice:
    return Choice(item.query or "", item.chosen, item.rejected, item.occurred_at)
