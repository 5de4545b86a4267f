"""What it would cost not to know a line: by this, lines are ordered and cut to a budget."""

from __future__ import annotations

import re
from functools import cache

from prosona.core.words import Consequence

__all__ = ["RANKS", "consequence_of"]

RANKS: dict[Consequence, int] = {
    "safety": 0,
    "person": 1,
    "manner": 2,
    "fact": 3,
    "taste": 4,
    "example": 5,
}
"""The order of consequences, the dearest first."""

# Stems that make a sentence one of health or access, in the languages that profiles are mostly kept in.
# A false one costs a taste some of its room; a missing one may cost somebody their health.
_SAFETY = (
    r"all?[eé]rg|anaphyla|epipen|intol[eé]ran|unverträglich|co?eliac|cel[ií]ac|c[œe]liaqu|zöliakie|gluten"
    r"|diab[eéè]t|insulin|[eé]pilep|seizure|asthm|\basma\b|pregnan|schwanger|enceinte|embaraz|grávida|\bdeaf\b|\bblind(?:ness)?\b"
    r"|\bgehörlos|\btaub\b|malentendant|\bsourde?\b|\baveugle|\bsord[oa]\b|\bcieg[oa]\b"
    r"|hard of hearing|wheelchair|rollstuhl|fauteuil roulant|silla de ruedas|screen ?reader|braille|dyslexi"
    r"|colou?r.?blind|pacemaker|blood thinner|medication|\bmedicine\b|dialysis|haemophil|hemophil"
    # What a body cannot bear, said without the name of an illness.
    r"|la[ck]tos|lattosio|\bcan(?:no|['’])t (?:eat|digest)\b|\bvertr(?:age|ägt) (?!sich|mich)(?:\w+ )?(?:kein|nicht)"
    r"|ne (?:peu[xt] pas (?:manger|boire)|(?:digère|tolère) pas)\b|no (?:puedo|puede) (?:comer|tomar|beber)\b"
    r"|não (?:posso|pode|consigo) (?:comer|tomar|beber)\b"
    r"|乳糖|(?:不能|不可以)吃|吃不了|食べられ(?:ない|ません)|유당|못 ?먹|лактоз"
    r"|in recovery|sober\b|trigger warning|ptsd"
    r"|过敏|過敏|糖尿病|癫痫|哮喘|怀孕|懷孕|孕妇|失明|失聪|盲人|聋|轮椅|不耐受|麸质|忌口|药物"
    r"|アレルギー|糖尿|喘息|妊娠|車椅子|視覚障害|聴覚障害|알레르기|당뇨|천식|임신|휠체어|시각장애|청각장애"
    r"|аллерги|диабет|астм|беремен|حساسية|सुगर|मधुमेह|एलर्जी|แพ้"
)
_PERSON = (
    r"\bmy name is\b|\bcall me\b|\bmy pronouns\b|\bich heiße\b|\bje m'appelle\b|\bme llamo\b|\bmi chiamo\b"
    r"|\bmeu nome\b|\bme chamo\b|\bnative language\b|\bmother tongue\b|\bi speak \w+"
    r"|我叫|我的名字|我姓|母语|と申します|私の名前|제 이름|меня зовут"
)
_MANNER = (
    r"\b(?:answers?|repl(?:y|ies)|respon(?:d|ses?)|explanations?|explain|bullet points?|code comments?"
    r"|emojis?|tone|concise|verbose|antwort\w*|réponses?|respuestas?|respostas?)\b"
    r"|回答|回复|解释|语气|答え|返答|대답|답변"
)


@cache
def _patterns() -> tuple[tuple[Consequence, re.Pattern[str]], ...]:
    """Compiled with the first sentence: a server must start at once."""
    found: tuple[tuple[Consequence, str], ...] = (
        ("safety", _SAFETY),
        ("person", _PERSON),
        ("manner", _MANNER),
    )
    return tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in found)


def consequence_of(text: str, usual: Consequence = "fact") -> Consequence:
    """The consequence of a sentence that its owner said or wrote; `usual` if nothing shows another."""
    return next((name for name, pattern in _patterns() if pattern.search(text)), usual)
