from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from .conftest import Process, Prosona


@pytest.mark.parametrize(
    "args",
    [
        ("get", "--user", "ana"),
        ("get", "--user", "ana", "--lines"),
        ("why", "--user", "ana", "1"),
        ("log", "--user", "ana"),
        ("history", "--user", "ana"),
        ("review", "--user", "ana"),
        ("edit", "--user", "ana"),
        ("revise", "--user", "ana", "--remove", "1"),
        ("revise", "--user", "ana"),
        ("revise", "--user", "ana", "--forget", "films", "--yes"),
        ("forget", "--user", "ana", "films", "--yes"),
        ("forget", "--user", "ana", "*", "--yes"),
        ("quarantine", "list", "--user", "ana"),
        ("users",),
        ("export", "--user", "ana"),
        ("fold", "--all"),
        ("fold", "--user", "ana"),
        ("maintain",),
        ("backup", "copy.db"),
    ],
)
@pytest.mark.parametrize("spelled", ["{}", "sqlite:///{}"])
def test_a_database_that_is_not_there_is_said_not_to_exist_and_not_made(
    prosona: Prosona, ana: str, tmp_path: Path, args: tuple[str, ...], spelled: str
) -> None:
    wrong = tmp_path / "prfiles.db"
    result = prosona(*args, "--db", spelled.format(wrong))
    assert (result.exit_code, result.stdout) == (5, "")
    assert f"{wrong} does not exist" in result.stderr
    assert result.stderr.count("\n") == 1
    assert not wrong.exists()


def test_a_database_is_named_by_path_or_url(
    prosona: Prosona, as_json: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "other.db"
    assert prosona("observe", "--user", "ana", "--chosen", "x", "--db", f"sqlite:///{file}").exit_code == 0
    assert file.exists()
    assert as_json("--db", str(file), "get", "--user", "ana")["interactions"] == 1
    assert as_json("--db", f"sqlite:///{file}", "get", "--user", "ana")["interactions"] == 1
    assert prosona("users", "--db", str(tmp_path)).exit_code == 2
    assert prosona("users", "--db", "nosql://there").exit_code == 2


def test_a_copy_is_made_while_the_database_is_used_and_put_back(
    prosona: Prosona, as_json: Callable[..., Any], ana: str, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    before = as_json("get", "--user", ana)
    assert prosona("backup", str(copy)).exit_code == 0
    assert prosona("backup", str(copy)).exit_code == 2, "a copy was overwritten"
    prosona("observe", "--user", ana, "--chosen", "Titanic")
    asked = prosona("restore", str(copy))
    assert asked.exit_code == 2
    assert "--yes" in asked.stderr
    assert prosona("restore", str(copy), "--yes").exit_code == 0
    assert as_json("get", "--user", ana) == before


def test_only_a_database_of_ours_is_put_back(prosona: Prosona, as_json: Callable[..., Any], ana: str) -> None:
    diary = Path("diary.db")
    diary.write_bytes(b"a diary, not a database\n" * 300)
    result = prosona("restore", str(diary), "--yes")
    assert result.exit_code == 5
    assert as_json("get", "--user", ana)["interactions"] == 3


def test_maintenance_tells_that_all_is_in_order(prosona: Prosona, ana: str) -> None:
    prosona("forget", "--user", ana, "Arrival", "--yes")
    result = prosona("maintain")
    assert (result.exit_code, result.stdout) == (0, "in order\n")
    assert json.loads(prosona("maintain", "--json").stdout) == {"problems": []}


@pytest.mark.parametrize("command", [("maintain",), ("fold", "--all"), ("fold", "--user", "ana")])
def test_a_prompt_that_a_hook_left_is_taken_in_by_what_the_doctor_names(
    prosona: Prosona, as_json: Callable[..., Any], ana: str, db: Path, command: tuple[str, ...]
) -> None:
    with closing(sqlite3.connect(db)) as conn, conn:
        conn.execute(
            "INSERT INTO heard (user_id, host, text, key, heard_at) VALUES (?, 'codex', ?, 'k', ?)",
            (ana, "I live in Lyon.", 1_790_000_000_000_000),
        )
    assert prosona(*command).exit_code == 0
    assert "I live in Lyon." in prosona("log", "--user", ana).stdout


def test_a_damaged_page_is_found_by_the_doctor_and_by_maintenance(
    process: Process, ana: str, db: Path
) -> None:
    with closing(sqlite3.connect(db)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'users'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    data = bytearray(db.read_bytes())
    start = (root - 1) * size
    data[start + 3 : start + 5] = b"\x00\x00"  # The page says that it holds no row.
    db.write_bytes(data)
    found = process("doctor", "--json")
    assert found.returncode == 1
    statuses = {item["check"]: item["status"] for item in json.loads(found.stdout)}
    assert "fail" in (statuses["structure"], statuses["schema"])
    assert process("maintain").returncode in (1, 5)


def test_folding_everybody_names_who_is_left_and_why(
    process: Process, prosona: Prosona, ana: str, tmp_path: Path
) -> None:
    Path("picky.py").write_text(
        "from prosona.profiler.builtin import BuiltinProfiler\n"
        "class Picky(BuiltinProfiler):\n"
        "    async def fold(self, request):\n"
        "        if any(i.chosen == 'Poison' for i in request.interactions):\n"
        "            raise KeyError('poison')\n"
        "        return await super().fold(request)\n",
        encoding="utf-8",
    )
    assert prosona("fold", "--user", ana).exit_code == 0
    for user, chosen in (("bo", "Poison"), ("cy", "Moon")):
        assert prosona("observe", "--user", user, "--chosen", chosen).exit_code == 0
    done = process("fold", "--all", "--profiler", "picky:Picky")
    assert done.returncode == 6, done.stderr
    assert "1 user folded, 1 left" in done.stderr
    assert "  bo: " in done.stderr
    alone = process("fold", "--user", "bo", "--profiler", "picky:Picky")
    assert alone.returncode == 6, alone.stderr
    assert "KeyError" in alone.stderr.splitlines()[-1]
    again = process("fold", "--all", "--profiler", "picky:Picky", "--json")
    assert again.returncode == 6, "who waits for a next try is left, too"
    [left] = json.loads(again.stdout)["left"]
    assert left["user_id"] == "bo"
    assert left["why"]


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ("nowhere:make", "nowhere"),
        ("broken:make", "no good"),
        ("plain:missing", "missing"),
        ("plain:number", "number"),
        ("plain:fails", "cannot be made today"),
        ("plain:nothing", "no profiler"),
        ("plain", "there is no such profiler"),
        (":make", "there is no such profiler"),
    ],
)
def test_a_profiler_that_cannot_be_made_is_told_in_one_line(
    process: Process, named: str, reason: str
) -> None:
    Path("broken.py").write_text("raise RuntimeError('no good')\n", encoding="utf-8")
    Path("plain.py").write_text(
        "number = 7\ndef fails():\n    raise OSError('cannot be made today')\n"
        "def nothing():\n    return None\n",
        encoding="utf-8",
    )
    result = process("serve", "--user", "ana", "--profiler", named, input="")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("prosona: ")
    assert result.stderr.count("\n") == 1
    assert reason in result.stderr
