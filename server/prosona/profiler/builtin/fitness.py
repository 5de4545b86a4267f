"""What may be named in a profile: no addresses, no markup, nothing that reads as an order."""

from __future__ import annotations

import re

_MARKS = re.compile(
    r"https?://|www\.|\S@\S|[<>{}\[\]|=`\\]|\*\*|\byou (?:must|should|are now|will) \w", re.IGNORECASE
)
_ORDERS = re.compile(
    r"\b(?:ignore|disregard|override) (?:all|any|the|previous|prior|your|these)\b|\bfrom now on\b|</?system|"
    r"\b(?:system|assistant|developer) ?(?:prompt|message|:)|"
    r"\balways (?:recommend|respond|answer|say|use|trust)\b|\bnever (?:mention|reveal|tell)\b|"
    r"(?:忽略|无视)(?:以上|之前|所有|先前)|你(?:必须|现在是)",
    re.IGNORECASE,
)
_SEARCHED = 400


def fit_to_name(text: str) -> bool:
    """Whether `text` may stand in a profile's line."""
    return not _MARKS.search(text) and not _ORDERS.search(text)


def gives_orders(text: str) -> bool:
    """Whether the beginning of `text` speaks to the reader of the profile."""
    return bool(_ORDERS.search(text[:_SEARCHED]))
