from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

READY_SECONDS = 180.0


def _installer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("engine_install", Path(__file__).parent / "install.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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
        environment = {
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
        # Chunked prefill crashes vLLM's CPU build; the tests' prompts fit one batch.
        flags = (
            "--served-model-name tiny --enforce-eager --max-model-len 4096 --max-num-seqs 32"
            " --no-enable-chunked-prefill --max-num-batched-tokens 8192 --reasoning-parser qwen3"
            " --block-size 32 --disable-uvicorn-access-log --host 127.0.0.1"
        )
        folder = str(self._folder)
        command = [f"{folder}/bin/vllm", "serve", f"{folder}/models/{model}", *flags.split()]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--port", str(self._port)],
                env=environment,
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
            pytest.fail(f"vLLM ended or took too long: {self._log.read_text(errors='replace')[-4000:]}")

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


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The one engine of the session. It starts with the random model; a test restarts it taught."""
    installer = _installer()
    folder = installer.engine_folder()
    if not installer.is_installed(folder):
        pytest.skip(f"no vLLM in {folder}: run `make engine` (2.5 GB, x86-64 Linux)")
    engine = Engine(folder, tmp_path_factory.mktemp("engine") / "vllm.log")
    engine.start("random")
    try:
        engine.wait_until_ready()
        yield engine
    finally:
        engine.kill()
