"""`profiler serve`: the engine of the llm profiler, started with the flags it needs."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass

import click

from prosona.cli.output import note, say

__all__ = ["Gpu", "find_gpus", "parallelism", "profiler"]

_MODEL = "VanillaH1/AlignXplore-Plus"
_ROOMY_MIB = 36_000
"""A GPU with this much holds an 8-billion-parameter model and a full batch beside it."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU of this machine."""

    name: str
    mib: int


@click.group(short_help="Run the engine that folds.")
def profiler() -> None:
    """Run the engine of the llm profiler.

    \b
    Examples:
      prosona profiler serve --print
    """


@profiler.command(
    short_help="Start vLLM with the published profiler.",
    context_settings={"ignore_unknown_options": True},
)
@click.option("--model", default=_MODEL, show_default=True, metavar="NAME", help="Model or folder to serve.")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Where it listens.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Its port.")
@click.option(
    "--context", type=click.IntRange(1024), default=16_384, show_default=True, help="Tokens of context."
)
@click.option(
    "--reasoning-parser",
    default="qwen3",
    show_default=True,
    metavar="NAME",
    help="How vLLM finds the model's reasoning; empty for a model that does not reason.",
)
@click.option("--gpus", type=click.IntRange(1), help="How many GPUs to use.  [default: all]")
@click.option("--print", "only_print", is_flag=True, help="Print the command line and start nothing.")
@click.argument("more", nargs=-1, type=click.UNPROCESSED)
def serve(
    model: str,
    host: str,
    port: int,
    context: int,
    reasoning_parser: str,
    gpus: int | None,
    only_print: bool,
    more: tuple[str, ...],
) -> None:
    """Start vLLM with the published profiler on this machine's GPUs, or print how.

    Options that vLLM knows and this command does not are passed on to it.

    \b
    Examples:
      prosona profiler serve
      prosona profiler serve --print
      prosona serve --profiler llm --profiler-url http://127.0.0.1:8000
    """
    found = find_gpus()
    line = [
        *("vllm", "serve", model, "--host", host, "--port", str(port), "--max-model-len", str(context)),
        "--enable-prefix-caching",
        *(("--reasoning-parser", reasoning_parser) if reasoning_parser else ()),
        *parallelism(found[:gpus] if gpus else found),
        *more,
    ]
    # vLLM reports its use unless told not to.
    quiet = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
    if only_print:
        settings = " ".join(f"{name}={value}" for name, value in quiet.items())
        say(f"{settings} {shlex.join(line)}")
        return
    if not found:
        note("prosona: no GPU was found (nvidia-smi names none); vLLM may still know better")
    program = shutil.which("vllm")
    if program is None:
        raise click.ClickException("vllm is not installed here: pip install vllm, or see --print")
    if gpus:
        quiet["CUDA_VISIBLE_DEVICES"] = ",".join(map(str, range(gpus)))
    note(f"prosona: {shlex.join(line)}")
    sys.stdout.flush()
    os.execve(program, line, {**os.environ, **quiet})


def find_gpus() -> list[Gpu]:
    """The GPUs that `nvidia-smi` names and `CUDA_VISIBLE_DEVICES` leaves, none where it is missing."""
    query = ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    gpus = []
    for row in answer.splitlines():
        name, _, mib = row.rpartition(",")
        if mib.strip().isdecimal():
            gpus.append(Gpu(name.strip(), int(mib)))
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    return gpus if visible is None else gpus[: len([v for v in visible.split(",") if v.strip()])]


def parallelism(gpus: list[Gpu]) -> list[str]:
    """vLLM's flags for several GPUs: a whole model on each where it fits, else one spread over them."""
    if len(gpus) < 2:
        return []
    if min(gpu.mib for gpu in gpus) >= _ROOMY_MIB:
        return ["--data-parallel-size", str(len(gpus))]
    # Attention heads are split evenly, so only a power of two of GPUs can share them.
    return ["--tensor-parallel-size", str(1 << (len(gpus).bit_length() - 1))]
