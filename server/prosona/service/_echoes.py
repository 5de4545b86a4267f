"""Two reports of one sentence: the hook that heard it and the model that read it."""

from __future__ import annotations

from prosona.core.words import Interaction

__all__ = ["ECHO_SECONDS", "is_sentence"]

ECHO_SECONDS = 600.0
"""A hook and the model may report one sentence within one turn; ten minutes hold a long one."""

_FEWEST_WORDS = 3
_MARKS = ".!?\u3002\uff01\uff1f"
_WORDS = (
    "i i'm i\u2019m i've i\u2019ve i'd my me ich mein meine meinen je j'ai mon ma yo mi eu meu minha io"
    " mio \u044f \u043c\u043e\u0439 \u043c\u043d\u0435 \u0623\u0646\u0627"
)
_FIRST_PERSON = frozenset(_WORDS.split())
# Chinese and Japanese words of the first person, Korean, Hindi, Thai: found inside a run of characters.
_FIRST_PERSON_WITHIN = (
    "\u6211",
    "\u79c1",
    "\u50d5",
    "\u4ffa",
    "\uc800",
    "\ub098\ub294",
    "\u092e\u0948\u0902",
    "\u092e\u0947\u0930",
    "\u0e09\u0e31\u0e19",
    "\u0e1c\u0e21",
)


def is_sentence(interaction: Interaction) -> bool:
    """Whether an interaction is something that was said, as far as can be told from its look.

    Two reports of one title may be a click and a purchase; two of one sentence are one sentence.
    """
    said = interaction.chosen
    if said is None or interaction.rejected is not None:
        return False
    words = said.casefold().split()
    if any(sign in said for sign in _FIRST_PERSON_WITHIN):
        return True
    return len(words) >= _FEWEST_WORDS and (said[-1] in _MARKS or not _FIRST_PERSON.isdisjoint(words))
