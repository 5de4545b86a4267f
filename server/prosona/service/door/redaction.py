r"""Secrets, and numbers of cards and accounts, taken out of a text before it is kept.

Only what stands where a secret stands is taken: keys of the common forms, what is called a password, and
numbers whose check digits are right (`numbers`). Every repetition is bounded, or ends at a sign that cannot
begin the pattern anew: each takes time in proportion to the length of a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from prosona.service.door import numbers

__all__ = ["REDACTED", "patterns", "redacted"]

REDACTED = "[redacted]"
"""What stands where a secret stood."""


class _Secret(NamedTuple):
    name: str
    cues: tuple[str, ...]
    """Searched for in small letters; one of them must be there."""
    pattern: str
    """Its group `it`, or else all of it, is the secret."""
    confirm: Callable[[re.Match[str]], bool] | None = None


# What is said of a password more often than it is one.
_SAID_OF_SECRETS = """
a an the my your our his her their its not no is was are be been being too very so also always never
still now then only just really required needed wrong right correct incorrect invalid valid weak strong
secure insecure safe unsafe secret hidden shown visible missing empty blank none null nil true false
unknown known lost forgotten expired old new changed reset saved stored kept encrypted hashed protected
shared set unset optional mandatory case sensitive long short stronger weaker longer shorter different
same similar unique random simple easy hard bad good better best fine ok okay unchanged redacted removed
here there below above in on at by for from of or and to with without when where who what why how if
that this these those it generated printed entered rejected accepted refused denied ignored sent asked
used reused leaked stolen compromised manager reset policy string str input text field hash login lautet
falsch richtig nicht sicher unsicher vergessen ungültig password passwort passwords username user email
"""
_NOT_A_SECRET = frozenset(_SAID_OF_SECRETS.split())


def _is_value(match: re.Match[str]) -> bool:
    """Whether what follows the name of a secret is one: no word that is said of secrets."""
    value = match["it"].strip("\"'`“”‘’「」")
    if value.startswith(REDACTED[:4]) or value.casefold().strip(".,;:!?…)") in _NOT_A_SECRET:
        return False
    return bool(value.strip("*•.xX_-…<>{}[]()"))


def _looks_made_up(match: re.Match[str]) -> bool:
    """Whether the value is no plain word: it holds a digit or a sign between letters, or capitals inside."""
    if not _is_value(match):
        return False
    value = match["it"].strip("\"'`“”‘’.,;:!?()")
    return (
        any(sign.isdigit() for sign in value)
        or any(not sign.isalnum() and sign not in "-'’.,/" for sign in value)
        or (value[1:] != value[1:].lower() and not value.isupper())
    )


def _is_said_of_one(match: re.Match[str]) -> bool:
    """Whether a sentence tells a password: "The Password Is Courage" is a title."""
    return _looks_made_up(match) or (
        _is_value(match) and not (match["whose"].casefold() == "the" and match["it"][:1].isupper())
    )


def _is_key_value(match: re.Match[str]) -> bool:
    return _is_value(match) and any(sign.isdigit() for sign in match["it"])


_NAMES = (
    r"(?:pass ?words?|pass ?phrase|pass ?code|passwd|pwd|pw(?![a-z])|passwort|kennwort|contrase\u00f1a"
    r"|mot de passe|senha|has\u0142o"
    r"|wachtwoord|parola d'ordine|\u043f\u0430\u0440\u043e\u043b\u044c)"
)
_NAMES_CJK = (
    "(?:\u5bc6\u7801|\u5bc6\u78bc|\u53e3\u4ee4|\u30d1\u30b9\u30ef\u30fc\u30c9|\ube44\ubc00\ubc88\ud638)"
)
_PASSWORD_CUES = (
    "passw", "passph", "passco", "passe", "pass w", "pass p", "pass c", "pwd", "pw ", "pw:", "pw=",
    "kennwort", "contrase", "senha", "has\u0142o", "wachtwoord", "parola",
    "\u043f\u0430\u0440\u043e\u043b\u044c", "\u5bc6\u7801", "\u5bc6\u78bc", "\u53e3\u4ee4",
    "\u30d1\u30b9\u30ef\u30fc\u30c9", "\ube44\ubc00\ubc88\ud638",
)  # fmt: skip
_FOR = r"(?:(?:for|of|to|on|at|in|f\u00fcr)\s(?:[^\s.!?]{1,24}\s){1,3}?)?"
_IS = r"(?:is|was|are|ist|war|lautet|es|est|\u00e9|\u00e8|:=|[:=\uff1a]|->|=>|to|zu)"
_KEY_NAMES = (
    r"(?:api[ _-]?key|api[ _-]?token|secret[ _-]?(?:access[ _-]?)?key|access[ _-]?(?:key|token)"
    r"|auth[ _-]?token|client[ _-]?secret"
    r"|refresh[ _-]?token|private[ _-]?token|encryption[ _-]?key|account[ _-]?key|shared[ _-]?secret"
    r"|bot[ _-]?token|secret[ _-]?token"
    r"|signing[ _-]?(?:key|secret)|webhook[ _-]?secret)"
)

_SECRETS = (
    _Secret(
        "a private key",
        ("private key", "age-secret-key"),
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[^-]"
        r"|-(?!----))*+(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?"
        r"|\bAGE-SECRET-KEY-1[0-9A-Z]{30,80}\b",
    ),
    _Secret(
        "an access key",
        (
            "akia", "asia", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-",
            "sk-", "k_live_", "k_test_", "whsec_", "xox", "xapp-", "hooks.slack.com", "aiza",
            "ya29.", "gocspx-", "hf_", "npm_", "pypi-", "sg.", "dop_v1_", "shpat_", "shpss_",
            "shpca_", "shppa_", "gsk_", "xai-", "r8_", "pplx-", "tvly-", "eyj", "sq0",
        ),
        # Only at the head of a word: else each "eyJ" within one would be followed to its end.
        r"(?<![A-Za-z0-9_-])(?:(?:AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,255}"
        r"|github_pat_[A-Za-z0-9_]{22,255}"
        r"|glpat-[A-Za-z0-9_-]{20,64}"
        r"|sk-(?:proj|svcacct|admin|ant-[a-z0-9]{3,12}|or-v1)-[A-Za-z0-9_-]{20,255}"
        r"|sk-(?:[A-Za-z0-9]{1,10}-){0,3}[A-Za-z0-9_]{20,}+[A-Za-z0-9_-]{0,200}"
        r"|[sr]k_(?:live|test)_[A-Za-z0-9]{10,200}|whsec_[A-Za-z0-9+/=]{20,100}"
        r"|xox[abeoprs]-[A-Za-z0-9-]{10,255}|xapp-[A-Za-z0-9-]{20,255}"
        r"|AIza[0-9A-Za-z_-]{35}|ya29\.[A-Za-z0-9_-]{20,500}|GOCSPX-[A-Za-z0-9_-]{20,60}"
        r"|hf_[A-Za-z0-9]{30,100}|npm_[A-Za-z0-9]{36}"
        r"|pypi-[A-Za-z0-9_-]{30,300}|SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}|dop_v1_[a-f0-9]{64}"
        r"|shp(?:at|ss|ca|pa)_[a-fA-F0-9]{32}"
        r"|gsk_[A-Za-z0-9]{20,100}|xai-[A-Za-z0-9]{20,200}|r8_[A-Za-z0-9]{30,60}|pplx-[A-Za-z0-9]{30,100}"
        r"|tvly-[A-Za-z0-9-]{20,60}"
        r"|sq0[a-z]{3}-[A-Za-z0-9_-]{20,60}"
        r"|eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,1000})"
        r"|\bhooks\.slack\.com/services/[A-Za-z0-9/]{20,100}",
    ),
    _Secret(
        "an access key",
        ("token", ":aa"),
        r"(?<![\d:])(?P<it>\d{8,10}:AA[A-Za-z0-9_-]{33})(?![A-Za-z0-9_-])",
    ),
    _Secret(
        "an access token",
        ("bearer", "authorization"),
        r"(?i)\bbearer\s{1,3}(?P<it>[A-Za-z0-9._~+/-]{16,4000}={0,2})"
        r"|\bauthorization\s{0,3}:\s{0,3}basic\s{1,3}(?P<also>[A-Za-z0-9+/]{8,1000}={0,2})",
        lambda match: bool(match["also"]) or any(sign.isdigit() for sign in match["it"]),
    ),
    _Secret(
        "a password",
        ("://",),
        r"(?i)\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{0,100}:(?P<it>[^\s/@]{1,200})@",
        lambda match: not match["it"].startswith(REDACTED[:4]),
    ),
    _Secret(
        "an access key",
        ("key", "token", "secret"),
        rf"(?i)(?<![A-Za-z]){_KEY_NAMES}[\"']?(?:\s{{0,3}}{_IS}\s{{0,3}}"
        r"|\s{1,3})(?P<it>[\"'`]?[A-Za-z0-9+/=._~-]{8,500})",
        _is_key_value,
    ),
    _Secret(
        "a password",
        _PASSWORD_CUES,
        # With a sign between: "password: hunter2", "pwd=hunter2".
        rf"(?i)(?:(?<![a-z]){_NAMES}|{_NAMES_CJK})[\"']?\s{{0,3}}(?:[:=\uff1a]|->|=>"
        r"|:=)\s{0,3}(?P<it>\"[^\"\n]{1,100}\"|'[^'\n]{1,100}'|`[^`\n]{1,100}`"
        r"|[^\s\u3002\uff0c\uff1b\uff01\uff1f]{3,100})",
        _is_value,
    ),
    _Secret(
        "a password",
        _PASSWORD_CUES,
        # Somebody's, in a sentence that ends with it: "my password is swordfish."
        r"(?i)\b(?P<whose>my|our|his|her|their|the|wi-?fi|wlan|router|login|account|user|root|admin|mein"
        r"|unser|das|mi|mon|minha|\u043c\u043e\u0438)\s"
        rf"(?:[^\s.!?]{{1,24}}\s){{0,4}}?{_NAMES}(?:['\u2019]s|\s{{1,3}}{_FOR}{_IS})\s{{1,3}}"
        r"(?P<it>\"[^\"\n]{1,100}\"|'[^'\n]{1,100}'|`[^`\n]{1,100}`|“[^”\n]{1,100}”"
        r"|[^\s,;]{3,100}?)(?=[.!?,;)]{0,3}(?:\n|$)|[.!?,;]\s|\s(?:and|but|und|for|so)\s)",
        _is_said_of_one,
    ),
    _Secret(
        "a password",
        _PASSWORD_CUES,
        # No plain word behind the name: "password hunter2", "set the password to Tr0ub4dor".
        rf"(?i)(?<![a-z]){_NAMES}\s{{1,3}}(?:{_FOR}{_IS}\s{{1,3}})?(?P<it>[^\s]{{5,100}})",
        _looks_made_up,
    ),
    _Secret(
        "a password",
        _PASSWORD_CUES,
        rf"{_NAMES_CJK}\s?(?:\u662f|\u4e3a|\u70ba|\u53eb|\u8bbe\u6210|\u6539\u6210|\u6539\u4e3a|\u306f"
        r"|\ub294|\uc740)?\s?[\"'\u201c\u300c]?(?P<it>[!-~]{4,100})",
        _is_value,
    ),
    _Secret(
        "a PIN",
        (" pin", "cvv", "cvc"),
        r"(?i)\b(?:pin(?:[ -]?(?:code|number|nummer))?|cvv2?"
        rf"|cvc2?)\s{{0,3}}(?:{_IS}\s{{0,3}})(?P<it>\d{{3,8}})\b",
    ),
    _Secret(
        "a social security number",
        ("ssn", "social security"),
        r"(?i)\b(?:ssn|social security (?:number|no\.?))[^\d\n]{0,12}(?P<it>\d{3}[- ]?\d{2}[- ]?\d{4})\b",
    ),
)  # fmt: skip


@cache
def _compiled() -> tuple[tuple[_Secret, re.Pattern[str]], ...]:
    return tuple((secret, re.compile(secret.pattern)) for secret in _SECRETS)


_PIECE = 3
"""Letters of a cue that are looked up at once: no cue in ASCII is shorter."""

_LOOKED_UP = 400
"""Longest text whose pieces are looked up, in characters; a search for each cue is faster in a longer one."""


@cache
def _pieces() -> frozenset[str]:
    """The beginnings of all cues in ASCII."""
    return frozenset(cue[:_PIECE] for secret in _SECRETS for cue in secret.cues if cue.isascii())


def _may_hold_a_secret(small: str) -> bool:
    """False only where no cue is in a text: every call is waited for, and nearly all hold none."""
    if len(small) > _LOOKED_UP or not small.isascii():
        return True
    return not _pieces().isdisjoint(small[at : at + _PIECE] for at in range(len(small) - _PIECE + 1))


_DIGIT = re.compile(r"\d")


def patterns() -> list[re.Pattern[str]]:
    """Every pattern above, for the test of their speed."""
    return [pattern for _, pattern in _compiled()]


def redacted(text: str) -> tuple[str, list[str]]:
    """`text` with `[redacted]` for each secret, and what they were ("a password"), each kind once."""
    small = f" {text.casefold()}"
    names: list[str] = []
    for secret, pattern in _compiled() if _may_hold_a_secret(small) else ():
        if any(cue in small for cue in secret.cues):
            text, found = _without(text, _matches(pattern, text, secret.confirm))
            if found and secret.name not in names:
                names.append(secret.name)
    if _DIGIT.search(text):
        for name, where in (("a bank account number", numbers.accounts), ("a card number", numbers.cards)):
            text, found = _without(text, where(text))
            if found:
                names.append(name)
    return text, names


def _matches(
    pattern: re.Pattern[str], text: str, confirm: Callable[[re.Match[str]], bool] | None
) -> Iterator[tuple[int, int]]:
    groups = [name for name in ("it", "also") if name in pattern.groupindex]
    for match in pattern.finditer(text):
        if confirm is None or confirm(match):
            yield next((match.span(name) for name in groups if match[name]), match.span())


def _without(text: str, spans: Iterator[tuple[int, int]]) -> tuple[str, bool]:
    parts: list[str] = []
    end = 0
    for start, stop in spans:
        stop -= len(text[start:stop]) - len(text[start:stop].rstrip(".,;:!?)\"'`”"))
        start += len(text[start:stop]) - len(text[start:stop].lstrip("\"'`“("))
        parts += [text[end:start], REDACTED]
        end = stop
    return "".join([*parts, text[end:]]), bool(parts)
