"""Conventions of the house as assertions."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from types import ModuleType

import pytest

from prosona.core import errors

ROOT = Path(__file__).parents[2]
ROOMS = sorted(
    path.parent for path in ROOT.glob("*/prosona/*/__init__.py") if not path.is_relative_to(ROOT / ".venv")
)


def _name(room: Path) -> str:
    return f"prosona.{room.name}"


def test_no_source_root_hides_the_others() -> None:
    assert ROOMS, "no packages were found"
    assert list(ROOT.glob("*/prosona/__init__.py")) == []


@pytest.mark.parametrize("room", ROOMS, ids=_name)
def test_every_package_is_typed_and_says_what_it_exports(room: Path) -> None:
    assert (room / "py.typed").exists()
    module = _imported(room)
    exported = module.__all__
    assert exported == sorted(exported, key=lambda n: (n != n.upper(), n[0].islower(), n)), "sort __all__"
    assert len(exported) == len(set(exported))
    for name in exported:
        assert hasattr(module, name)
    public = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not inspect.ismodule(value) and name != "annotations"
    }
    assert public == set(exported)


def _imported(room: Path) -> ModuleType:
    try:
        return importlib.import_module(_name(room))
    except ModuleNotFoundError as error:
        # The frameworks of the adapters are extras.
        if room.parts[-3] == "integrations" and (error.name or "").split(".")[0] in (
            "langchain_core",
            "llama_index",
        ):
            pytest.skip(f"{error.name} is not installed")
        raise


def test_the_error_tree_is_drawn_in_its_docstring() -> None:
    drawn = errors.__doc__ or ""
    classes = [
        c
        for _, c in inspect.getmembers(errors, inspect.isclass)
        if c.__module__ == errors.__name__ and issubclass(c, errors.ProsonaError)
    ]
    assert len(classes) > 5
    for cls in classes:
        assert cls.__name__ in drawn
    assert len({c.code for c in classes}) == len(classes), "two errors share a code"


def test_no_module_is_longer_than_400_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for room in ROOMS
        for path in room.rglob("*.py")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}
