"""The plain words by which a reader tells likes from avoids, in English and Chinese."""

from __future__ import annotations

__all__ = [
    "AVOIDS",
    "AVOIDS_ZH",
    "ENDED",
    "EVIDENCE",
    "LIKES",
    "LIKES_ZH",
    "NEGATORS",
    "PAST",
    "PREFERRING",
    "WEAK",
]

LIKES = (
    r"lik(?:es?|ed|ing)|lov(?:es?|ed)|enjoy(?:s|ed|ing)?|prefer(?:s|red|ring)?|favou?r(?:s|ed|ing|ites?)?|"
    r"cho(?:se|sen|oses?|osing)|pick(?:s|ed|ing)?|select(?:s|ed|ing)?|appreciat(?:es?|ed)|admir(?:es?|ed)|"
    r"interested in|fond of|drawn to|keen on|fans? of|gravitat(?:es?|ed) (?:to|towards?)|"
    r"leans? (?:to|towards?)|tend(?:s|ed) (?:to|towards?)|looks? for|seeks?|wants?|values?"
)
AVOIDS = (
    r"avoid(?:s|ed|ing)?|reject(?:s|ed|ing)?|dislik(?:es?|ed|ing)|hat(?:es?|ed)|detest(?:s|ed)?|"
    r"pass(?:es|ed|ing)? (?:over|on|up)|turn(?:s|ed)? down|skip(?:s|ped|ping)?|ignor(?:es?|ed|ing)|"
    r"declin(?:es?|ed)|steers? clear of|stays? away from|uninterested in|bored (?:by|with)|tired of|"
    r"weary of|averse to|aversion to|allergic to|allergy to|intolerant (?:of|to)|intolerance (?:of|to)|"
    r"(?:little|no|less|lack of|lacks) interest in|less interested in|uncomfortable with|afraid of|"
    r"rather than|instead of|rarely|seldom|hardly ever"
)
LIKES_ZH = r"喜欢|喜爱|热爱|偏好|偏爱|爱看|爱吃|爱听|爱读|感兴趣|有兴趣|倾向于?|青睐|常选|选择了?|选了|想要"
AVOIDS_ZH = (
    r"不太?喜欢|不爱|不太?感兴趣|没有?兴趣|不选|没有?选|不想要?|不要|不吃|不喝|不看|不偏好|讨厌|反感|避开|避免|"
    r"回避|拒绝|跳过|放弃|略过|未选|厌倦|厌恶|过敏|而不是|而非|很少"
)
PREFERRING = r"prefer(?:s|red|ring)?|favou?r(?:s|ed|ing)?|cho(?:se|sen|oses?|osing)|pick(?:s|ed|ing)?"
"""After one of these, `over` opens what was not preferred."""

NEGATORS = r"not|never|no|without|cannot|neither|nor"
PAST = (
    r"\b(?:earlier|formerly|previously|in the past|used to|not lately|not recently|not since|back then|"
    r"at first|at one time)\b|以前|曾经|过去|此前|早先|起初|近来没有|最近没有"
)
ENDED = (
    r"\b(?:no longer|not any ?more|any ?more|stopped|gave up|lost interest in|moved away from)\b|"
    r"不再|戒了|失去兴趣"
)
WEAK = (
    r"\b(?:sometimes|occasionally|slightly|somewhat|perhaps|maybe|possibly|might)\b|有时|偶尔|略微|也许|可能"
)
EVIDENCE = (
    r"\d|\b(?:chose|chosen|rejected|picked|passed|last|since|lately|recently|often|always|once|twice|"
    r"times?|stated|said)\b|[一二三四五六七八九十两几]+[次条部个]|最近|多次|选择|选了|共"
)
"""What marks a parenthesis as evidence, which no reader may look at."""
