"""Generation: do answers suit a user better when the model that writes them knows the profile?

Each question is answered with the profile and without it; a judge who sees the answer that was
written for this user compares the two, once in each order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from prosona.evaluation.chat import ChatModel
from prosona.evaluation.data import Ask, Benchmark
from prosona.evaluation.journal import Journal, digest
from prosona.evaluation.prompts import answer_messages, judge_messages
from prosona.evaluation.together import together

__all__ = ["Comparisons", "compare"]

_ANSWER_TOKENS = 512
_VERDICT_TOKENS = 16
_TOKENS_IN_CHANNELS = 2_048
_BETTER = re.compile(r"[\"']better[\"']\s*:\s*[\"'](?:Response\s*)?(1|2|tie)\b", re.IGNORECASE)


@dataclass(slots=True)
class Comparisons:
    """Credits for answers with the profile, by user: 1 better, 0.5 a tie, 0 worse, mean of both orders."""

    credits: dict[str, list[float]] = field(default_factory=dict)
    unparsed: int = 0
    """Verdicts without an answer; each counts as a tie."""
    order_decided: int = 0
    """Questions on which the judge changed its mind when the order was swapped."""


async def compare(
    benchmark: Benchmark,
    texts: Mapping[str, str],
    writer: ChatModel,
    judge: ChatModel,
    journal: Journal,
    progress: Callable[[int], None],
) -> Comparisons:
    """Answers and judges every question of the benchmark; what the journal holds is not asked again."""
    asked = [(person.user_id, ask) for person in benchmark.people for ask in person.asks]

    async def one(user_id: str, ask: Ask) -> dict[str, object]:
        profile = texts.get(user_id, "")
        key = digest(benchmark.name, user_id, ask.query, profile, writer.endpoint.model, judge.endpoint.model)
        row = journal.get(key)
        if row is None:
            informed, plain = await together(_answer(writer, ask.query, known) for known in (profile, ""))
            orders = ((informed, plain), (plain, informed))
            straight, swapped = await together(_verdict(judge, ask, *order) for order in orders)
            row = journal.add(
                key,
                {
                    "set": benchmark.name,
                    "user": user_id,
                    "query": ask.query,
                    "reference": ask.reference,
                    "with profile": informed,
                    "without profile": plain,
                    "verdict": straight,
                    "verdict swapped": swapped,
                },
            )
        progress(1)
        return row

    rows = await together(one(user_id, ask) for user_id, ask in asked)
    return _counted(rows)


def _counted(rows: list[dict[str, object]]) -> Comparisons:
    counted = Comparisons()
    worth = {"1": 1.0, "2": 0.0}
    for row in rows:
        straight, swapped = _parsed(str(row["verdict"])), _parsed(str(row["verdict swapped"]))
        first, second = worth.get(straight, 0.5), 1 - worth.get(swapped, 0.5)
        counted.credits.setdefault(str(row["user"]), []).append((first + second) / 2)
        counted.unparsed += (not straight) + (not swapped)
        counted.order_decided += first != second
    return counted


async def _answer(writer: ChatModel, query: str, profile: str) -> str:
    limit = _TOKENS_IN_CHANNELS if writer.endpoint.in_channels else _ANSWER_TOKENS
    return (await writer.ask(answer_messages(query, profile=profile), max_tokens=limit)).text


async def _verdict(judge: ChatModel, ask: Ask, first: str, second: str) -> str:
    limit = _TOKENS_IN_CHANNELS if judge.endpoint.in_channels else _VERDICT_TOKENS
    reply = await judge.ask(judge_messages(ask.query, ask.reference, first, second), max_tokens=limit)
    return reply.text


def _parsed(verdict: str) -> str:
    found = _BETTER.findall(verdict)
    return found[-1].lower() if found else ""
