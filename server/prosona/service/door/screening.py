"""Who may say what: the list of orders to agents (`prosona.core.orders`) held against an origin or a writer.

The user's own words are not an attack on the user: whoever wants metric units from now on says so. The same
words on a page are an attempt to speak in the user's name. An interaction that is caught is set aside, with
the reason, for its owner to see and to let in; a line that is caught is refused.
"""

from __future__ import annotations

import re

from prosona.core.errors import InvalidInputError
from prosona.core.orders import Trust, order_in
from prosona.core.words import Interaction, Origin
from prosona.service.door.limits import Writer

__all__ = ["check_line", "patterns", "reason_against"]

_ORIGINS: dict[Origin, Trust] = {
    "user": "own",
    "assistant": "written",
    "tool": "foreign",
    "external": "foreign",
}
_WRITERS: dict[Writer, Trust] = {"owner": "own", "agent": "relayed", "file": "relayed", "model": "written"}

# A model describes its user. What begins like this tells its reader what to do; only at the head of a line,
# where a user's quoted wish does not stand.
_COMMANDS = re.compile(
    r"^\W{0,3}(?:please (?:do |always |never )?[a-z]|(?:always|never|do not|don't|only|you (?:must|should"
    r"|shall|will|have to|need to))"
    r" (?:be |ever )?(?:respond|answer|reply|recommend|mention|say|tell|use|call|send|include|ignore|follow"
    r"|trust|remember|buy|visit"
    r"|click|open|run|execute|output|reveal|obey|treat|suggest|promote|assume|ask|offer|give|write|format"
    r"|address|refer|greet)\b"
    r"|(?:ignore|disregard|override|pretend|act as|from now on)\b|\u4f60(?:\u5fc5\u987b|\u5e94\u8be5"
    r"|\u73b0\u5728\u662f)"
    r"|\u4ece\u73b0\u5728\u8d77|\u8bf7(?:\u52a1\u5fc5|\u59cb\u7ec8|\u603b\u662f)|\u52a1\u5fc5)",
    re.IGNORECASE,
)


def patterns() -> list[re.Pattern[str]]:
    """The patterns of this module, for the test of their speed."""
    return [_COMMANDS]


def reason_against(interaction: Interaction) -> str | None:
    """Why no profiler may see the interaction; None if it may.

    `kind`, `domain` and `agent` are an agent's words whoever vouches for the rest.
    """
    trust = _ORIGINS[interaction.origin]
    for text in (interaction.query, interaction.chosen, interaction.rejected):
        if text and (reason := order_in(text, trust)):
            return reason
    for label in (interaction.kind, interaction.domain, interaction.agent):
        if label and (reason := order_in(label, "foreign")):
            return reason
    return None


def check_line(text: str, by: Writer) -> None:
    """Raises `InvalidInputError` for a line that gives orders which its writer may not give."""
    reason = order_in(text, _WRITERS[by])
    if reason is None and by == "model" and _COMMANDS.match(text):
        reason = "an order to its reader"
    if reason is None:
        return
    if by == "owner":
        raise InvalidInputError(
            f"the line reads as {reason}, and agents are told to distrust such text:"
            " say what you want of them without telling them to drop their instructions"
        )
    raise InvalidInputError(
        f'the line reads as {reason}: a line says what is so of the user ("Prefers short answers"),'
        " and gives no agent orders"
    )
