"""By which words a sentence is known to state something lasting about its speaker."""

from __future__ import annotations

import re
from dataclasses import dataclass

from prosona.core.words import Consequence

__all__ = ["CHINESE_CUES", "DENIED", "ENDED", "ENGLISH_CUES", "NEGATIVE", "REMARK", "Cue"]


@dataclass(frozen=True, slots=True)
class Cue:
    """A way to speak of oneself: the weight of what is said that way, and the pattern."""

    weight: float
    pattern: re.Pattern[str]
    slot: str = ""
    """What kind of fact it is, if a person has only one of it at a time."""
    usual: Consequence = "fact"
    """What such a sentence tells, if its words show nothing dearer."""


def _cue(weight: float, *alternatives: str, slot: str = "", usual: Consequence = "fact") -> Cue:
    return Cue(weight, re.compile("|".join(alternatives), re.IGNORECASE), slot, usual)


_AM = r"\b(?:I am|I'm)"
_ADVERBS = (
    r"(?:(?:really|absolutely|also|still|just|mostly|usually|always|never|generally|often|only|truly|"
    r"especially|"
    r"personally|definitely|particularly|very much|simply|actually|no longer|don't|do not|didn't|can't|"
    r"cannot|"
    r"won't|would|would not|wouldn't|'d|try to|tend to|strictly|exclusively|currently|now|do|quite|even|"
    r"rarely|"
    r"hardly) )*"
)
_FITTING = r"(?:perfect|great|best|ideal|good|wonderful|right|nice|lovely|fit|choice|option)"

ENGLISH_CUES = (
    _cue(
        4,
        rf"{_AM}(?: \w+){{0,2}} (?:allergic|intolerant|sensitive|afraid|scared|averse) (?:to|of)\b",
        r"\bmy (?:\w+ )?allerg",
        rf"{_AM}(?: \w+){{0,2}} (?:vegan|vegetarian|pescatarian|diabetic|celiac|gluten-free|lactose|kosher|"
        rf"halal)\b",
        rf"{_AM}(?: \w+){{0,2}} colou?r-?blind\b",
        r"\bI (?:no longer|stopped|quit|gave up|used to)\b",
        r"\bI \w[\w' ,]{1,80}? any ?more\b",
    ),
    _cue(
        3,
        rf"\bI {_ADVERBS}(?:hate|dislike|avoid|despise|detest|refuse|stay away|steer clear|can't (?:stand|"
        rf"bear))\b",
        rf"\bI {_ADVERBS}(?:like|love|enjoy|prefer|adore|favou?r|crave|appreciate|admire)\b",
        r"\bI(?:'d| would) (?:rather|prefer)\b",
        r"\bmy (?:\w+ ){0,2}favou?rites? ",
        r"\bmy (?:\w+ ){0,3}(?:preference|aversion|phobia|diet|hobby|hobbies|passion|values|needs|taste|"
        r"restriction)",
        rf"{_AM}(?: \w+){{0,3}} (?:fan of|into|keen on|fond of|interested in|passionate about|obsessed "
        rf"with)\b",
        rf"{_AM}(?: \w+){{0,3}} (?:tired of|sick of|bored (?:of|with|by)|all about)\b",
        r"(?:n't|not|no longer|never)(?: \w+){0,3} (?:appeal|appealing|attractive|interesting)\b"
        r".{0,80}?\b(?:me|my)\b",
        r"(?:n't|not)(?: \w+){0,3} (?:my thing|for me|my style|my cup of tea|work for me|suit me|fit "
        r"(?:with )?my)\b",
        r"\bI have (?:an? )?(?:\w+ ){0,3}(?:allergy|aversion|phobia|preference|dislike|intolerance|"
        r"sensitivity|fear)\b",
        usual="taste",
    ),
    _cue(2.5, r"\bI (?:only|exclusively|strictly|always|never|mostly) \w+"),
    _cue(
        2.5,
        r"\bI (?:live|moved|relocated) (?:in|to|near|at)\b",
        rf"{_AM} (?:now )?(?:based|living) (?:in|near)\b",
        slot="home",
    ),
    _cue(2.5, r"\bmy name is\b", r"\bcall me \w+", slot="name"),
    _cue(
        2.5, rf"{_AM} \d{{1,2}}(?: years old)?\b(?! (?:minutes|hours|days|weeks|percent|miles))", slot="age"
    ),
    _cue(
        2.5,
        r"\bI work (?:as|at|in|for)\b",
        r"\bmy job\b",
        rf"{_AM} (?:working (?:as|at|for)|studying)\b",
        r"\bI study\b",
        slot="work",
    ),
    _cue(
        2,
        rf"{_AM} (?:an?|from|married|single|retired|learning|training for|trying to|looking (?:for|to)|"
        rf"saving|planning)\b",
        r"\bI(?:'ve got| have| own| adopted| got| bought) (?:an?|two|three|four|five|\d+|my own) \w+",
        r"\bmy (?:wife|husband|partner|kids?|children|son|daughter|dog|cat|pets?|mom|dad|mother|father|"
        r"brother|sister)\b",
    ),
    _cue(
        1.5,
        r"\bI(?:'ll| will| think I'll) (?:go|stick) with\b",
        r"\blet's go with\b",
        r"\bI'll (?:take|have|choose|pick)\b",
        rf"\b(?:sounds?|seems?|looks?|would be)(?: like)?(?: \w+){{0,4}} {_FITTING}\b",
        r"\bI (?:play|eat|drink|read|watch|collect|speak|run|swim|cook|bake|paint|write|ride|grow|wear|use|"
        r"follow|support)\b",
        r"\bI (?:practi[cs]e|volunteer)\b",
        usual="taste",
    ),
    _cue(
        1,
        r"\bI (?:really |also |just |still )*(?:want|need|hope|wish|plan|would love|'d love)\b",
        r"\bI'd (?:love|like)\b",
        usual="taste",
    ),
)

REMARK = _cue(1, r"", usual="taste")
"""What is said of options that were asked for, in whatever words."""

_CJK_ADVERBS = "(?:现在|最近|其实|一直|真的|特别|非常|很|最|更|比较|也|都|从来|从|并|完全|有点|挺|还是|就)*"
_CJK_VERBS = "(?:不|讨厌|受不了|反感|避免|拒绝|怕|喜欢|爱|热爱|偏爱|偏好|偏向|倾向|迷上|想要|享受|欣赏|只)"

CHINESE_CUES = (
    _cue(4, r"我(?:是素食|吃素|不再|戒了|以前)", r"我[^，。]{0,12}过敏"),
    _cue(
        3,
        rf"我{_CJK_ADVERBS}{_CJK_VERBS}",
        r"我的?(?:最爱|爱好|兴趣|偏好|口味)",
        r"我对[^，。]{1,14}(?:感兴趣|没兴趣|有兴趣)",
        usual="taste",
    ),
    _cue(2.5, r"我(?:现在|目前)?(?:住在|搬到|搬去|住)", slot="home"),
    _cue(2.5, r"我(?:叫|的名字)", slot="name"),
    _cue(2.5, r"我(?:今年)?[\d一二三四五六七八九十]{1,3}岁", slot="age"),
    _cue(
        2.5,
        r"我(?:现在|目前)?在[^，。]{2,12}(?:工作|上班|上学|读书)",
        r"我的?(?:工作|职业|专业)是",
        slot="work",
    ),
    _cue(2, r"我(?:是(?:一?[个名位])|有[一两三四五几]|养了|正在学|在学|打算|计划|想|需要|希望)"),
    _cue(1.5, r"我(?:每[天周月年]|经常|常常|平时|通常|习惯|一般)", usual="taste"),
)

NEGATIVE = re.compile(
    r"\b(?:not|never|no longer|hate|dislike|avoid|despise|detest|refuse|cannot|stopped|quit|gave up|used "
    r"to|tired of|"
    r"sick of|bored|allergic|intolerant|aversion|phobia|allergy|afraid|scared|any ?more|without|stay away|"
    r"steer clear|rather not)\b|n't\b|不|没|讨厌|戒|过敏|避免|拒绝|反感|受不了|怕",
    re.IGNORECASE,
)
"""What is said against something."""

ENDED = re.compile(r"\b(?:no longer|any ?more|stopped|quit|gave up|used to)\b|不再|戒了|以前", re.IGNORECASE)
"""What is said to be over."""

DENIED = re.compile(
    r"(?:\b(?:not|never)|n't)\b(?: \w+){0,2}? (?:allerg|intoleran|c(?:o)?eliac|diabet|asthma|pregnan"
    r"|epilep|deaf|blind)"
    r"|(?:不|没有?)(?:对[^，。]{1,12})?(?:过敏|过敏史)",
    re.IGNORECASE,
)
"""A matter of health said not to be there. It stands beside what was said before it, and ends nothing."""
