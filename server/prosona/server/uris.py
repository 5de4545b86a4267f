"""The addresses of profiles: `profile://{user_id}` and `profile://{user_id}/history?limit=20`."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from prosona.profiles_db import InvalidInputError
from prosona.service import parse_user_id

PROFILE = "profile://{user_id}"
HISTORY = "profile://{user_id}/history"
HISTORY_TEMPLATE = HISTORY + "{?limit}"

_ADDRESS = re.compile(r"profile://([^/?#]+)(?:/history(?:\?[^#]*)?)?", re.IGNORECASE)


def profile_uri(user_id: str) -> str:
    """The address of a user's profile, with everything but letters, digits and `-._~` escaped."""
    return PROFILE.replace("{user_id}", quote(user_id, safe=""))


def history_uri(user_id: str) -> str:
    """The address of a user's history."""
    return HISTORY.replace("{user_id}", quote(user_id, safe=""))


def spellings(user_id: str) -> set[str]:
    """Every address under which clients watch a user: escaped, and with the id as it stands."""
    raw = {template.replace("{user_id}", user_id) for template in (PROFILE, HISTORY)}
    return {profile_uri(user_id), history_uri(user_id), *raw}


def user_of(uri: str) -> str | None:
    """The user that an address is about, or None if it is not the address of a profile."""
    match = _ADDRESS.fullmatch(uri)
    if match is None:
        return None
    try:
        return parse_user_id(unquote(match[1]))
    except InvalidInputError:
        return None
