"""`prosona hook`: one call of a host, answered on stdout; whatever happens, the host goes on."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

from prosona.framing import framed
from prosona.hooks import spool
from prosona.hooks.dialects import DIALECTS, answer, said
from prosona.hooks.glance import glance

USAGE = (
    f"prosona hook session-start|prompt --host {'|'.join(DIALECTS)} --user NAME [--db PATH]\n"
    "Reads the host's JSON on stdin. Hosts call this; see `prosona install HOST --hooks`."
)

_MOST_BYTES = 16_000_000


class _Call(NamedTuple):
    event: str
    host: str
    user_id: str
    db: Path


def main(argv: Sequence[str]) -> NoReturn:
    """Answers one call. Always ends with 0: a hook that fails must not stop the host."""
    try:
        call = _call(argv)
        payload = json.loads(sys.stdin.buffer.read(_MOST_BYTES) or b"{}")
        if not isinstance(payload, dict):
            raise ValueError("the host's JSON is not an object")
        sys.stdout.write(_ANSWERS[call.event](call, payload) + "\n")
        sys.stdout.flush()
    except Exception as error:  # noqa: BLE001 - the boundary to the host: nothing may get through
        print(f"prosona hook: {error or type(error).__name__}", file=sys.stderr)  # noqa: T201
    sys.exit(0)


def _session_start(call: _Call, payload: dict[str, object]) -> str:
    seen = glance(call.db, call.user_id)
    if seen is None:
        return answer(call.host, framed(_read(call)))
    if seen.pending or any(spool.waiting(call.db)):
        _deliver(call)
    return answer(call.host, framed(seen.text))


def _prompt(call: _Call, payload: dict[str, object]) -> str:
    what = said(call.host, payload)
    if what is not None:
        spool.keep(call.db, call.user_id, call.host, what)
        _deliver(call)
    return DIALECTS[call.host].go_on


_ANSWERS = {"session-start": _session_start, "prompt": _prompt}


def _call(argv: Sequence[str]) -> _Call:
    event, *options = argv or [""]
    given = dict(zip(options[::2], options[1::2], strict=False))
    if (
        event not in _ANSWERS
        or len(options) % 2
        or given.keys() - {"--host", "--user", "--db"}
        or given.get("--host") not in DIALECTS
        or not given.get("--user")
    ):
        raise ValueError(f"usage: {USAGE}")
    return _Call(event, given["--host"], given["--user"], _db(given.get("--db")))


def _db(given: str | None) -> Path:
    if given is None:
        from prosona.profiles_db.sqlite import default_path

        return default_path().absolute()
    return Path(given).expanduser().absolute()


def _deliver(call: _Call) -> None:
    """Has a process of its own store what waits: loading the store would take longer than a host waits."""
    import subprocess

    place = spool.folder(call.db)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (place / "last.log").open("w") as log:
        subprocess.Popen(
            [sys.executable, "-m", "prosona.hooks", "deliver", str(call.db), call.user_id],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _read(call: _Call) -> str:
    """The profile by the store itself."""
    import asyncio

    from prosona.service import open_service

    async def text() -> str:
        service = open_service(call.db)
        try:
            return (await service.get(call.user_id)).text
        finally:
            await service.aclose()

    return asyncio.run(text())
