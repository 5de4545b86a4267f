"""Two agents share one profile: what one observes, the other knows.

Each has an MCP server process of its own, as two programs on one machine would; both servers use
one file. Run it by `python examples/two_agents.py`; it leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from prosona.client import AsyncProfileClient
from prosona.core.errors import ConflictError

CHOICES = [
    ("Arrival (2016) [Science fiction|Drama]", "The Proposal (2009) [Comedy|Romance]"),
    ("Moon (2009) [Science fiction|Drama]", "Fast Five (2011) [Action|Crime]"),
    ("Contact (1997) [Science fiction|Drama]", "Mamma Mia! (2008) [Comedy|Musical]"),
]


def agent(name: str, database: Path) -> AsyncProfileClient:
    """A client with a server of its own, bound to one user."""
    command = [sys.executable, "-m", "prosona.cli", "serve", "--user", "ana", "--db", str(database)]
    return AsyncProfileClient.connect(command, agent=name)


async def main(database: Path) -> None:
    """Shows a profile shared, and what happens when both revise it at once."""
    async with agent("film-guide", database) as guide, agent("chat-assistant", database) as assistant:
        for chosen, rejected in CHOICES:
            await guide.observe(chosen=chosen, rejected=rejected, domain="films", kind="watch")
        await assistant.observe(chosen="I'm vegetarian and I live in Graz.", domain="chat", kind="message")

        profile = await assistant.get()
        print(f"chat-assistant reads version {profile.version}:\n{profile.text}\n")

        # Both start from this version. The second to revise is told, and nothing is overwritten.
        await guide.revise(statement="I watch films without dubbing.", base_version=profile.version)
        try:
            await assistant.revise(statement="Write to me in German.", base_version=profile.version)
        except ConflictError as conflict:
            print(f"chat-assistant was too late: {conflict}\n")
            await assistant.revise(statement=conflict.proposed, base_version=conflict.current.version)

        for revision in reversed(await guide.history()):
            print(f"version {revision.version}: {revision.cause} by {revision.actor or revision.profiler}")
        shared = await guide.get()
        print(f"\nfilm-guide reads version {shared.version}:\n{shared.text}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(main(Path(folder) / "profiles.db"))
