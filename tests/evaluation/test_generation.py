from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from prosona.evaluation.chat import ChatModel
from prosona.evaluation.data import Ask, Benchmark, Choice, Person
from prosona.evaluation.generation import Comparisons, compare
from prosona.evaluation.journal import Journal
from prosona.evaluation.plan import Plan
from prosona.evaluation.readers.llm import LLMReader
from prosona.evaluation.report import write_report
from prosona.evaluation.running import Judging
from prosona.evaluation.running import run as run_plan
from prosona.evaluation.summary import summarize
from prosona.profiler.testing import ScriptedProfiler

from .conftest import Answer, ScriptedServer

PEOPLE = Benchmark(
    "chats",
    "generation",
    tuple(
        Person(name, (Choice("", "hello", None, kind="chat"),), (), (Ask("What to cook?", "A vegan stew."),))
        for name in ("ana", "ben")
    ),
)


def respond(endpoint: ScriptedServer, verdict: str | None = None) -> None:
    """Answers with what the profile says; judges by who mentions vegan food, or always `verdict`."""

    def answer(request: dict[str, Any]) -> Answer:
        asked = request["messages"][-1]["content"]
        if "Response 2:" not in asked:
            return endpoint.completion("A vegan stew" if "vegan" in asked else "A steak")
        first, second = asked.split("Response 1:")[1].split("Response 2:")
        better = "1" if "vegan" in first and "vegan" not in second else "2"
        return endpoint.completion(verdict or f'{{"better": "Response {better}"}}')

    endpoint.answer = answer


async def run(model: ChatModel, folder: Path, texts: dict[str, str]) -> Comparisons:
    with Journal(folder / "answers.jsonl") as journal:
        return await compare(PEOPLE, texts, model, model, journal, lambda _: None)


async def test_answers_that_suit_the_user_better_earn_a_credit_in_both_orders(
    endpoint: ScriptedServer, model: ChatModel, tmp_path: Path
) -> None:
    respond(endpoint)
    compared = await run(model, tmp_path, {"ana": "Is vegan.", "ben": "Is vegan."})
    assert compared.credits == {"ana": [1.0], "ben": [1.0]}
    assert (compared.unparsed, compared.order_decided) == (0, 0)
    judged = [
        r["messages"][-1]["content"]
        for r in endpoint.requests
        if "Response 2:" in r["messages"][-1]["content"]
    ]
    assert len(judged) == 4
    assert sum("Response 1:\nA vegan stew" in text for text in judged) == 2
    assert all("Reference response:\nA vegan stew." in text for text in judged)


async def test_a_judge_that_always_names_the_first_decides_nothing(
    endpoint: ScriptedServer, model: ChatModel, tmp_path: Path
) -> None:
    respond(endpoint, '{"better": "Response 1"}')
    compared = await run(model, tmp_path, {"ana": "Is vegan.", "ben": "Is vegan."})
    assert compared.credits == {"ana": [0.5], "ben": [0.5]}
    assert compared.order_decided == 2


async def test_verdicts_that_cannot_be_read_are_ties_and_are_counted(
    endpoint: ScriptedServer, model: ChatModel, tmp_path: Path
) -> None:
    respond(endpoint, "Hard to say.")
    compared = await run(model, tmp_path, {"ana": "Is vegan.", "ben": ""})
    assert compared.credits == {"ana": [0.5], "ben": [0.5]}
    assert compared.unparsed == 4


async def test_nothing_is_asked_twice_when_a_run_goes_on(
    endpoint: ScriptedServer, model: ChatModel, tmp_path: Path
) -> None:
    respond(endpoint)
    first = await run(model, tmp_path, {"ana": "Is vegan.", "ben": "Is vegan."})
    asked = len(endpoint.requests)
    assert await run(model, tmp_path, {"ana": "Is vegan.", "ben": "Is vegan."}) == first
    assert len(endpoint.requests) == asked
    await run(model, tmp_path, {"ana": "Is vegan.", "ben": "Eats everything."})
    assert len(endpoint.requests) == asked + 4


async def test_a_set_with_nothing_but_questions_to_answer_is_judged_alone(
    endpoint: ScriptedServer, model: ChatModel, tmp_path: Path
) -> None:
    respond(endpoint)
    quiet = Progress(console=Console(quiet=True))

    def make() -> ScriptedProfiler:
        return ScriptedProfiler("Is vegan.")

    judging = Judging(model, model)
    results = await run_plan([PEOPLE], make, [LLMReader(model)], Plan(), tmp_path, quiet, judging)
    summary = summarize(results, Plan(), {"profiler": "scripted"})
    assert summary["sets"][0]["generation"]["value"] == 100
    assert summary["sets"][0]["readers"] == {}
    write_report(summary, tmp_path)
    assert "| chats | 100.0 [100.0, 100.0] | 2 | 0 | 0 |" in (tmp_path / "report.md").read_text()
