"""Opening a service on this machine with one call, with the profiler that was chosen."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from prosona.core.errors import InvalidInputError
from prosona.profiler import BuiltinProfiler, Profiler
from prosona.profiles_db import open_store
from prosona.service.policy import CALLS_A_DAY, TOKENS_A_DAY, FoldPolicy
from prosona.service.service import DEFAULT_BUDGET_TOKENS, ProfileService

__all__ = ["ProfilerChoice", "ProfilerKind", "make_profiler", "open_service"]

ProfilerKind = Literal["builtin", "llm", "host", "module"]


@dataclass(frozen=True, slots=True)
class ProfilerChoice:
    """Which profiler folds. `factory` is for `module`, the other fields for `llm`; its key comes from the
    environment alone."""

    kind: ProfilerKind = "builtin"
    url: str | None = None
    model: str | None = None
    template: Path | None = None
    calls_a_day: int | None = CALLS_A_DAY
    tokens_a_day: int | None = TOKENS_A_DAY
    factory: str | None = None
    """`module:callable`, where the callable takes nothing and returns a profiler."""

    @classmethod
    def named(cls, name: str, **fields: object) -> ProfilerChoice:
        """The choice of a profiler by its name, or by `module:callable`. Errors: `InvalidInputError`."""
        match name:
            case "builtin" | "llm" | "host":
                return cls(kind=name, **fields)  # type: ignore[arg-type]  # fields are those of the class
            case _ if ":" in name:
                return cls(kind="module", factory=name, **fields)  # type: ignore[arg-type]  # as above
        raise InvalidInputError(
            f"{name[:80]!r} is no profiler: they are builtin, llm and host, or module:callable for your own"
        )

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] = os.environ) -> ProfilerChoice:
        """The choice that `PROSONA_PROFILER`, `PROSONA_PROFILER_URL`, ... make; builtin without them.

        Raises `InvalidInputError` for a profiler that does not exist or a number that is none.
        """
        url = variables.get("PROSONA_PROFILER_URL") or None
        name = variables.get("PROSONA_PROFILER") or ("llm" if url else "builtin")
        template = variables.get("PROSONA_PROMPT_TEMPLATE")
        return cls.named(
            name,
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
    """A service on the SQLite file at `path` (or a store's URL), made if it is not there.

    Without `path` the file is `$PROSONA_DB`, or lies in the platform's data directory. The profiler is
    `profiler`, or else what `choice` says, or else the environment, or else the builtin one.
    Raises `StoreError` if the file cannot be opened, `InvalidInputError` for a profiler that cannot be
    made.
    """
    suited = FoldPolicy()
    if profiler is None:
        profiler, suited = make_profiler(choice or ProfilerChoice.from_environment())
    return ProfileService(open_store(path), profiler, policy=policy or suited, budget_tokens=budget_tokens)


def make_profiler(choice: ProfilerChoice) -> tuple[Profiler, FoldPolicy]:
    """The profiler chosen and the policy that suits it. Raises `InvalidInputError`."""
    if choice.kind in ("builtin", "host"):
        return BuiltinProfiler(), FoldPolicy.for_host() if choice.kind == "host" else FoldPolicy()
    model_policy = FoldPolicy.for_model(calls_a_day=choice.calls_a_day, tokens_a_day=choice.tokens_a_day)
    if choice.kind == "module":
        return _made_by(choice.factory or ""), model_policy
    if not choice.url:
        raise InvalidInputError("the llm profiler needs the URL of its endpoint: give --profiler-url")
    try:
        from prosona.profiler.llm import LLMProfiler, LLMSettings
    except ModuleNotFoundError as error:
        raise InvalidInputError(
            f"the llm profiler needs the package {error.name}: pip install 'prosona[llm]'"
        ) from error
    settings = LLMSettings(url=choice.url, model=choice.model, template=choice.template)
    return LLMProfiler(settings), model_policy


def _made_by(factory: str) -> Profiler:
    """The profiler that a callable of somebody else's makes."""
    import importlib

    module, _, name = factory.partition(":")
    try:
        made = getattr(importlib.import_module(module), name)()
    except Exception as error:
        # Their code may raise anything; it is told as what it is.
        raise InvalidInputError(
            f"the profiler {factory!r} could not be made: {type(error).__name__}: {error}"
        ) from error
    missing = [part for part in ("name", "memory_version", "writes_prose", "fold") if not hasattr(made, part)]
    if missing:
        raise InvalidInputError(
            f"{factory!r} made a {type(made).__name__}, which is no profiler: it lacks {', '.join(missing)}"
        )
    profiler: Profiler = made
    return profiler


def _limit(variables: Mapping[str, str], name: str, default: int | None) -> int | None:
    value = variables.get(name, "").strip()
    if not value:
        return default
    if not value.isdecimal():
        raise InvalidInputError(f"{name}={value[:40]!r} is not a whole number; 0 means no limit")
    return int(value) or None
