"""What counts as being about a topic, when its owner asks to forget it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from prosona.profiles_db import InvalidInputError

_CJK = re.compile(r"[㐀-鿿豈-﫿぀-ヿ가-힯]")
# "C++" and "C#" are words too.
_WORD = re.compile(r"\w+[+#]*")


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def topic_matcher(topic: str) -> Callable[[str], bool]:
    """A test for texts that name `topic`: the whole phrase, in any case, with any separators.

    A word of the phrase does not match inside a longer word ("art" leaves "party" alone), except
    in scripts without spaces; a plural ending is ignored either way.
    """
    words = _WORD.findall(_fold(topic))
    if sum(map(len, words)) < (1 if _CJK.search(topic) else 2):
        raise InvalidInputError(
            f"{topic!r} is too short to forget safely: give a word or a phrase, or * for everything"
        )
    phrase = r"[\W_]*".join(map(re.escape, [*words[:-1], _singular(words[-1])]))
    if _CJK.search(topic):
        pattern = re.compile(phrase)
    else:
        pattern = re.compile(rf"(?<![^\W_]){phrase}(?:['’]?s|es|ies)?(?![^\W_])")
    return lambda text: pattern.search(_fold(text)) is not None


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
