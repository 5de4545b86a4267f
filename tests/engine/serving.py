"""Serves a tiny model by a real vLLM on the CPU, for the tests here and for benchmarks.

    make engine
    python -m tests.engine.serving MODEL PORT        until it is interrupted

MODEL is `random`, `taught` or `deep` (`make_tiny_model.py` says what each is for), or `real`.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from .install import engine_folder

READY_SECONDS = 180.0
CONTEXT = 4096
"""Small for the tests, which fill it."""


def command(folder: Path, model: str, port: int, context: int = CONTEXT) -> list[str]:
    """The `vllm serve` line of `model`, under the name `tiny`."""
    # The tiny ones think as Qwen3 does; the real one does not.
    thinks = "" if model == "real" else " --reasoning-parser qwen3"
    # Chunked prefill crashes vLLM's CPU build, so the longest prompt has to fit one batch.
    flags = (
        f"--served-model-name tiny --enforce-eager --max-model-len {context} --max-num-seqs 32"
        f" --no-enable-chunked-prefill --max-num-batched-tokens {max(8192, context)}"
        f"{thinks} --block-size 32 --disable-uvicorn-access-log --host 127.0.0.1"
    )
    return [f"{folder}/bin/vllm", "serve", f"{folder}/models/{model}", *flags.split(), "--port", str(port)]


def environment() -> dict[str, str]:
    """What vLLM needs to run on a CPU and to keep to itself."""
    return {
        **os.environ,
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "VLLM_NO_USAGE_STATS": "1",
        "DO_NOT_TRACK": "1",
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "VLLM_CPU_OMP_THREADS_BIND": "nobind",
        "OMP_NUM_THREADS": "1",
        "TORCHDYNAMO_DISABLE": "1",
    }


class Engine:
    """A real vLLM on the CPU, always at the same address, whichever model it serves."""

    def __init__(self, folder: Path, log: Path) -> None:
        self._folder = folder
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self._port = listener.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self, model: str) -> None:
        """Serves the model `random` or `taught` under the name `tiny`. Returns at once."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command(self._folder, model, self._port),
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        """Blocks until it answers."""
        self.wait_until(self._is_healthy)

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Blocks until `holds`, and fails if the engine ends or takes too long."""
        deadline = time.monotonic() + READY_SECONDS
        while not holds():
            assert self._process is not None
            try:
                self._process.wait(0.05)
            except subprocess.TimeoutExpired:
                if time.monotonic() < deadline:
                    continue
            raise RuntimeError(
                f"vLLM ended or took too long: {self._log.read_text(errors='replace')[-4000:]}"
            )

    def _is_healthy(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.url}/health", timeout=2).close()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        """Ends it and all its workers at once, as a crash would."""
        if self._process is not None:
            if self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


if __name__ == "__main__":
    try:
        # With the context of `prosona profiler serve`.
        line = command(engine_folder(), sys.argv[1], int(sys.argv[2]), context=16_384)
    except (IndexError, ValueError):
        sys.exit(__doc__)
    os.execve(line[0], line, environment())
