from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prosona.cli.engine import Gpu, parallelism
from prosona.profiler.testing import Answer, ScriptedEndpoint
from prosona.profiler.testing.endpoint import Step

Run = Callable[..., subprocess.CompletedProcess[str]]


class ThreadedEndpoint:
    """The scripted endpoint on a loop of its own, so that the test may wait for other processes."""

    def __init__(self, *script: Step) -> None:
        import asyncio

        self.endpoint = ScriptedEndpoint(*script, model="test/profiler")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.endpoint.start(), self._loop).result(10)

    def close(self) -> None:
        import asyncio

        asyncio.run_coroutine_threadsafe(self.endpoint.stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture
def serving() -> Iterator[Callable[..., ScriptedEndpoint]]:
    started: list[ThreadedEndpoint] = []

    def start(*script: Step) -> ScriptedEndpoint:
        started.append(ThreadedEndpoint(*script))
        return started[-1].endpoint

    yield start
    for endpoint in started:
        endpoint.close()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The real command on a file of this test."""

    def prosona(
        *arguments: str, path: Path | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PROSONA_DB": str(tmp_path / "profiles.db"), **variables}
        if path is not None:
            environment["PATH"] = str(path)
        return subprocess.run(
            [sys.executable, "-m", "prosona.cli", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return prosona


def observe(run: Run, *users: str) -> None:
    for user in users:
        assert run("observe", "--user", user, "--chosen", "Solaris", PROSONA_PROFILER="host").returncode == 0


def test_everyone_is_folded_through_the_endpoint_and_a_second_run_has_nothing_to_do(
    run: Run, serving: Callable[..., ScriptedEndpoint]
) -> None:
    observe(run, "ana", "bo", "cy")
    endpoint = serving(Answer("Likes slow films."))
    done = run("fold", "--all", "--profiler-url", endpoint.url, "--prompt-template", "alignxplore", "--json")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"folded": 3, "pending": 0})
    again = run("fold", "--all", "--profiler-url", endpoint.url, "--prompt-template", "alignxplore", "--json")
    assert json.loads(again.stdout) == {"pending": 0}
    assert len(endpoint.requests) == 3
    profile = json.loads(run("get", "--user", "bo", "--json").stdout)
    assert (profile["text"], profile["version"]) == ("Likes slow films.", 1)


def test_a_fold_that_is_refused_ends_with_the_profilers_exit_code(
    run: Run, serving: Callable[..., ScriptedEndpoint]
) -> None:
    observe(run, "ana")
    endpoint = serving(Answer("I'm sorry, but I can't help with that."))
    done = run("fold", "--all", "--profiler-url", endpoint.url, "--prompt-template", "alignxplore")
    assert done.returncode == 6
    assert "0 users folded, 1 left; 1 interaction pending" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["fold"],
        ["fold", "--all", "--user", "ana"],
        ["fold", "--all", "--profiler", "llm"],
        ["serve", "--profiler", "builtin", "--profiler-url", "http://a"],
        ["serve", "--profiler-url", "not a url"],
    ],
)
def test_options_that_do_not_go_together_are_refused(run: Run, arguments: list[str]) -> None:
    refused = run(*arguments)
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr.startswith("prosona: ")


def test_the_doctor_names_the_model_and_folds_a_sample(
    run: Run, serving: Callable[..., ScriptedEndpoint]
) -> None:
    endpoint = serving(Answer("Likes slow films."))
    found = json.loads(
        run("doctor", "--profiler-url", endpoint.url, "--prompt-template", "alignxplore", "--json").stdout
    )
    [profiler] = [f for f in found if f["check"] == "profiler"]
    assert profiler["status"] == "ok"
    assert re.match(
        r"llm: test/profiler, context 16384 tokens: folded a sample in [\d.]+ s, \d+ tokens",
        profiler["detail"],
    )
    gone = run("doctor", "--profiler-url", "http://127.0.0.1:9", "--json")
    [profiler] = [f for f in json.loads(gone.stdout) if f["check"] == "profiler"]
    assert (gone.returncode, profiler["status"]) == (1, "fail")
    assert "cannot be reached" in profiler["detail"]


def test_a_server_with_the_builtin_profiler_loads_nothing_of_the_others() -> None:
    program = (
        "import sys; import prosona.cli.serving, prosona.server, prosona.service\n"
        "heavy = ('openai', 'jinja2', 'prometheus_client', 'opentelemetry.sdk')\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    seen = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert seen.stdout.strip() == "[]"


def test_a_server_counts_its_folds_for_prometheus(run: Run, tmp_path: Path) -> None:
    observe(run, "ana", "bo")
    command = [sys.executable, "-m", "prosona.cli", "--db", str(tmp_path / "profiles.db"), "serve"]
    server = subprocess.Popen(
        [*command, "--transport", "http", "--port", "0", "--profiler", "host"],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stderr is not None
        url = re.search(r"http://\S+?(?=/mcp)", server.stderr.readline())
        assert url is not None
        with urllib.request.urlopen(f"{url[0]}/metrics", timeout=10) as answer:
            text = answer.read().decode()
    finally:
        server.terminate()
        server.wait(10)
        if server.stderr is not None:
            server.stderr.close()
    assert "prosona_pending_users 2.0" in text
    assert "prosona_pending_interactions 2.0" in text
    assert float(re.findall(r"^prosona_oldest_pending_seconds (\S+)$", text, re.MULTILINE)[0]) > 0
    assert "ana" not in text


def test_the_engines_command_line_is_printed_or_run_with_telemetry_off(run: Run, tmp_path: Path) -> None:
    printed = run("profiler", "serve", "--print", "--model", "some/model", "--max-num-seqs", "64")
    line = printed.stdout.strip()
    assert line.startswith("VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1 vllm serve some/model ")
    for flag in ("--reasoning-parser qwen3", "--max-model-len 16384", "--enable-prefix-caching"):
        assert flag in line
    assert line.endswith("--max-num-seqs 64")
    fake = tmp_path / "bin" / "vllm"
    fake.parent.mkdir()
    fake.write_text('#!/bin/sh\necho "$VLLM_NO_USAGE_STATS $*"\n')
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    ran = run("profiler", "serve", "--port", "9000", path=fake.parent)
    assert ran.stdout.startswith("1 serve VanillaH1/AlignXplore-Plus --host 127.0.0.1 --port 9000 ")
    missing = run("profiler", "serve", path=tmp_path)
    assert missing.returncode == 1
    assert "vllm is not installed" in missing.stderr


@pytest.mark.parametrize(
    ("gpus", "flags"),
    [
        ([], []),
        ([Gpu("H200", 143_000)], []),
        ([Gpu("H200", 143_000)] * 8, ["--data-parallel-size", "8"]),
        ([Gpu("L4", 23_000)] * 3, ["--tensor-parallel-size", "2"]),
    ],
)
def test_parallelism_follows_the_gpus(gpus: list[Gpu], flags: list[str]) -> None:
    assert parallelism(gpus) == flags
