"""The addresses of profiles: `profile://{user_id}` and what lies below it."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from prosona.core.errors import InvalidInputError
from prosona.service import parse_user_id

__all__ = [
    "HISTORY",
    "PREVIEW",
    "PROFILE",
    "WHY",
    "address",
    "spellings",
    "user_of",
]

PROFILE = "profile://{user_id}"
HISTORY = "profile://{user_id}/history{?limit}"
WHY = "profile://{user_id}/why/{line}"
PREVIEW = "profile://{user_id}/preview/{what}"

_BELOW = "history", "why", "preview"
_ADDRESS = re.compile(
    rf"profile://([^/?#]+)(?:/(?:{'|'.join(_BELOW)})(?:/[^/?#]*)?(?:\?[^#]*)?)?", re.IGNORECASE
)


def address(template: str, **values: str) -> str:
    """`template` filled in, everything but letters, digits and `-._~` escaped; a query is left out."""
    uri = template.partition("{?")[0]
    for name, value in values.items():
        uri = uri.replace(f"{{{name}}}", quote(value, safe=""))
    return uri


def spellings(user_id: str) -> set[str]:
    """Every address under which clients watch a user: escaped, and with the id as it stands."""
    watched = {template.partition("{?")[0] for template in (PROFILE, HISTORY)}
    return {
        spelled
        for template in watched
        for spelled in (address(template, user_id=user_id), template.replace("{user_id}", user_id))
    }


def user_of(uri: str) -> str | None:
    """The user that an address is about, or None if it is not the address of a profile."""
    match = _ADDRESS.fullmatch(uri)
    if match is None:
        return None
    try:
        return parse_user_id(unquote(match[1]))
    except InvalidInputError:
        return None
