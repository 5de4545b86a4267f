"""Opening a service on this machine with one call, with the profiler that was chosen."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from prosona.profiler import BuiltinProfiler, Profiler
from prosona.profiles_db import InvalidInputError, SQLiteStore
from prosona.profiles_db.sqlite import default_path
from prosona.service.policy import CALLS_A_DAY, TOKENS_A_DAY, FoldPolicy
from prosona.service.service import DEFAULT_BUDGET_TOKENS, ProfileService

ProfilerKind = Literal["builtin", "llm", "host"]


@dataclass(frozen=True, slots=True)
class ProfilerChoice:
    """Which profiler folds. The other fields are for `llm`; its key comes from the environment alone."""

    kind: ProfilerKind = "builtin"
    url: str | None = None
    model: str | None = None
    template: Path | None = None
    calls_a_day: int | None = CALLS_A_DAY
    tokens_a_day: int | None = TOKENS_A_DAY

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] = os.environ) -> ProfilerChoice:
        """The choice that `PROSONA_PROFILER`, `PROSONA_PROFILER_URL`, ... make; builtin without them.

        Raises `InvalidInputError` for a profiler that does not exist or a number that is none.
        """
        url = variables.get("PROSONA_PROFILER_URL") or None
        kind = variables.get("PROSONA_PROFILER") or ("llm" if url else "builtin")
        if kind not in ("builtin", "llm", "host"):
            raise InvalidInputError(f"PROSONA_PROFILER={kind!r}: the profilers are builtin, llm and host")
        template = variables.get("PROSONA_PROMPT_TEMPLATE")
        return cls(
            kind="llm" if kind == "llm" else "host" if kind == "host" else "builtin",
            url=url,
            model=variables.get("PROSONA_PROFILER_MODEL") or None,
            template=Path(template) if template else None,
            calls_a_day=_limit(variables, "PROSONA_CALLS_A_DAY", CALLS_A_DAY),
            tokens_a_day=_limit(variables, "PROSONA_TOKENS_A_DAY", TOKENS_A_DAY),
        )


def open_service(
    path: Path | str | None = None,
    *,
    profiler: Profiler | None = None,
    choice: ProfilerChoice | None = None,
    policy: FoldPolicy | None = None,
    budget_tokens: int = DEFAULT_BUDGET_TOKENS,
) -> ProfileService:
    """A service on the SQLite file at `path`, made if it is not there.

    Without `path` the file is `$PROSONA_DB`, or lies in the platform's data directory. The profiler is
    `profiler`, or else what `choice` says, or else the environment, or else the builtin one.
    Raises `StoreError` if the file cannot be opened, `InvalidInputError` for a profiler that cannot be
    made.
    """
    suited = FoldPolicy()
    if profiler is None:
        profiler, suited = make_profiler(choice or ProfilerChoice.from_environment())
    store = SQLiteStore(Path(path) if path is not None else default_path())
    return ProfileService(store, profiler, policy=policy or suited, budget_tokens=budget_tokens)


def make_profiler(choice: ProfilerChoice) -> tuple[Profiler, FoldPolicy]:
    """The profiler chosen and the policy that suits it. Raises `InvalidInputError`."""
    if choice.kind == "host":
        from prosona.profiler.host import HostProfiler

        return HostProfiler(), FoldPolicy.for_host()
    if choice.kind == "builtin":
        return BuiltinProfiler(), FoldPolicy()
    if not choice.url:
        raise InvalidInputError("the llm profiler needs the URL of its endpoint: give --profiler-url")
    try:
        from prosona.profiler.llm import LLMProfiler, LLMSettings
    except ModuleNotFoundError as error:
        raise InvalidInputError(
            f"the llm profiler needs the package {error.name}: pip install 'prosona[llm]'"
        ) from error
    settings = LLMSettings(url=choice.url, model=choice.model, template=choice.template)
    return LLMProfiler(settings), FoldPolicy.for_model(
        calls_a_day=choice.calls_a_day, tokens_a_day=choice.tokens_a_day
    )


def _limit(variables: Mapping[str, str], name: str, default: int | None) -> int | None:
    value = variables.get(name, "").strip()
    if not value:
        return default
    if not value.isdecimal():
        raise InvalidInputError(f"{name}={value[:40]!r} is not a whole number; 0 means no limit")
    return int(value) or None
