"""The examples of the adapters, run as their reader would run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

AGENTS = Path(__file__).parents[2] / "examples" / "agents"


def run(script: str, db: Path, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, str(AGENTS / script), str(db)],
        env={**os.environ, "EXAMPLE_MODEL": "", **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def test_what_one_agent_learns_the_others_use(tmp_path: Path) -> None:
    first, second, host, last, where = run("shared_profile.py", tmp_path / "p.db").splitlines()
    assert first.endswith("I do not know you yet.")
    assert "vegetarian" in second
    assert "nurse" in host
    assert all(word in last for word in ("vegetarian", "Oslo", "nurse", "Keep answers short."))
    assert where.endswith(str(tmp_path / "p.db"))


def test_a_router_and_its_specialists_hear_the_user_once(tmp_path: Path) -> None:
    output = run("router.py", tmp_path / "p.db")
    assert [line.split(":")[0] for line in output.splitlines()[1:6:2]] == ["  films", "  food", "  films"]
    assert "vegetarian" in output.splitlines()[3]
    assert output.splitlines()[-1] == "Observed 3 interactions, one for each question."


def test_the_recommender_ranks_by_the_profile(tmp_path: Path) -> None:
    output = run("recommender.py", tmp_path / "p.db")
    before, after = (part.splitlines()[1:6] for part in (output, output.split("After:")[1]))
    assert "Notting Hill" in before[0]
    assert all("Science fiction" in line for line in after[:2])
    assert sorted(before) == sorted(after)


class _Endpoint(BaseHTTPRequestHandler):
    asked: list[str]

    def log_message(self, *args: object) -> None:
        """Nothing: the test's output is its own."""

    def do_POST(self) -> None:
        self.asked.append(self.rfile.read(int(self.headers["content-length"])).decode())
        message = {"role": "assistant", "content": "A real answer."}
        answer = {
            "id": "c",
            "object": "chat.completion",
            "created": 1,
            "model": "gpt-5-mini",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        }
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def endpoint() -> Iterator[tuple[str, list[str]]]:
    """An endpoint that speaks OpenAI's protocol, and what it was asked."""
    asked: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Endpoint", (_Endpoint,), {"asked": asked}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_one_setting_leads_to_a_real_endpoint(tmp_path: Path, endpoint: tuple[str, list[str]]) -> None:
    pytest.importorskip("langchain_openai")
    pytest.importorskip("llama_index.llms.openai")
    url, asked = endpoint
    output = run(
        "shared_profile.py",
        tmp_path / "p.db",
        EXAMPLE_MODEL="openai:gpt-4o-mini",
        OPENAI_BASE_URL=url,
        OPENAI_API_BASE=url,
        OPENAI_API_KEY="dummy",
    )
    assert output.count("A real answer.") == 3
    assert "vegetarian" in asked[1]
    assert "Keep answers short." in asked[2]
