"""The whole of Prosona in a few seconds, on one person's behaviour over ten months.

A real server is started as a process of its own and a real MCP client talks to it: nothing here is
simulated, and nothing leaves this machine. Run it by `make demo`, or `python examples/demo.py`.
"""

from __future__ import annotations

import argparse
import asyncio
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
from mcp.types import Implementation, TextResourceContents
from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

HERE = Path(__file__).resolve().parent
STREAM = HERE / "stream" / "mira.jsonl"
USER = "mira"
BATCH = 8
STATEMENT = "Call me Mira, not Ms Mira."
ASKED = "allergic"
WRONG, CORRECTED = "prefers impersonal answers", "Answers: warm and personal, as long as they are short"
TOPIC = "running"
SHOWN = 7

console = Console(width=None if sys.stdout.isatty() else 110, highlight=False)


@dataclass(frozen=True)
class Row:
    """A line of the profile: its id, what it says, and how it stands in the text, its evidence behind it."""

    id: str
    says: str
    shown: str


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

    async def profile(self, *, fresh: bool = False) -> tuple[int, list[Row]]:
        """The version and the profile as it stands, line by line."""
        profile = await self.call("get_user_profile", fresh=fresh, lines=True)
        rows = [row for row in profile["text"].splitlines() if row]
        lines = profile["lines"]
        # A heading stands over what was stated, and nothing else that is not a line.
        shown = zip(rows[len(rows) - len(lines) :], lines, strict=True)
        return profile["version"], [Row(line["id"], line["text"], row) for row, line in shown]


@asynccontextmanager
async def connected(name: str, database: Path) -> AsyncIterator[Agent]:
    """An agent with a server process of its own, on the one database file."""
    arguments = ["-m", "prosona.cli", "serve", "--user", USER, "--db", str(database)]
    server = StdioServerParameters(command=sys.executable, args=arguments)
    async with Client(server, client_info=Implementation(name=name, version="1.0")) as client:
        yield Agent(name, client)


def styled(mark: str, row: Row, style: str) -> Text:
    """One line of the profile, its evidence dimmed."""
    before, says, evidence = row.shown.partition(row.says)
    return Text.assemble((f"{mark} {before}{says}", style), (evidence, "dim"))


def changes(old: Sequence[Row], new: Sequence[Row]) -> list[Text]:
    """How a profile changed: lines, told by their ids, that are new, that were reworded, and that went."""
    was = {row.id: row for row in old}
    now = {row.id for row in new}
    fresh = [styled("+", row, "green") for row in new if row.id not in was]
    moved = [styled("~", row, "yellow") for row in new if row.id in was and row.says != was[row.id].says]
    return fresh + moved + [Text(f"- {row.says}", "red") for row in old if row.id not in now]


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


async def observe(
    agent: Agent, interactions: Sequence[dict[str, Any]], seen: int, old: list[Row]
) -> list[Row]:
    """Observes a batch, `seen` with it, and shows how the profile changed."""
    for item in interactions:
        await agent.call("observe_interaction", **item)
    version, new = await agent.profile(fresh=True)
    until = "until " + interactions[-1]["occurred_at"][:10]
    console.print(panel(changes(old, new), f"version {version}, after {seen} interactions", until))
    return new


async def watch_it_grow(agent: Agent, interactions: Sequence[dict[str, Any]]) -> None:
    """Observes all but the last batch and shows the profile growing version by version."""
    first, last = interactions[0]["occurred_at"][:10], interactions[-1]["occurred_at"][:10]
    domains = ", ".join(dict.fromkeys(item["domain"] for item in interactions))
    console.print(f"{len(interactions)} interactions of one person from {first} to {last}: {domains}.\n")
    rows: list[Row] = []
    for seen in range(BATCH, len(interactions), BATCH):
        rows = await observe(agent, interactions[seen - BATCH : seen], seen, rows)


async def ask_why(agent: Agent) -> None:
    """Shows what a line rests on."""
    _, rows = await agent.profile()
    row = next(row for row in rows if ASKED in row.says)
    found = await agent.client.read_resource(f"profile://{USER}/why/{row.id}")
    (content,) = found.contents
    assert isinstance(content, TextResourceContents)
    reasons = json.loads(content.text)
    rests_on = [Text(f"{item['occurred_at'][:10]}  {item['chosen']}") for item in reasons["interactions"]]
    console.print(panel(rests_on, f"why: {row.says}"))


async def change_the_profile(agent: Agent) -> None:
    """Has a sentence pinned, and an inferred line put right."""
    _, rows = await agent.profile()
    pinned = await agent.call("revise_profile", statement=STATEMENT)
    row = next(row for row in rows if WRONG in row.says)
    # Had somebody else changed the profile meanwhile, the call would say so and change nothing.
    await agent.call("revise_profile", line=row.id, text=CORRECTED, base_version=pinned["version"])
    _, new = await agent.profile()
    console.print(panel(changes(rows, new), "what she changed"))


async def go_on(agent: Agent, interactions: Sequence[dict[str, Any]]) -> None:
    """Observes the last batch: what its owner wrote stands, and what it replaced stays away."""
    _, rows = await agent.profile()
    rows = await observe(agent, interactions[-BATCH:], len(interactions), rows)
    lines = [styled(" ", row, "bold" if row.says in (STATEMENT, CORRECTED) else "") for row in rows]
    console.print(Panel(Group(*lines), title="the whole profile", title_align="left", border_style="cyan"))


async def forget_a_topic(agent: Agent, database: Path) -> None:
    """Has a topic forgotten and looks for it in the bytes of the files."""
    _, old = await agent.profile()
    found = times_in_files(TOPIC, database)
    gone = (await agent.call("revise_profile", forget=TOPIC))["forgotten"]
    now = times_in_files(TOPIC, database)
    console.print(f'"{TOPIC}" is forgotten: {gone["interactions"]} interactions and what followed from them.')
    console.print(
        f"The word stood in the bytes of the files {found} times; now it stands there [bold]{now}[/] times."
    )
    _, new = await agent.profile()
    console.print(panel(changes(old, new), "what that changed"))


async def share(agent: Agent, database: Path) -> None:
    """Has another agent, with a server process of its own, read the profile."""
    async with connected("another-agent", database) as other:
        theirs = await other.profile()
        same = "the same text" if theirs == await agent.profile() else "another text"
        console.print(f"{other.name} reads {same}, from the same file by a server of its own:")
        console.print(panel([styled(" ", row, "") for row in theirs[1]], f"as {other.name} reads it"))


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
        f"  prosona why --user {USER} --db {place} 1\n"
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
        interactions = [json.loads(line) for line in STREAM.read_text(encoding="utf-8").splitlines()]
        await watch_it_grow(agent, interactions)

        console.rule("[bold]2. Mira asks why a line is there")
        await ask_why(agent)

        console.rule("[bold]3. Mira pins a line of her own, puts one right, and it stays")
        await change_the_profile(agent)
        await go_on(agent, interactions)

        console.rule("[bold]4. Mira has a topic forgotten")
        await forget_a_topic(agent, database)

        console.rule("[bold]5. Another agent reads the same profile")
        await share(agent, database)
    print_timings(agent)
    print_place(database, time.perf_counter() - begun)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Prosona in a few seconds.")
    parser.add_argument("--folder", type=Path, default=HERE.parent / ".demo", help="where the file lies")
    asyncio.run(main(new_database(parser.parse_args().folder.resolve())))
