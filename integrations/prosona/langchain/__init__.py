"""LangChain: agents and chains that share the profile of their user.

`ProfileMiddleware` is for `create_agent` and needs `langchain`; `with_profile`, for chains, and
`profile_tools` need `langchain-core` alone.
"""

from __future__ import annotations

import typing

from prosona.langchain.runnable import with_profile
from prosona.langchain.tools import profile_tools

if typing.TYPE_CHECKING:
    from prosona.langchain.middleware import ProfileMiddleware

__all__ = ["ProfileMiddleware", "profile_tools", "with_profile"]


def __getattr__(name: str) -> typing.Any:
    if name != "ProfileMiddleware":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from prosona.langchain.middleware import ProfileMiddleware

    globals()[name] = ProfileMiddleware
    return ProfileMiddleware
