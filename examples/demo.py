"""The whole of Prosona in a few seconds, on one person's behaviour over ten months.

A real server is started as a process of its own and a real MCP client talks to it: nothing here is
simulated, and nothing leaves this machine. Run it by `make demo`, or `python examples/demo.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import difflib
import json
import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters
from mcp.types import Implementation
from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

HERE = Path(__file__).resolve().parent
STREAM = HERE / "stream" / "mira.jsonl"
USER = "mira"
BATCH = 8
STATEMENT = "Call me Mira, not Ms Mira."
TOPIC = "running"
SHOWN = 7

console = Console(width=None if sys.stdout.isatty() else 110, highlight=False)


@dataclass
class Agent:
    """A program that talks to the server over MCP, as Claude or any other agent does."""

    name: str
    client: Client
    milliseconds: dict[str, list[float]] = field(default_factory=dict)

    async def call(self, tool: str, **arguments: object) -> dict[str, Any]:
        """One tool call; how long it took is remembered."""
        begun = time.perf_counter()
        result = await self.client.call_tool(tool, arguments)
        self.milliseconds.setdefault(tool, []).append((time.perf_counter() - begun) * 1000)
        if result.is_error or result.structured_content is None:
            raise SystemExit(f"{tool} failed: {result.content}")
        content: dict[str, Any] = result.structured_content
        return content

    async def lines(self) -> list[str]:
        """The profile as it stands, line by line."""
        profile = await self.call("get_user_profile")
        return [line for line in profile["text"].splitlines() if line]


@asynccontextmanager
async def connected(name: str, database: Path) -> AsyncIterator[Agent]:
    """An agent with a server process of its own, on the one database file."""
    arguments = ["-m", "prosona.cli", "serve", "--user", USER, "--db", str(database)]
    server = StdioServerParameters(command=sys.executable, args=arguments)
    async with Client(server, client_info=Implementation(name=name, version="1.0")) as client:
        yield Agent(name, client)


def claim(line: str) -> str:
    """What a line says, without the evidence for it in brackets."""
    return line.rsplit(" (", 1)[0]


def styled(mark: str, line: str, style: str) -> Text:
    """One line of the profile, its evidence dimmed."""
    said = claim(line)
    return Text.assemble((f"{mark} ", style), (said, style), (line.removeprefix(said), "dim"))


def changes(old: Sequence[str], new: Sequence[str]) -> list[Text]:
    """How a profile changed: lines that are new, that were rewritten, and that went."""
    left = [claim(line) for line in old if line not in new]
    fresh, moved = [], []
    for line in new:
        if line in old:
            continue
        kin = difflib.get_close_matches(claim(line), left, 1, cutoff=0.7)
        if kin:
            left.remove(kin[0])
            moved.append(styled("~", line, "yellow"))
        else:
            fresh.append(styled("+", line, "green"))
    return fresh + moved + [styled("-", said, "red") for said in left]


def panel(lines: Sequence[Text], title: str, subtitle: str = "") -> Panel:
    """The first of many lines in a box, and how many more there are."""
    more = len(lines) - SHOWN
    rest = [Text(f"  ... and {more} more lines", "dim")] if more > 0 else []
    group = Group(*lines[:SHOWN], *rest)
    return Panel(group, title=title, title_align="left", subtitle=subtitle or None, subtitle_align="right")


def times_in_files(word: str, database: Path) -> int:
    """How often a word stands in the bytes of the database, its log and its index."""
    files = database.parent.glob(f"{database.name}*")
    return sum(file.read_bytes().lower().count(word.lower().encode()) for file in files)


async def watch_it_grow(agent: Agent) -> None:
    """Observes the whole file and shows the profile growing version by version."""
    interactions = [json.loads(line) for line in STREAM.read_text(encoding="utf-8").splitlines()]
    first, last = interactions[0]["occurred_at"][:10], interactions[-1]["occurred_at"][:10]
    domains = ", ".join(dict.fromkeys(item["domain"] for item in interactions))
    console.print(f"{len(interactions)} interactions of one person from {first} to {last}: {domains}.\n")
    old: list[str] = []
    for seen in range(BATCH, len(interactions) + 1, BATCH):
        batch = interactions[seen - BATCH : seen]
        for item in batch:
            await agent.call("observe_interaction", **item)
        profile = await agent.call("get_user_profile", fresh=True)
        new = profile["text"].splitlines()
        title = f"version {profile['version']}, after {seen} interactions"
        console.print(panel(changes(old, new), title, "until " + batch[-1]["occurred_at"][:10]))
        old = new


async def forget_a_topic(agent: Agent, database: Path) -> None:
    """Has a topic forgotten and looks for it in the bytes of the files."""
    old, found = await agent.lines(), times_in_files(TOPIC, database)
    gone = (await agent.call("revise_profile", forget=TOPIC))["forgotten"]
    now = times_in_files(TOPIC, database)
    console.print(f'"{TOPIC}" is forgotten: {gone["interactions"]} interactions and what followed from them.')
    console.print(
        f"The word stood in the bytes of the files {found} times; now it stands there [bold]{now}[/] times."
    )
    console.print(panel(changes(old, await agent.lines()), "what that changed"))


async def share(agent: Agent, database: Path) -> None:
    """Has another agent, with a server process of its own, read the profile."""
    async with connected("another-agent", database) as other:
        theirs = await other.lines()
        same = "the same text" if theirs == await agent.lines() else "another text"
        console.print(f"{other.name} reads {same}, from the same file by a server of its own:")
        console.print(panel([styled(" ", line, "") for line in theirs], f"as {other.name} reads it"))


def print_timings(agent: Agent) -> None:
    """What the calls took, from the agent's side."""
    table = Table(title="what the calls took, over MCP", title_justify="left")
    for column in ("tool", "calls", "median", "slowest"):
        table.add_column(column, justify="left" if column == "tool" else "right")
    for tool, taken in agent.milliseconds.items():
        table.add_row(tool, str(len(taken)), f"{statistics.median(taken):.1f} ms", f"{max(taken):.1f} ms")
    console.print(table)


def print_place(database: Path, seconds: float) -> None:
    """Where the file lies, and how to look into it."""
    here = Path.cwd()
    place = database.relative_to(here) if database.is_relative_to(here) else database
    console.print(
        f"\nAll of it in {seconds:.1f} s. The file lies at {place} ({database.stat().st_size / 1024:.0f} kB)."
        " Look into it:\n"
        f"  prosona history --user {USER} --db {place}\n"
        f"  prosona export --user {USER} --db {place}",
        soft_wrap=True,
    )


def new_database(folder: Path) -> Path:
    """The place of the demonstration's file, free of what an earlier one left there."""
    database = folder / "profiles.db"
    for leftover in folder.glob(f"{database.name}*"):
        leftover.unlink()
    return database


async def main(database: Path) -> None:
    """Runs the demonstration on a new database."""
    begun = time.perf_counter()
    async with connected("demo-agent", database) as agent:
        console.rule("[bold]1. Behaviour streams in")
        console.print(f"prosona serve --user {USER} [dim](started in {time.perf_counter() - begun:.1f} s)")
        await watch_it_grow(agent)

        console.rule("[bold]2. Mira pins a line of her own")
        await agent.call("revise_profile", statement=STATEMENT)
        lines = [styled(" ", line, "bold" if line.startswith("- ") else "") for line in await agent.lines()]
        console.print(
            Panel(Group(*lines), title="the whole profile", title_align="left", border_style="cyan")
        )

        console.rule("[bold]3. Mira has a topic forgotten")
        await forget_a_topic(agent, database)

        console.rule("[bold]4. Another agent reads the same profile")
        await share(agent, database)
    print_timings(agent)
    print_place(database, time.perf_counter() - begun)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Prosona in a few seconds.")
    parser.add_argument("--folder", type=Path, default=HERE.parent / ".demo", help="where the file lies")
    asyncio.run(main(new_database(parser.parse_args().folder.resolve())))
