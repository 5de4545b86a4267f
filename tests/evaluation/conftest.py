from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from prosona.evaluation.chat import ChatModel, Endpoint
from prosona.evaluation.data import Benchmark, Choice, Person, Target
from prosona.evaluation.readers.fixed import Matrix

Answer = dict[str, Any] | tuple[int, dict[str, Any]]
"""The body of an answer, or a status with its body."""


def _completion(
    text: str | None,
    *,
    tokens: Sequence[tuple[str, float, dict[str, float]]] = (),
    refusal: str | None = None,
) -> dict[str, Any]:
    """A chat completion as vLLM writes it."""
    content = [
        {
            "token": token,
            "logprob": logprob,
            "bytes": None,
            "top_logprobs": [{"token": t, "logprob": p, "bytes": None} for t, p in others.items()],
        }
        for token, logprob, others in tokens
    ]
    message = {"role": "assistant", "content": text, "refusal": refusal}
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": "scripted",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": message,
                "logprobs": {"content": content, "refusal": None} if tokens else None,
            }
        ],
        "usage": {"prompt_tokens": 90, "completion_tokens": 10, "total_tokens": 100},
    }


class ScriptedServer:
    """An OpenAI-compatible endpoint on a real socket that answers what a function says."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.answer: Callable[[dict[str, Any]], Answer] = lambda _: _completion('{"selection": "Item A"}')
        script = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                script.requests.append(body)
                answer = script.answer(body)
                status, content = answer if isinstance(answer, tuple) else (200, answer)
                encoded = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(encoded)))
                self.end_headers()
                self.wfile.write(encoded)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    completion = staticmethod(_completion)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def endpoint() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    yield server
    server.close()


@pytest.fixture
async def model(endpoint: ScriptedServer) -> AsyncIterator[ChatModel]:
    chat = ChatModel(Endpoint(endpoint.url, "Qwen/Qwen3-8B", concurrency=4))
    yield chat
    await chat.aclose()


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file of lines (objects become JSON) and returns its path."""

    def write(name: str, *lines: object) -> Path:
        path = tmp_path / name
        text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
        path.write_text(text, encoding="utf-8")
        return path

    return write


class CountingEncoder:
    """Embeds a text as its letter counts, and counts how many texts it was given."""

    name = "letters"

    def __init__(self) -> None:
        self.encoded = 0

    def encode(self, texts: Sequence[str]) -> Matrix:
        self.encoded += len(texts)
        rows = np.zeros((len(texts), 26), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for letter in text.lower():
                if "a" <= letter <= "z":
                    row[ord(letter) - 97] += 1
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        rows /= np.maximum(lengths, 1)
        return rows


@pytest.fixture
def encoder() -> CountingEncoder:
    return CountingEncoder()


FILMS = {
    "space": ["Star Ark, Genres: Sci-Fi", "Moon Base, Genres: Sci-Fi", "Red Orbit, Genres: Sci-Fi"],
    "horror": ["Crypt Night, Genres: Horror", "Blood Manor, Genres: Horror", "The Haunt, Genres: Horror"],
    "comedy": ["Pie Fight, Genres: Comedy", "Odd Uncle, Genres: Comedy", "Late Bus, Genres: Comedy"],
}


def fan(user_id: str, likes: str, dislikes: str, choices: int = 12) -> Person:
    """Somebody who always chooses one genre over another, with two targets of the same kind."""
    query = "Which film tonight?"

    def pair(i: int) -> tuple[str, str, str]:
        return query, f"{FILMS[likes][i % 3]} {i}", f"{FILMS[dislikes][i % 3]} {i}"

    history = tuple(Choice(*pair(i), None, "films") for i in range(choices))
    return Person(user_id, history, tuple(Target(*pair(i)) for i in range(100, 102)))


@pytest.fixture
def films() -> Benchmark:
    people = (
        fan("ana", "space", "horror"),
        fan("ben", "horror", "space"),
        fan("cy", "space", "comedy"),
        fan("dee", "comedy", "space"),
    )
    return Benchmark("films", "selection", people)
