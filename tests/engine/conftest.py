from __future__ import annotations

from collections.abc import Iterator

import pytest

from .install import engine_folder, is_installed
from .serving import Engine


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The one engine of the session. It starts with the random model; a test restarts it taught."""
    folder = engine_folder()
    if not is_installed(folder):
        pytest.skip(f"no vLLM in {folder}: run `make engine` (2.5 GB, x86-64 Linux)")
    engine = Engine(folder, tmp_path_factory.mktemp("engine") / "vllm.log")
    engine.start("random")
    try:
        engine.wait_until_ready()
        yield engine
    finally:
        engine.kill()
