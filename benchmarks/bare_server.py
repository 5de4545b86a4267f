"""The floor: an MCP server of one tool that answers the same sentence to everybody.

`python -m benchmarks.bare_server` speaks stdio; with a port number it serves HTTP on that port, with
the same HTTP implementation as Prosona's.
"""

from __future__ import annotations

import sys

from mcp.server import MCPServer
from pydantic import BaseModel

TOOL = "echo"


class Answer(BaseModel):
    user_id: str
    summary: str


bare = MCPServer("bare", version="0", log_level="ERROR")


@bare.tool(name=TOOL)
async def echo(user_id: str = "me") -> Answer:
    """Return a fixed profile."""
    return Answer(user_id=user_id, summary="likes vim; dislikes long answers")


def main() -> None:
    if len(sys.argv) == 1:
        bare.run()
        return
    import uvicorn

    uvicorn.run(
        bare.streamable_http_app(),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        http="h11",
        log_level="error",
        access_log=False,
    )


if __name__ == "__main__":
    main()
