r"""Signs that nobody sees or that a terminal obeys, and text without them.

Control characters, escape sequences, what turns the direction of writing and what is invisible can make a
text read otherwise to a person than to a model. They are taken out where text comes in. What a script needs
stays: the joiners of Persian, Hindi and emoji, one variation selector behind a sign, the tag characters of
the flags that are spelled with them.

Nothing but the standard library, so that programs that must start at once can use it too. Every pattern is
linear: each repeats only what cannot begin it anew.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["PATTERNS", "cleaned", "one_line"]

_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"

# What may make the slow way necessary (marks that pile up, too). Most texts hold none of it.
_SUSPECT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    f"\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ufeff\uffa0\ufff9-\uffff{_SELECTORS}"
    "\U0001d173-\U0001d17a\U000e0000-\U000e00ff\u0300-\u036f]"
)

_BREAKS = re.compile("\r\n|[\r\u2028\u2029\x85]")

# ECMA-48: control sequences ("[31m"), strings up to their terminator ("]0;title" and BEL), and the short
# ones; begun by ESC or by the one-character forms of the C1 set. One that never ends is its first signs.
_ESCAPES = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]?"
    "|(?:\x1b[\\]PX^_]|[\x90\x98\x9d-\x9f])(?:[^\x07\x1b\x9c]{0,4096}(?:\x07|\x1b\\\\|\x9c))?"
    "|\x1b[ -/]{0,8}[0-~]?"
)

# A flag of a country's part: the black flag, tags that spell a region, the closing tag. Only regions whose
# flags are drawn somewhere, so that no message is smuggled in as a row of flags.
_TAGS = re.compile(
    "(\U0001f3f4(?:"
    "\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074"
    "|\U000e0077\U000e006c\U000e0073|\U000e006e\U000e0069\U000e0072)"
    "|\U000e0075\U000e0073[\U000e0061-\U000e007a]{2}|\U000e0063\U000e0061[\U000e0061-\U000e007a]{2}"
    ")\U000e007f)|[\U000e0000-\U000e00ff]"
)

# Joiners stand between letters of scripts that need them, or between emoji; elsewhere they only hide.
_NEEDY = "\u0590-\u1fff\u2190-\u2bff\ua800-\uabff\ufb1d-\ufdff\ufe0f\ufe70-\ufefe\U00010a00-\U00011fff"
_NEEDY += "\U0001f000-\U0001faff"
_JOINERS = re.compile(f"(?<![{_NEEDY}])[\u200c\u200d]|[\u200c\u200d](?![{_NEEDY}])")

# A second selector in a row, one behind a Latin letter or a space, and one of the ideographs' behind
# anything else shows nothing: it carries a message.
_HIDDEN_SELECTORS = re.compile(
    f"(?<=[{_SELECTORS}])[{_SELECTORS}]|(?<![^A-Za-z\\s])[{_SELECTORS}]"
    "|(?<![\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\U000e0100-\U000e01ef]"
)

# Four marks on a letter are more than any spelling has.
_MARKS = re.compile("([\u0300-\u036f]{4})[\u0300-\u036f]+")

_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\U0001d173-\U0001d17a]"
)
# Controls but tab and newline, and letters that are drawn as nothing: something stood there.
_BLANKS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2800\u3164\uffa0]")
_HALVES = re.compile("[\ud800-\udfff]")

PATTERNS = (
    _SUSPECT,
    _BREAKS,
    _ESCAPES,
    _TAGS,
    _JOINERS,
    _HIDDEN_SELECTORS,
    _MARKS,
    _UNSEEN,
    _BLANKS,
    _HALVES,
)
"""All patterns above, for the test of their speed."""


def cleaned(text: str) -> str:
    """`text` in one normal form (NFC) without hidden signs, with one kind of line break, no space around it.

    Escape sequences go as a whole; other control characters become spaces.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    if _SUSPECT.search(text):
        text = _BREAKS.sub("\n", text)
        text = _ESCAPES.sub("", text)
        text = _TAGS.sub(lambda match: match[1] or "", text)
        text = _UNSEEN.sub("", text)
        text = _JOINERS.sub("", text)
        text = _HIDDEN_SELECTORS.sub("", text)
        text = _MARKS.sub(r"\1", text)
        text = _BLANKS.sub(" ", text)
        text = _HALVES.sub("\N{REPLACEMENT CHARACTER}", text)
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return text.strip()


def one_line(text: str) -> str:
    """`text` cleaned, with every run of spaces and line breaks as one space."""
    return " ".join(cleaned(text).split())
