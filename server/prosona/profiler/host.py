"""The profiler that is the calling agent's own model: by MCP sampling, or by a prompt and a revision."""

from __future__ import annotations

from prosona.profiler.seam import FoldRequest, FoldResult
from prosona.profiles_db import ProfilerUnavailableError


class HostProfiler:
    """Folds nothing by itself: it stands for the model on the other side of the connection."""

    @property
    def name(self) -> str:
        """`host`."""
        return "host"

    @property
    def stateful(self) -> bool:
        """Never: the past summary is all that the agent is shown."""
        return False

    async def fold(self, request: FoldRequest) -> FoldResult:
        """Raises `ProfilerUnavailableError`, with what the agent can do instead."""
        raise ProfilerUnavailableError(
            f"{len(request.interactions)} interactions wait for the agent's own model: take the prompt"
            " refresh_profile, then call revise_profile with text, base_version and folded_through",
            retry_seconds=0.0,
        )
