"""How long a text is in tokens, without any tokenizer: an estimate that errs on the long side."""

from __future__ import annotations

import re
from functools import cache

__all__ = ["CJK", "count_tokens", "is_mostly_cjk"]

# Chinese, Japanese and Korean: ideographs and their first extension, compatibility ideographs, kana,
# syllables. By code point: a source file may be normalised, and some of these characters with it.
CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af"
"""For use inside a character class of a regular expression."""


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """A token, a CJK character, a letter; compiled with the first use, since a server must start at once."""
    # One alternative a token of a byte-level BPE: a CJK character, a digit, up to six letters of a word,
    # a mark.
    token = re.compile(rf"[{CJK}]|\d|[^\W\d_{CJK}]{{1,6}}|[^\w\s]|_|\n")
    return token, re.compile(f"[{CJK}]"), re.compile(r"[^\W\d_]")


def count_tokens(text: str) -> int:
    """The estimated number of tokens of `text`, for budgets.

    Calibrated against Qwen3's tokenizer: at or above its count for ordinary English and Chinese.
    """
    return len(_patterns()[0].findall(text))


def is_mostly_cjk(text: str) -> bool:
    """Whether more than half of the letters of `text` are Chinese, Japanese or Korean."""
    if text.isascii():
        return False
    _, cjk, letter = _patterns()
    return 2 * len(cjk.findall(text)) > len(letter.findall(text))
