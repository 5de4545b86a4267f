"""Numbers of cards and of bank accounts, told from others by their form and their check digits."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["PATTERNS", "accounts", "cards"]

# What numbers are called that are nobody's card.
_OTHER_NUMBER = re.compile(
    r"(?i)(?:order|invoice|tracking|track|parcel|shipment|ticket|booking|reservation|reference|ref|serial"
    r"|isbn|imei|ean|upc|sku|case"
    r"|bestell\w{0,12}|rechnung\w{0,12}|sendung\w{0,12}|\u8ba2\u5355|\u5355\u53f7|\u7f16\u53f7|\u5feb\u9012"
    r"|\u8fd0\u5355|\u53d1\u7968)[^\d\n]{0,20}$"
)
# Runs of digits, each begun once. Separators as on cards.
_DIGITS = re.compile(r"\d(?<!\d\d)(?<!\d[ -]\d)(?:[ -]?\d){11,}+")
_ACCOUNT = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,32}(?![A-Za-z0-9])")

# Lengths of IBANs by country, of the SWIFT registry.
_COUNTRIES = """
AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20
EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30
KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23
PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26
UA29 VA22 VG24 XK20 YE30
"""
_ACCOUNT_LENGTHS = {entry[:2]: int(entry[2:]) for entry in _COUNTRIES.split()}
_SHORTEST_CARD, _LONGEST_CARD = 14, 19
_FIRST_DIGITS = (2, 3, 4, 5, 6)
"""What the numbers of payment cards begin with; most other numbers end here."""

PATTERNS = (_DIGITS, _ACCOUNT)
"""The patterns that read whole texts, for the test of their speed."""


def cards(text: str) -> Iterator[tuple[int, int]]:
    """Where numbers of cards stand: whole groups of digits, of a card's length and prefix, the check digit
    right."""
    for run in _DIGITS.finditer(text):
        if _OTHER_NUMBER.search(text[max(0, run.start() - 40) : run.start()]):
            continue
        groups = [(m.start() + run.start(), m.end() + run.start()) for m in re.finditer(r"\d+", run[0])]
        first = 0
        while first < len(groups):
            # By their value: digits come in other scripts and widths, too.
            if int(text[groups[first][0]]) not in _FIRST_DIGITS:
                first += 1
                continue
            digits, last = "", first
            found = None
            while last < len(groups) and len(digits) < _LONGEST_CARD:
                start, stop = groups[last]
                digits += text[start:stop] if stop - start <= _LONGEST_CARD else "0" * (_LONGEST_CARD + 1)
                if len(digits) >= _SHORTEST_CARD and _is_card(digits):
                    found = last
                last += 1
            if found is None:
                first += 1
            else:
                yield groups[first][0], groups[found][1]
                first = found + 1


def _is_card(digits: str) -> bool:
    if not _SHORTEST_CARD <= len(digits) <= _LONGEST_CARD or len(set(digits)) < 2:
        return False
    head = int(digits[:4])
    match len(digits):
        case 14:
            known = 3000 <= head <= 3059 or head // 100 in (36, 38)
        case 15:
            known = head // 100 in (34, 37)
        case 16:
            known = (
                head // 1000 == 4
                or 5100 <= head <= 5599
                or 2200 <= head <= 2720
                or head == 6011
                or 6440 <= head <= 6599
                or 3528 <= head <= 3589
                or head // 100 == 62
            )
        case _:
            known = head // 100 == 62 or (len(digits) == _LONGEST_CARD and head // 1000 == 4)
    if not known:
        return False
    total = 0
    for place, sign in enumerate(reversed(digits)):
        value = int(sign) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def accounts(text: str) -> Iterator[tuple[int, int]]:
    """Where IBANs stand: of a country's length, with a right remainder."""
    for run in _ACCOUNT.finditer(text):
        length = _ACCOUNT_LENGTHS.get(run[0][:2], 0)
        stop, count = run.start(), 0
        while count < length and stop < run.end():
            count += text[stop] != " "
            stop += 1
        number = text[run.start() : stop].replace(" ", "")
        if len(number) == length and (stop == len(text) or not text[stop].isalnum()):
            turned = "".join(str(int(sign, 36)) for sign in number[4:] + number[:4])
            if int(turned) % 97 == 1:
                yield run.start(), stop
