"""How long a text is in tokens, without any tokenizer: an estimate that errs on the long side."""

from __future__ import annotations

import re

__all__ = ["CJK", "count_tokens", "is_mostly_cjk"]

# Chinese, Japanese and Korean: ideographs and their first extension, compatibility ideographs, kana,
# syllables. By code point: a source file may be normalised, and some of these characters with it.
CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af"
"""For use inside a character class of a regular expression."""

# One alternative a token of a byte-level BPE: a CJK character, a digit, up to six letters of a word, a mark.
_TOKEN = re.compile(rf"[{CJK}]|\d|[^\W\d_{CJK}]{{1,6}}|[^\w\s]|_|\n")
_CJK = re.compile(f"[{CJK}]")
_LETTER = re.compile(r"[^\W\d_]")


def count_tokens(text: str) -> int:
    """The estimated number of tokens of `text`, for budgets.

    Calibrated against Qwen3's tokenizer: at or above its count for ordinary English and Chinese.
    """
    return len(_TOKEN.findall(text))


def is_mostly_cjk(text: str) -> bool:
    """Whether more than half of the letters of `text` are Chinese, Japanese or Korean."""
    return 2 * len(_CJK.findall(text)) > len(_LETTER.findall(text))
