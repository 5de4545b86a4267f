"""Words that orders in English are made of."""

from __future__ import annotations

__all__ = [
    "ADDRESS",
    "AI",
    "ANY_DEED",
    "DROP",
    "EVERY_TIME",
    "HEAD",
    "LEAD",
    "PROMOTE",
    "RULES_OF_AN_AGENT",
    "SAY",
    "SENT",
    "THEIR",
    "USER",
    "VOCATIVE",
]

# fmt: off
AI = (
    r"(?:a\.?i\.?(?: (?:assistant|agent|model|system|bot|helper|reader)s?)?|(?:shopping |personal "
    r"|virtual )?assistants?|llms?|(?:large )?language models?|chat ?bots?|chatgpt|gpt(?:-?\d)?|claude"
    r"|gemini|copilot)"
)
# Where an order can begin: at the head of a text, a line, a clause; behind a word that only leads up to it.
HEAD = (
    r"(?:^|[.!?:;,\n\"'(\[>\u00ab\u201c\u2018\u3011\uff09)-] ?|\b(?:and|then|but|so|please|now|also|just"
    r"|instead|simply|kindly|you|must) )"
)
USER = r"(?:the |this |your |any |every |a )?(?:user|human|customer|shopper|client)s?"
LEAD = (
    rf"{HEAD}(?:please |kindly |always |never |only |also |then |now |just |immediately |instead "
    r"|you (?:must|should|shall|will|need to|have to|are to) |do not |don't |be sure to |make sure to "
    r"|remember to |under no circumstances ){0,3}"
)
DROP = (
    rf"{LEAD}(?:ignore|disregard|skip|overlook|forget|discard|neglect|override|bypass|stop (?:following"
    r"|obeying)|no longer (?:follow|obey)|abandon|set aside|drop|do not (?:follow|obey|apply)"
    r"|don't (?:follow|obey))\b"
)
RULES_OF_AN_AGENT = (
    r"\b(?:(?:previous|prior|above|earlier|preceding|former|existing|system|your|these|those|original"
    r"|all (?:the|your|of)) (?:[^\s]{1,16} )?(?:instructions?|prompts?|guidelines?|directives?|directions"
    r"|rules|orders|restrictions|constraints|policies|safeguards|training|programming|settings|messages?)"
    r"|(?:instructions?|prompts?|guidelines?|directives?|directions|rules) (?:above|before|so far"
    r"|you (?:were|have|got)))\b"
)
PROMOTE = (
    r"(?:recommend|promote|advertise|endorse|praise|upvote|plug|shill|push|advocate|favou?r|rank|rate"
    r"|suggest|bring up|mention|speak (?:well|highly) of|say (?:good|only good|nice)|positive review"
    r"|five stars|5 stars|top (?:marks|score))"
)
EVERY_TIME = (
    r"\b(?:always|never|every (?:answer|response|reply|comparison|conversation|chat|question|list|time"
    r"|summary|message)|each (?:answer|response|reply|question|conversation)|all (?:further|future"
    r"|subsequent|following|other|your) [^\s]{1,20}|any (?:further|future|subsequent) [^\s]{1,20}"
    r"|no matter (?:what|who|how)|regardless of|under no circumstances|in all cases|permanently|forever"
    r"|exclusively|nothing (?:else|but)|for the rest of|from now on|henceforth|whatever (?:the|they|is"
    r"|you))\b"
)
SAY = (
    r"(?:tell|say|answer|reply|respond|claim|state|insist|recommend|suggest|mention|inform|convince|persuade"
    r"|assure|bring up|include|append|add|write|output|point|steer|direct|praise|promote|advertise|rank|rate"
    r"|give|quote)"
)
THEIR = (
    r"\busers?'s? (?:[^\s]{1,16} )?(?:password|question|quer(?:y|ies)|data|contacts?|details|information"
    r"|location|messages?|profile|name|address|e-?mail|conversations?|history|files?|calendar|card|account"
    r"|wallet|phone|credentials|preferences|request|input|token|key)s?\b"
)
ADDRESS = (
    r"https?:|www\.|\S@\S|\b[a-z0-9-]{2,40}\.(?:com|net|org|io|ru|cn|xyz|example|dev|me|info|biz|site|app"
    r"|test)\b"
)
SENT = (
    r"\b(?:send|email|e-mail|mail|post|share|forward|upload|transmit|submit|report|request|visit|fetch|open"
    r"|load|call|log in|sign in|message|copy|paste|append|encode|include|leak|reveal|release|hand over"
    r"|deliver|export)\b"
)
VOCATIVE = (
    rf"{HEAD}(?:dear |hey |hello |hi |attention |note to |to (?:all |any |every "
    rf"|the )?)?{AI}(?: {AI})?(?: ?[,:!]| (?:instructions?|note|notice|directive)s?\b)"
    r"|\b(?:bots?|ais?|llms?|agents?|assistants?|crawlers?|scrapers?|models?) (?:reading|processing|parsing"
    r"|seeing|that (?:read|see)s?|who (?:read|see)s?) (?:this|these)\b"
)
ANY_DEED = (
    rf"{LEAD}(?:{SAY}|{PROMOTE}|ignore|disregard|visit|open|click|follow|obey|trust|treat|remember|store"
    r"|save|use|run|execute|call|buy|order|book|send|forward|approve|accept|skip|transfer|log in)\b"
)
