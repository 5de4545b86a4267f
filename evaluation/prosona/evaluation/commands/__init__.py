"""`prosona eval`: judge a profiler, by what readers of its profiles predict and by what the profiles say."""

import click

from prosona.evaluation.commands.chats import conversations, sayings
from prosona.evaluation.commands.run import run
from prosona.evaluation.commands.sets import convert, report
from prosona.evaluation.commands.texts import examples, lines

__all__ = ["evaluate"]


@click.group("eval")
def evaluate() -> None:
    """Judge a profiler: how well do readers of its profiles predict what their users choose?"""


for command in (run, report, sayings, conversations, lines, examples, convert):
    evaluate.add_command(command)
