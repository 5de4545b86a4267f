"""The wheel as a user installs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)],
        check=True,
        capture_output=True,
    )
    [built] = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel; what it depends on is borrowed from this one."""
    home = tmp_path_factory.mktemp("venv")
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    [site] = home.glob("lib/python*/site-packages")
    # A path file is not read recursively, so this brings no editable install of the sources along.
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(python),
            "install",
            "-q",
            "--no-deps",
            "--no-index",
            str(wheel),
        ],
        check=True,
        capture_output=True,
    )
    return home


def test_the_wheel_holds_every_module_and_nothing_else(wheel: Path) -> None:
    held = {n for n in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in n}
    sources = {
        str(path.relative_to(root))
        for root in (ROOT / name for name in _source_roots())
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert held == sources
    assert all(name.startswith("prosona/") for name in held)


def test_the_installed_command_observes_and_reads(installed: Path, tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PROSONA_DB": str(tmp_path / "p.db"),
    }

    def prosona(*words: str) -> str:
        command = [str(installed / "bin" / "prosona"), *words]
        return subprocess.run(
            command, check=True, capture_output=True, text=True, env=environment, cwd=tmp_path
        ).stdout

    where = subprocess.run(
        [str(installed / "bin" / "python"), "-c", "import prosona.service as s; print(s.__file__)"],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    ).stdout
    assert Path(where.strip()).is_relative_to(installed)
    prosona("observe", "--user", "ana", "--chosen", "Solaris [Science Fiction]", "--domain", "films")
    got = json.loads(prosona("get", "--user", "ana", "--json"))
    assert (got["interactions"], got["pending"], got["version"]) == (1, 0, 1)


def _source_roots() -> list[str]:
    import tomllib

    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    roots: list[str] = table["tool"]["hatch"]["build"]["targets"]["wheel"]["sources"]
    return roots
