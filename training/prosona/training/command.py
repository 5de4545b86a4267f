"""`prosona train`: models of our own, from data of one's own."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from prosona.core.errors import InvalidInputError
from prosona.profiler.reader.weights import Weights, load_weights, pack
from prosona.training.reader.labelled import LabelledMessage, load, shipped

__all__ = ["train"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_KEPT_ARE_RIGHT = 0.85
"""Share of kept sentences that must be right in cross-validation, on sentences of which a third are to keep and
half are written to mislead. In talk as it comes rules stand beside it."""
_SURELY_RIGHT = 0.92


@click.group("train")
def train() -> None:
    """Train models of our own."""


@train.command("reader")
@click.argument("files", type=_FILE, nargs=-1, metavar="[SENTENCES...]")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("reader"),
    show_default=True,
    help="Folder for weights.bin, reader.md and manifest.json.",
)
@click.option("--only", is_flag=True, help="Leave out the labelled sentences that the package brings.")
@click.option("--strength", type=float, default=10.0, show_default=True, help="Inverse regularisation.")
@click.option(
    "--joins", type=click.IntRange(0), default=1, show_default=True, help="Rounds of joined messages."
)
@click.option("--validate/--no-validate", default=True, show_default=True, help="Cross-validate first.")
def reader(
    files: tuple[Path, ...], out: Path, only: bool, strength: float, joins: int, validate: bool
) -> None:
    """Trains the sentence reader of the builtin profiler from labelled sentences.

    Reads SENTENCES (.jsonl or .txt; docs/profilers.md shows both forms) beside the ones that the package brings;
    writes the weights, a card and a manifest. Takes about a minute, and five more to cross-validate; 2 GB.
    Without --validate the thresholds of the shipped reader stand. Put weights.bin in place of the one beside
    prosona.profiler.reader to use it.
    """
    from prosona.training.reader.fitting import Settings

    paths = [*([] if only else shipped()), *files]
    messages = load(paths)
    settings = Settings(strength=strength, joins=joins)
    began = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    keep, sure, figures = _validated(messages, settings) if validate else _as_shipped()
    data = _packed(messages, settings, keep, sure)
    (out / "weights.bin").write_bytes(data)
    manifest = {
        "inputs": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths},
        "messages": len(messages),
        "sentences": sum(len(message.sentences) for message in messages),
        "settings": asdict(settings),
        "thresholds": {"keep": keep, "sure": sure},
        "weights": hashlib.sha256(data).hexdigest(),
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    (out / "reader.md").write_text(_card(messages, keep, sure, figures), encoding="utf-8")
    click.echo(f"{out / 'weights.bin'}: {len(data):,} bytes, {time.monotonic() - began:.0f} s")
    click.echo(figures)


def _packed(messages: Sequence[LabelledMessage], settings: object, keep: float, sure: float) -> bytes:
    from prosona.training.reader.fitting import Settings, fit

    if not isinstance(settings, Settings):
        raise TypeError("settings of another training")
    found = fit(messages, settings)
    return pack(bias=found.bias, tables=found.tables, heads=found.heads, keep=keep, sure=sure)


def _as_shipped() -> tuple[float, float, str]:
    import prosona.profiler.reader.model as model

    reader = model.reader()
    return reader.keeps_from, reader.sure_from, "Not cross-validated."


def _validated(messages: Sequence[LabelledMessage], settings: object) -> tuple[float, float, str]:
    from tempfile import TemporaryDirectory

    from prosona.training.reader.validating import FOLDS, cross_validate, table_of, threshold_for

    with TemporaryDirectory() as folder, click.progressbar(length=FOLDS, label="cross-validation") as bar:

        def weights(part: Sequence[LabelledMessage]) -> Weights:
            path = Path(folder) / "weights.bin"
            path.write_bytes(_packed(part, settings, 0.5, 0.5))
            return load_weights(path)

        read = cross_validate(messages, weights, lambda: bar.update(1))
    keep, sure = (threshold_for(read, share) for share in (_KEPT_ARE_RIGHT, _SURELY_RIGHT))
    headings, rows = table_of(read, keep)
    lines = [headings, ["---"] * len(headings), *rows]
    return keep, sure, "\n".join("| " + " | ".join(row) + " |" for row in lines)


def _card(messages: Sequence[LabelledMessage], keep: float, sure: float, figures: str) -> str:
    languages = Counter(message.language for message in messages)
    sentences = sum(len(message.sentences) for message in messages)
    kept = sum(sentence.keep for message in messages for sentence in message.sentences)
    if not sentences:
        raise InvalidInputError("no labelled sentences were given")
    told = ", ".join(f"{name} {count}" for name, count in languages.most_common())
    return f"""# The sentence reader

For each sentence of a message to an assistant: does it say something lasting of who wrote it, of what kind, and
what about? It rewrites nothing. A linear model over hashed pieces of words (1 to 5 letters), words in order (1 to
3), the message around and the place in it, in signed bytes; made by `prosona train reader`.

- **Data**: {len(messages):,} messages with {sentences:,} sentences, {100 * kept / sentences:.0f} % of them to keep,
  written and labelled for this with a language model's help, no real person, nothing copied. Messages by
  language: {told}. No native has read the smaller languages. CC0.
- **Labels**: only what the writer says of themself and what lasts; no questions, tasks, single choices, quotations,
  drafts, roles, suppositions, logs, irony; other people's facts seldom; what ends only with its end.
- **Thresholds**, from cross-validation: a sentence is kept from {keep} on ({100 * _KEPT_ARE_RIGHT:.0f} % of the
  kept are right), and certain from {sure} ({100 * _SURELY_RIGHT:.0f} %).
- **Not for**: deciding about people, text in languages that are not named above, or documents.

Cross-validated in five parts; variants of one scenario are always in one part. Half of the sentences are written to
mislead, so that in ordinary talk more of the kept are right.

{figures}
"""
