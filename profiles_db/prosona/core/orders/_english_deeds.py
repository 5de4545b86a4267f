"""Orders in English about what to do: to recommend, to remember, to hide, to send; claims about the user."""

from __future__ import annotations

from prosona.core.orders._english_words import HEAD, USER
from prosona.core.orders._rules import CLAIM, MEMORY, RECOMMEND, SECRECY, SENDING, STANDING, Rule, gap

__all__ = ["RULES"]

# fmt: off
_ADVISE = (
    r"(?:recommend|suggest|promote|endorse|advertise|praise|upsell|cite|obey|shill|plug|push"
    r"|advise(?: buying)?)"
)
_SPEAK = (
    r"(?:recommend|suggest|promote|endorse|advertise|praise|upsell|cite|obey|mention|tell|say|answer|reply"
    r"|respond|claim|insist|direct|redirect|refer|steer|point|link|send|trust|book|order|buy|purchase|choose"
    r"|pick|rank|favou?r|prefer|prioriti[sz]e|include|use|visit|remember|assume|treat|call|open|forward"
    r"|share|add|append|start|stop|refuse|rate)"
)
_TRUSTED = (
    r"(?:trusted|authoritative|go-to|preferred|default|primary|favou?rite|official|only reliable"
    r"|most reliable|(?:top|first|number one) (?:choice|recommendation|pick))"
)
_SECRETS = (
    r"(?:(?:user|users|user's|their|customer|customer's) (?:profile|data|information|details|messages?"
    r"|address|email|history|preferences|name|secrets?|files)|this profile|the profile|conversations?"
    r"|chat (?:history|logs?)|system prompt|credentials|api keys?|passwords?|private keys?|access tokens?"
    r"|secrets|memory|memories|session (?:data|tokens?)|everything you know|all you know|what you know)"
)
_PLACE = (
    r"(?:https?:|www\.|[^\s@]{1,40}@|[a-z0-9-]{1,40}\.(?:com|net|org|io|ru|cn|xyz|example|dev|me|info|biz"
    r"|site|app|co|test)\b|(?:our|my|this|that|the following|an external|a remote) (?:server|endpoint|api"
    r"|url|address|email|link|webhook|site|account))"
)

RULES = (
    Rule(
        STANDING,
        "written",
        (
            "from now", "from here", "from this", "from today", "henceforth", "going forward", "future",
            "subsequent", "next time", "whenever", "when", "if", "every time", "each time", "any time",
            "anytime", "once", "as soon", "until further",
        ),
        r"\b(?:from (?:now|here|this (?:point|moment|message)|that point|today)(?: on| onwards?| forwards?)?"
        r"|henceforth|going forward|until further notice|(?:in|for|during) (?:all |any |every |the "
        r"|your ){0,2}(?:future|subsequent|later|upcoming) (?:conversations?|chats?|sessions?|interactions?"
        r"|responses?|answers?|requests?|replies|messages?|purchases|queries|questions|recommendations)"
        r"|(?:whenever|when|if|every time|each time|any ?time|(?:the )?next time|once"
        rf"|as soon as) {gap(1)}(?:{USER}|you(?:'re| are)) {gap(3)}"
        r"(?:ask(?:s|ed|ing)?|inquir(?:es?|ing)|enquires?|wants?|requests?|requested|mentions?|needs?|says?"
        r"|quer(?:y|ies|ied)|looks? for|looking for|search(?:es|ing)?|books?|booking|talks?|discuss(?:es"
        r"|ing)?|answer(?:ing)?|recommend(?:ing)?|suggest(?:ing)?|summari[sz](?:e|es|ing)|respond(?:ing)?"
        r"|shops?|shopping|buys?|reply(?:ing)?|compar(?:e|es|ing)))\b[^\n.!?]{0,70}?(?:[,;:-] ?|\b(?:please"
        r"|always|never|only|then|also|instead|just) )(?:(?:please|always|never|only|first|instead|also"
        r"|do not|don't|just|simply|you|must|should|shall"
        rf"|will|have to|need to|are to|to) ){{0,4}}{_SPEAK}\b",
    ),
    Rule(
        STANDING,
        "written",
        (
            "from now", "from here", "from this", "from today", "henceforth", "going forward", "future",
            "next time", "until further",
        ),
        r"\b(?:from (?:now|here|this (?:point|moment|message)|today) (?:on|onwards?|forwards?)|henceforth"
        r"|until further notice|in (?:all )?(?:future|subsequent) (?:conversations|chats|sessions|answers"
        r"|responses))\b,? (?:you(?: must| should| shall| will| are| have| need|'re)\b|your (?:name|role"
        r"|job|task)\b|(?:please )?(?:always|never) )",
    ),
    Rule(
        RECOMMEND,
        "written",
        (
            "recommend", "suggest", "promote", "endorse", "advertise", "praise", "upsell", "cite", "obey",
            "mention", "plug", "push", "advise", "shill",
        ),
        rf"{HEAD}(?:(?:please|you|must|should|shall|have to|need to|be sure to|make sure to|make sure you"
        r"|remember to|do not forget to|always|only|never|also|then|instead|simply|strongly|and|do not|don't"
        r"|ever|first|exclusively) ){0,4}(?:always|only|never|must|exclusively|(?:be|make) sure (?:to|you)"
        r"|do not|don't|shall) "
        rf"(?:ever |strongly |first |only )?(?:{_ADVISE}|mention (?!the war))\b"
        rf"|{HEAD}{_ADVISE} {gap(7)}(?:to (?:the |every |any |all )?(?:user|customer|client|shopper)s?\b"
        r"|above all|over (?:all|any|every) (?:other|alternative|competitor)|over (?:its |the )?competitors"
        r"|exclusively|instead of (?:any|all|its)|as the (?:only|best|top|first|number one) )|\b(?:the "
        r"|your )?(?:only|best|first|top|default) (?:recommendation|answer|suggestion|choice) (?:to give"
        r"|must be|should be|has to be|shall be)\b|\byou (?:must|shall|have to|are (?:required|instructed"
        r"|ordered) to) (?:always |only |never )?(?:recommend|suggest|promote|endorse|mention|obey|praise"
        r"|cite)\b",
    ),
    Rule(
        RECOMMEND,
        "relayed",
        (
            "recommend", "suggest", "promote", "endorse", "advertise", "cite", "mention", "link", "refer",
            "send", "direct", "visit",
        ),
        r"\b(?:always|must|only|should|shall|never fail to) (?:recommend|suggest|promote|endorse|advertise"
        r"|cite|mention|link|refer|direct|send) "
        rf"{gap(8)}(?:https?:|www\.)|\b(?:always|must|only) (?:recommend|promote|endorse|advertise|obey"
        rf"|praise) {gap(8)}(?:to"
        r"|for) (?:the |every |any |all )?(?:user|customer|client|reader|visitor)s?\b|\b(?:direct|redirect"
        r"|send|steer|lead|refer|point) (?:the |all |every |any )?(?:user|customer"
        rf"|client|reader)s? {gap(2)}(?:to|towards?) ",
    ),
    Rule(
        STANDING,
        "written",
        ("always", "never", "only"),
        rf"{HEAD}(?:always|never|only) (?:obey|answer with|answer that|respond (?:with|that|by|as|in)"
        r"|reply (?:with|that|by|in)|tell (?:the|your|any|every) (?:user|customer)s?|say (?:that|yes to)"
        r"|trust (?:[^\s.!?]{1,24} ){0,4}?(?:over|above|more than|source|site|website|results"
        r"|recommendations|unconditionally|completely)|believe (?:[^\s.!?]{1,24} ){0,3}?over|link to"
        r"|refer (?:users|customers|people) to|use (?:[^\s.!?]{1,24} ){0,4}?(?:for the user|for users"
        r"|to answer|as (?:your|the) source)|buy (?:[^\s.!?]{1,24} ){0,4}?for the user|include (?:a|the"
        r"|this) (?:link|url|ad|advert|phrase|sentence)|end (?:your|every|each) (?:answer|reply|response"
        r"|message)|start (?:your|every|each) (?:answer|reply|response|message)"
        r"|prefer (?:[^\s.!?]{1,24} ){0,4}?over|choose (?:[^\s.!?]{1,24} ){0,4}?over"
        r"|rank (?:[^\s.!?]{1,24} ){0,4}?(?:first|top|highest))",
    ),
    Rule(
        MEMORY,
        "relayed",
        (
            "source", "choice", "recommendation", "provider", "vendor", "site", "bank", "brand", "shop",
            "store", "supplier", "partner", "option", "platform", "pick", "authority",
        ),
        r"\b(?:remember|treat|consider|regard|mark|list|save|store|record|note|cite|rank|memori[sz]e"
        r"|register|add|keep|set|designate|accept) (?:[^\s.!?]{1,40} ){1,8}?as (?:an? |the |your |my |their "
        r"|its "
        rf"|our )?(?:[^\s.!?]{{1,24}} )?{_TRUSTED}"
        r"(?: [^\s.!?]{1,24}){0,2} ?(?:source|provider|vendor|site|website|bank|brand|shop|store|supplier"
        r"|partner|option|choice|recommendation|platform|authority|pick)?\b",
    ),
    Rule(
        MEMORY,
        "written",
        (
            "memory", "memories", "profile", "preferences", "remember", "memori", "note", "record",
            "knowledge", "context",
        ),
        r"\b(?:remember|note|memori[sz]e|keep|store|save|record|add|write|commit|log|register|put|insert"
        r"|append|inject|persist|enter) "
        rf"{gap(9)}(?:in|into|to|as|on) (?:the |its |their |a |your |this ){{0,2}}(?:(?:your|long-?term"
        r"|persistent|permanent|agent's?|assistant's?|ai's?|user's?|users'?|customer's?) ){1,2}(?:memory"
        r"|memories|profile|preferences?|knowledge|context|records?|notes)\b|\bupdate (?:the "
        r"|your )?(?:(?:user|customer)(?:'s)?|own|long-?term|internal) (?:memory|profile|preferences?"
        r"|records?|notes)\b|\bupdate your memory\b"
        rf"|{HEAD}(?:remember|note|memori[sz]e|record|keep in mind|be aware|know|assume) (?:that )?(?:the "
        r"|this )?user(?:'s)? (?!interface|experience|manual|guide|group|input)"
        rf"|{HEAD}(?:remember|memori[sz]e) (?:this|the following)(?: (?:fact|rule|instruction|preference"
        r"|for(?: all| any)? (?:future|later|next)))",
    ),
    Rule(
        SECRECY,
        "relayed",
        ("user", "human", "owner", "customer"),
        r"\b(?:do not|don't|never|must not|should not|without|avoid) (?:ever )?(?:tell(?:ing)?"
        r"|inform(?:ing)?|mention(?:ing)?|reveal(?:ing)?|alert(?:ing)?|notify(?:ing)?|disclos(?:e|ing)"
        r"|let(?:ting)?|warn(?:ing)?) (?:(?:this|it|that|any of this|these instructions) )?(?:to )?(?:the "
        r"|your |any )?(?:user|human|owner|customer)\b|\b(?:hide|conceal|keep) (?:this|it|that"
        r"|these [^\s]{1,20}|the [^\s]{1,20})(?: [^\s]{1,16})? (?:from|secret from|hidden from"
        r"|confidential from) (?:the |your )?(?:user|human|owner|customer)\b",
    ),
    Rule(
        SENDING,
        "written",
        (
            "profile", "user", "conversation", "chat", "prompt", "credential", "key", "password", "token",
            "secret", "memor", "customer", "session", "know",
        ),
        r"\b(?:send|forward|post|upload|e-?mail|leak|exfiltrate|transmit|submit|append|include|report|copy"
        r"|deliver|paste|encode|attach|share|give|pass|message|mail|dm|text) "
        rf"{gap(4)}{_SECRETS} {gap(4)}(?:to|at|via|in|into|as|with) {gap(3)}{_PLACE}|\b(?:exfiltrate"
        rf"|leak) {gap(3)}{_SECRETS}\b"
        r"|\b(?:visit|fetch|open|load|request|call|get|render) (?:https?:|www\.)[^\s]{0,120} (?:with"
        rf"|and (?:append|include|add|attach)) {gap(3)}{_SECRETS}",
        also=(
            "http", "www.", "@", ".", "server", "endpoint", "api", "url", "address", "email", "webhook",
            "exfil", "leak",
        ),
    ),
    Rule(
        STANDING,
        "written",
        ("tool", "revise", "observe", "get_user", "function"),
        rf"\b(?:call|use|invoke|run|trigger|execute) {gap(3)}(?:revise_?profile|observe_?interaction"
        r"|get_?user_?profile)\b"
        rf"|\b(?:call|invoke) (?:the |your )?[^\s]{{1,40}} (?:tool|function) {gap(3)}(?:to|with|and)\b"
        r"|\buse your (?:[^\s]{1,24} )?tools? to (?:send|delete|transfer|buy|forward|post|share|run|execute"
        r"|remove|e-?mail)\b",
    ),
    Rule(
        CLAIM,
        "foreign",
        ("user",),
        r"(?:^|[.!?:;\n] ?)(?:\W{0,3})(?:the |this |our |fact: |note: "
        r"|context: )?(?:user(?:'s)? (?:(?:strongly|really|always|only|explicitly|already|also|has|now"
        r"|greatly|absolutely|just|previously) ){0,3}(?:prefer(?:s|red)?|trusts?|loves?|wants you|wants all"
        r"|hates?|likes?|dislikes|favou?rs|authori[sz]ed|pre-?authori[sz]ed|approved|pre-?approved"
        r"|consented|confirmed|instructed|granted|(?:shops?|buys|banks|books|orders) (?:only |exclusively "
        r"|always )?(?:at|with|from)|is (?:an? (?:loyal|big|huge|regular|premium|vip|gold|long-?time|happy"
        r"|investor|member|fan)|interested in|happy to|willing to|okay with|ok with|fine with|a fan of))\b"
        r"|user's (?:favou?rite|preferred|default|trusted|usual|go-to|main) )",
    ),
)
