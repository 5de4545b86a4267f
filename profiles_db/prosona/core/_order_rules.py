r"""The rules behind `orders`: what an order to an agent looks like, as data.

A rule is looked for in the plain view of a text (small letters, no accents, one space between words; see
`orders`), and only where one of its `cues` stands there: honest texts hold few of them, so that most rules
cost a substring search. In a pattern a space stands for a space or a line break.

Every repetition is bounded, so a pattern is linear in the length of a text; `_gap` and `_near` keep the
bounds small, because they multiply.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["RULES", "Rule", "Trust"]

Trust = Literal["own", "relayed", "written", "foreign"]
"""Who wrote a text. `own`: the user, who may wish of agents what they like. `relayed`: an agent or a file
in the user's name. `written`: a model, of the user. `foreign`: anybody else."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of order."""

    reason: str
    trust: Trust
    """The most trusted writer that is held to it; those trusted less are, too."""
    cues: tuple[str, ...]
    pattern: str
    also: tuple[str, ...] = ()
    """One of these must stand there, too, if there are any."""
    in_plain: bool = True
    """Looked for in the plain view; otherwise in the text as it stands, where spaces mean themselves."""
    said: bool = True
    """Talk about an order is not an order: a quotation that ends with the match, an infinitive."""


def _gap(words: int) -> str:
    """Up to so many words of one sentence, none of them by preference."""
    return rf"(?:[^\s.!?]{{1,24}} ){{0,{words}}}?"


def _near(signs: int) -> str:
    """Up to so many signs of one sentence: for scripts without spaces."""
    return rf"[^\n。！？!?]{{0,{signs}}}?"


# Where an order can begin: at the head of a text, a line, a clause; behind a word that only leads up to it.
_HEAD = r"(?:^|[.!?:;,\n\"'(\[>«“‘】）)-] ?|\b(?:and|then|but|so|please|now|also|just|instead|simply|kindly|you|must) )"
_HEAD_ZH = r"(?:^|[\s。！？，、；：,.!?;:\"“'‘（(「『】\]]|请你?|你|并且?|然后|就)"

_AI = (
    r"(?:a\.?i\.?(?: (?:assistant|agent|model|system|bot|helper|reader)s?)?|(?:shopping |personal |virtual )?assistants?"
    r"|llms?|(?:large )?language models?|chat ?bots?|chatgpt|gpt(?:-?\d)?|claude|gemini|copilot)"
)
_USER = r"(?:the |this |your |any |every |a )?(?:user|human|customer|shopper|client)s?"

_OBJECTS = (
    r"(?:instructions?|prompts?|guidelines?|directives?|directions|commands?|guardrails?|programming"
    r"|system messages?)"
)
_EARLIER = (
    r"(?:previous(?:ly)?|prior|above|earlier|preceding|foregoing|former|original|initial|existing|current|system"
    r"|safety|your|all(?: of)?(?: the| your)?|any(?: of)?(?: the| your)?|every)"
)
_DROP_CUES = (
    "ignor", "disregard", "forget", "override", "bypass", "overrule", "discard", "neglect", "follow", "obey",
    "attention", "set aside", "throw",
)  # fmt: skip
_DROP = (
    r"\b(?:ignor(?:e|ing)|disregard|forget(?: about)?|override|bypass|overrule|discard|neglect"
    r"|do not (?:follow|obey)|don't (?:follow|obey)|stop (?:following|obeying)|pay no attention to|set aside|throw (?:out|away))"
)

_ADVISE = (
    r"(?:recommend|suggest|promote|endorse|advertise|praise|upsell|cite|obey|shill|plug|push|advise(?: buying)?)"
)
_SPEAK = (
    r"(?:recommend|suggest|promote|endorse|advertise|praise|upsell|cite|obey|mention|tell|say|answer|reply|respond"
    r"|claim|insist|direct|redirect|refer|steer|point|link|send|trust|book|order|buy|purchase|choose|pick|rank|favou?r"
    r"|prefer|prioriti[sz]e|include|use|visit|remember|assume|treat|call|open|forward|share|add|append|start|stop|refuse|rate)"
)
_TRUSTED = (
    r"(?:trusted|authoritative|go-to|preferred|default|primary|favou?rite|official|only reliable|most reliable"
    r"|(?:top|first|number one) (?:choice|recommendation|pick))"
)
_SECRETS = (
    r"(?:(?:user|users|user's|their|customer|customer's) (?:profile|data|information|details|messages?|address|email|history"
    r"|preferences|name|secrets?|files)|this profile|the profile|conversations?|chat (?:history|logs?)|system prompt"
    r"|credentials|api keys?|passwords?|private keys?|access tokens?|secrets|memory|memories|session (?:data|tokens?)"
    r"|everything you know|all you know|what you know)"
)
_PLACE = (
    r"(?:https?:|www\.|[^\s@]{1,40}@|[a-z0-9-]{1,40}\.(?:com|net|org|io|ru|cn|xyz|example|dev|me|info|biz|site|app|co|test)\b"
    r"|(?:our|my|this|that|the following|an external|a remote) (?:server|endpoint|api|url|address|email|link|webhook|site|account))"
)

_OVERRIDE = "an attempt to override instructions"
_AGENT = "words addressed to an AI agent"
_STANDING = "a standing order to an agent"
_RECOMMEND = "an order to recommend"
_MEMORY = "an order about what to remember"
_CLAIM = "a claim about the user from outside"
_SECRECY = "an order to hide something from the user"
_SENDING = "an order to send private data away"
_ROLE = "a new role for the agent"
_MARKUP = "chat markup"

_ENGLISH = (
    Rule(
        _OVERRIDE,
        "own",
        ("instruction", "prompt", "guideline", "directive", "direction", "command", "guardrail", "programming", "message"),
        rf"{_DROP} (?:(?!my\b|mine\b)[^\s.!?]{{1,24}} ){{0,3}}?{_EARLIER} "
        rf"(?:(?!my\b|mine\b)[^\s.!?]{{1,24}} ){{0,3}}?{_OBJECTS}\b",
        also=_DROP_CUES,
    ),
    Rule(
        _OVERRIDE,
        "written",
        ("instruction", "prompt", "guideline", "directive", "rule", "restriction", "polic", "context", "constraint", "training",
         "order", "told", "above", "message", "filter", "safe", "user", "human", "operator"),
        rf"{_DROP} (?:{_gap(3)}(?:previous|prior|above|earlier|preceding|foregoing|former|system|your) {_gap(2)}"
        r"(?:instructions?|prompts?|rules|guidelines?|directives?|restrictions|constraints|context|policies|orders|messages?"
        r"|safeguards|filters|safety (?:rules|training|measures))\b"
        rf"|(?:everything|anything|all|whatever|what) {_gap(2)}(?:above|before (?:this|now)|you(?:'ve| have| were|'re| are) (?:been )?"
        r"(?:told|instructed|taught|given|supposed))"
        r"|(?:the |all the |any of the )?above(?: and|,| text| content|[.!\n]|$)"
        rf"|{_gap(2)}(?:instructions?|prompts?|guidelines?|directives?|rules) (?:that )?(?:you (?:were|have been|are|had|got)|you've been|given to you|from your)"
        r"|(?:the |what the |your |any )?(?:user|human|operator)(?:'s)? (?:[^\s.!?]{1,24} )?(?:requests?|questions?|wants|says|asks|asked|instructions?|wishes|query|orders?)\b)",
        also=_DROP_CUES,
    ),
    Rule(
        _OVERRIDE,
        "written",
        ("supersede", "override", "precedence", "replace", "void", "no longer"),
        rf"\b(?:supersedes?|overrides?|takes? (?:precedence|priority) over|replaces?) (?:all |any |every |your |the ){{1,2}}{_gap(2)}"
        r"(?:instructions?|prompts?|guidelines?|directives?)\b"
        rf"|\b(?:instructions?|prompts?|guidelines?|directives?|restrictions) {_gap(3)}"
        r"(?:no longer apply|(?:are|is) (?:now )?(?:void|cancell?ed|obsolete|revoked|lifted))",
    ),
    Rule(
        _OVERRIDE,
        "written",
        ("instruction", "directive", "prompt", "task", "objective", "goal", "purpose", "role", "override", "command", "protocol"),
        r"\byour (?:new|real|actual|true|only|updated|next|sole|primary|main) (?:task|instructions?|objective|goal|directives?|role"
        r"|purpose|mission|job|system prompt) (?:is|are)(?: now)?(?: to\b|:)"
        r"|\bnew (?:system )?(?:instructions?|directives?|prompt)(?: (?:for|to) [^\s.!?]{1,24}(?: [^\s.!?:]{1,24})?)? ?:"
        r"|\bnew system prompt\b"
        r"|\b(?:system|developer|admin(?:istrator)?|security|root|operator|priority|safety) (?:override|directive|command|instruction)s?\b ?[:\]\n!-]"
        r"|\b(?:system|admin|security|emergency) override\b|\b(?:end|begin(?:ning)?|start) of (?:new )?(?:system )?(?:prompt|instructions)\b",
    ),
    Rule(
        "an attempt to read instructions",
        "written",
        ("prompt", "instruction", "developer message"),
        r"\b(?:reveal|print|repeat|show|output|display|leak|disclose|share|dump|recite|tell (?:me|us)|write out|reproduce) "
        rf"{_gap(3)}(?:(?:system|hidden|initial|secret|original|developer) (?:prompt|instructions|message)|your (?:instructions|prompt|rules))",
    ),
    Rule(
        _ROLE,
        "written",
        ("you are now", "you're now", "you will now", "act as", "pretend", "anything now", "jailb", "role-play", "roleplay", "mode", "persona"),
        r"\byou(?: are|'re| will) now (?:be |act as |called |known as )?"
        rf"(?:dan\b|in [^\s]{{1,20}} mode|{_gap(3)}(?:ai|assistant|agent|bot|chatbot|model|advisor|salesperson|salesman|hacker|terminal)\b"
        r"|jailbroken|unrestricted|unfiltered|uncensored|free (?:from|of) |no longer (?:bound|restricted|an? )|freed\b|under (?:my|our|new) )"
        rf"|\b(?:act|behave|respond|answer|speak) (?:as|like) (?:dan\b|an? (?:unrestricted|unfiltered|uncensored|evil|jailbroken|{_gap(2)}ai\b))"
        r"|\bpretend (?:that )?(?:you(?: are|'re) (?:an? (?:ai|unrestricted|different|evil)|not (?:bound|an? ai))|you have no (?:rules|restrictions|guidelines|filters))"
        r"|\bdo anything now\b|\bjailbreak(?:ing)? (?:mode|prompt|yourself)\b"
        r"|\byou (?:are )?(?:enter|entering|switch(?:ing)? to|now in) [^\s]{1,20} mode\b",
    ),
    Rule(
        _AGENT,
        "written",
        ("ai", "a.i.", "assistant", "llm", "language model", "chatbot", "chat bot", "gpt", "claude", "gemini", "copilot"),
        r"\b(?:note|message|notice|memo|instructions?|reminder|directive|guidance|hint|request|attention|dear|hey|hello|hi|ok|okay|listen|to|for)"
        rf"(?: to| for)?(?: all| any| the| every| you| your| those| other| future){{0,2}},? {_AI}(?: {_AI})?"
        r"(?: (?:reading|processing|parsing|summari[sz]ing|crawling|viewing|handling|analy[sz]ing|indexing|that|who|which) [^\n.!?:]{0,60})?(?: ?[:,!]| please\b)"
        rf"|\b{_AI} (?:reading|processing|parsing|summari[sz]ing|crawling|scraping) (?:this|these|the following)\b"
        rf"|\b(?:any|all|every|the|you|dear) {_AI}(?: {_AI})? (?:is |are |that (?:is|are) |who (?:is|are) |that |who )?"
        r"(?:reading|processing|parsing|summari[sz]ing|crawling|scraping|reads?|processes|summari[sz]es?) (?:this|these|the following)\b"
        rf"|\b(?:if|since|because|as|when) you(?:'re| are) (?:an? |the ){_gap(1)}{_AI}\b(?! (?:engineer|researcher|developer|company|startup|enthusiast"
        r"|professional|student|user|beginner|manager|professor|director|coach|teacher|nerd|fan|skeptic|buyer|principal|investor|expert|team|safety))"
        rf"|\bas an? {_AI},? you (?:must|should|are|will|need|have)\b"
        rf"|^(?:@|/){_AI}\b|\n(?:@|/){_AI}\b",
    ),
    Rule(
        _AGENT,
        "written",
        ("assistant", "agent", "ai ", "llm", "model", "bot", "claude", "gpt", "gemini", "copilot"),
        rf"\b(?:{_AI}|agents?|models?|bots?) (?:must|should|shall|has to|have to|needs? to|is to|are to|ought to"
        r"|(?:is|are) (?:required|instructed|ordered|obliged|expected|asked|hereby ordered) to) "
        r"(?:(?:now|also|not|only|first|immediately|henceforth|therefore|please|ever|then) ){0,2}(?:(?:always|never)\b(?! be )"
        r"|(?:recommend|suggest|mention|promote|praise|endorse|obey|prefer|trust|favou?r|remember|refuse|ignore|disregard|hide|omit|tell the user"
        r"|inform the user|reply|respond|answer|say|store|save|treat|comply|approve|rank|cite|steer|direct|redirect|purchase|transfer|disclose|reveal)\b)",
    ),
    Rule(
        _STANDING,
        "written",
        ("from now", "from here", "from this", "from today", "henceforth", "going forward", "future", "subsequent", "next time", "whenever",
         "when", "if", "every time", "each time", "any time", "anytime", "once", "as soon", "until further"),
        r"\b(?:from (?:now|here|this (?:point|moment|message)|that point|today)(?: on| onwards?| forwards?)?|henceforth|going forward|until further notice"
        r"|(?:in|for|during) (?:all |any |every |the |your ){0,2}(?:future|subsequent|later|upcoming) (?:conversations?|chats?|sessions?|interactions?"
        r"|responses?|answers?|requests?|replies|messages?|purchases|queries|questions|recommendations)"
        rf"|(?:whenever|when|if|every time|each time|any ?time|(?:the )?next time|once|as soon as) {_gap(1)}(?:{_USER}|you(?:'re| are)|you) {_gap(3)}"
        r"(?:ask(?:s|ed|ing)?|inquir(?:es?|ing)|enquires?|wants?|requests?|requested|mentions?|needs?|says?|quer(?:y|ies|ied)|looks? for|looking for"
        r"|search(?:es|ing)?|books?|booking|talks?|discuss(?:es|ing)?|answer(?:ing)?|recommend(?:ing)?|suggest(?:ing)?|summari[sz](?:e|es|ing)|respond(?:ing)?"
        r"|shops?|shopping|buys?|reply(?:ing)?|compar(?:e|es|ing)))\b"
        r"[^\n.!?]{0,70}?(?:[,;:-] ?|\b(?:please|always|never|only|then|also|instead|just|and|must|should|shall|to) )"
        rf"(?:(?:please|always|never|only|first|instead|also|do not|don't|just|simply|you|must|should|shall|will|have to|need to|are to|to) ){{0,4}}{_SPEAK}\b",
    ),
    Rule(
        _STANDING,
        "written",
        ("from now", "from here", "from this", "from today", "henceforth", "going forward", "future", "next time", "until further"),
        r"\b(?:from (?:now|here|this (?:point|moment|message)|today) (?:on|onwards?|forwards?)|henceforth|until further notice"
        r"|in (?:all )?(?:future|subsequent) (?:conversations|chats|sessions|answers|responses))\b,? "
        r"(?:you(?: must| should| shall| will| are| have| need|'re)\b|your (?:name|role|job|task)\b|(?:please )?(?:always|never) )",
    ),
    Rule(
        _RECOMMEND,
        "written",
        ("recommend", "suggest", "promote", "endorse", "advertise", "praise", "upsell", "cite", "obey", "mention", "plug", "push", "advise", "shill"),
        rf"{_HEAD}(?:(?:please|you|must|should|shall|have to|need to|be sure to|make sure to|make sure you|remember to|do not forget to|always|only|never|also"
        rf"|then|instead|simply|strongly|and|do not|don't|ever|first|exclusively) ){{0,4}}(?:always|only|never|must|exclusively|(?:be|make) sure (?:to|you)|do not|don't|shall) "
        rf"(?:ever |strongly |first |only )?(?:{_ADVISE}|mention (?!the war))\b"
        rf"|{_HEAD}{_ADVISE} {_gap(7)}(?:to (?:the |every |any |all )?(?:user|customer|client|shopper)s?\b|above all|over (?:all|any|every) (?:other|alternative|competitor)"
        r"|over (?:its |the )?competitors|exclusively|instead of (?:any|all|its)|as the (?:only|best|top|first|number one) )"
        rf"|\b(?:the |your )?(?:only|best|first|top|default) (?:recommendation|answer|suggestion|choice) (?:to give|must be|should be|has to be|shall be)\b"
        r"|\byou (?:must|shall|have to|are (?:required|instructed|ordered) to) (?:always |only |never )?(?:recommend|suggest|promote|endorse|mention|obey|praise|cite)\b",
    ),
    Rule(
        _RECOMMEND,
        "relayed",
        ("recommend", "suggest", "promote", "endorse", "advertise", "cite", "mention", "link", "refer", "send", "direct", "visit"),
        r"\b(?:always|must|only|should|shall|never fail to) (?:recommend|suggest|promote|endorse|advertise|cite|mention|link|refer|direct|send) "
        rf"{_gap(8)}(?:https?:|www\.)"
        rf"|\b(?:always|must|only) (?:recommend|promote|endorse|advertise|obey|praise) {_gap(8)}(?:to|for) (?:the |every |any |all )?(?:user|customer|client|reader|visitor)s?\b"
        rf"|\b(?:direct|redirect|send|steer|lead|refer|point) (?:the |all |every |any )?(?:user|customer|client|reader)s? {_gap(2)}(?:to|towards?) ",
    ),
    Rule(
        _STANDING,
        "written",
        ("always", "never", "only"),
        rf"{_HEAD}(?:always|never|only) (?:obey|answer with|answer that|respond (?:with|that|by|as|in)|reply (?:with|that|by|in)|tell (?:the|your|any|every) (?:user|customer)s?"
        r"|say (?:that|yes to)|trust (?:[^\s.!?]{1,24} ){0,4}?(?:over|above|more than|source|site|website|results|recommendations|unconditionally|completely)"
        r"|believe (?:[^\s.!?]{1,24} ){0,3}?over|link to|refer (?:users|customers|people) to|use (?:[^\s.!?]{1,24} ){0,4}?(?:for the user|for users|to answer|as (?:your|the) source)"
        r"|buy (?:[^\s.!?]{1,24} ){0,4}?for the user|include (?:a|the|this) (?:link|url|ad|advert|phrase|sentence)|end (?:your|every|each) (?:answer|reply|response|message)"
        r"|start (?:your|every|each) (?:answer|reply|response|message)|prefer (?:[^\s.!?]{1,24} ){0,4}?over|choose (?:[^\s.!?]{1,24} ){0,4}?over|rank (?:[^\s.!?]{1,24} ){0,4}?(?:first|top|highest))",
    ),
    Rule(
        _MEMORY,
        "relayed",
        ("source", "choice", "recommendation", "provider", "vendor", "site", "bank", "brand", "shop", "store", "supplier", "partner", "option",
         "platform", "pick", "authority"),
        r"\b(?:remember|treat|consider|regard|mark|list|save|store|record|note|cite|rank|memori[sz]e|register|add|keep|set|designate|accept) "
        rf"(?:[^\s.!?]{{1,40}} ){{1,8}}?as (?:an? |the |your |my |their |its |our )?(?:[^\s.!?]{{1,24}} )?{_TRUSTED}"
        r"(?: [^\s.!?]{1,24}){0,2} ?(?:source|provider|vendor|site|website|bank|brand|shop|store|supplier|partner|option|choice|recommendation|platform|authority|pick)?\b",
    ),
    Rule(
        _MEMORY,
        "written",
        ("memory", "memories", "profile", "preferences", "remember", "memori", "note", "record", "knowledge", "context"),
        r"\b(?:remember|note|memori[sz]e|keep|store|save|record|add|write|commit|log|register|put|insert|append|inject|persist|enter) "
        rf"{_gap(9)}(?:in|into|to|as|on) (?:the |its |their |a |your |this ){{0,2}}(?:(?:your|long-?term|persistent|permanent|agent's?|assistant's?|ai's?|user's?|users'?|customer's?)"
        r" ){1,2}(?:memory|memories|profile|preferences?|knowledge|context|records?|notes)\b"
        r"|\bupdate (?:the |your )?(?:(?:user|customer)(?:'s)?|own|long-?term|internal) (?:memory|profile|preferences?|records?|notes)\b|\bupdate your memory\b"
        rf"|{_HEAD}(?:remember|note|memori[sz]e|record|keep in mind|be aware|know|assume) (?:that )?(?:the |this )?user(?:'s)? (?!interface|experience|manual|guide|group|input)"
        rf"|{_HEAD}(?:remember|memori[sz]e) (?:this|the following)(?: (?:fact|rule|instruction|preference|for(?: all| any)? (?:future|later|next)))",
    ),
    Rule(
        _SECRECY,
        "relayed",
        ("user", "human", "owner", "customer"),
        r"\b(?:do not|don't|never|must not|should not|without|avoid) (?:ever )?(?:tell(?:ing)?|inform(?:ing)?|mention(?:ing)?|reveal(?:ing)?|alert(?:ing)?"
        rf"|notify(?:ing)?|disclos(?:e|ing)|let(?:ting)?|warn(?:ing)?) (?:(?:this|it|that|any of this|these instructions) )?(?:to )?(?:the |your |any )?(?:user|human|owner|customer)\b"
        rf"|\b(?:hide|conceal|keep) (?:this|it|that|these [^\s]{{1,20}}|the [^\s]{{1,20}})(?: [^\s]{{1,16}})? (?:from|secret from|hidden from|confidential from) (?:the |your )?(?:user|human|owner|customer)\b",
    ),
    Rule(
        _SENDING,
        "written",
        ("profile", "user", "conversation", "chat", "prompt", "credential", "key", "password", "token", "secret", "memor", "customer", "session", "know"),
        r"\b(?:send|forward|post|upload|e-?mail|leak|exfiltrate|transmit|submit|append|include|report|copy|deliver|paste|encode|attach|share|give|pass|message|mail|dm|text) "
        rf"{_gap(4)}{_SECRETS} {_gap(4)}(?:to|at|via|in|into|as|with) {_gap(3)}{_PLACE}"
        rf"|\b(?:exfiltrate|leak) {_gap(3)}{_SECRETS}\b"
        rf"|\b(?:visit|fetch|open|load|request|call|get|render) (?:https?:|www\.)[^\s]{{0,120}} (?:with|and (?:append|include|add|attach)) {_gap(3)}{_SECRETS}",
        also=("http", "www.", "@", ".", "server", "endpoint", "api", "url", "address", "email", "webhook", "exfil", "leak"),
    ),
    Rule(
        _STANDING,
        "written",
        ("tool", "revise", "observe", "get_user", "function"),
        rf"\b(?:call|use|invoke|run|trigger|execute) {_gap(3)}(?:revise_?profile|observe_?interaction|get_?user_?profile)\b"
        rf"|\b(?:call|invoke) (?:the |your )?[^\s]{{1,40}} (?:tool|function) {_gap(3)}(?:to|with|and)\b"
        rf"|\buse your (?:[^\s]{{1,24}} )?tools? to (?:send|delete|transfer|buy|forward|post|share|run|execute|remove|e-?mail)\b",
    ),
    Rule(
        _OVERRIDE,
        "written",
        ("decode", "decrypt", "base64", "rot13", "deobfuscate", "reverse"),
        rf"\b(?:decode|decrypt|deobfuscate|rot13|base64|reverse) {_gap(7)}(?:and|then) {_gap(2)}(?:follow|execute|obey|run|comply|do what|carry out|act on)\b",
    ),
    Rule(
        _CLAIM,
        "foreign",
        ("user",),
        r"(?:^|[.!?:;\n] ?)(?:\W{0,3})(?:the |this |our |fact: |note: |context: )?(?:user(?:'s)? (?:(?:strongly|really|always|only|explicitly|already|also|has|now|greatly|absolutely|just|previously) ){0,3}"
        r"(?:prefer(?:s|red)?|trusts?|loves?|wants you|wants all|hates?|likes?|dislikes|favou?rs|authori[sz]ed|pre-?authori[sz]ed|approved|pre-?approved|consented|confirmed|instructed|granted"
        r"|(?:shops?|buys|banks|books|orders) (?:only |exclusively |always )?(?:at|with|from)"
        r"|is (?:an? (?:loyal|big|huge|regular|premium|vip|gold|long-?time|happy|investor|member|fan)|interested in|happy to|willing to|okay with|ok with|fine with|a fan of))\b"
        r"|user's (?:favou?rite|preferred|default|trusted|usual|go-to|main) )",
    ),
)

_CHINESE = (
    Rule(
        _OVERRIDE,
        "own",
        ("忽略", "无视", "無視", "忘记", "忘記", "忘掉", "不要理会", "别管", "抛弃", "放弃", "跳过", "覆盖", "不要遵守", "不必遵守", "作废", "失效", "不再有效", "绕过", "清除"),
        r"(?:忽略|无视|無視|忘记|忘記|忘掉|不要理会|别管|抛弃|放弃|跳过|覆盖|不要遵守|不必遵守|绕过|清除)[^我\n。！？]{0,8}?"
        r"(?:之前|以上|以前|先前|前面|上面|上述|此前|原有|原来|所有|一切|全部|任何|系统|系統|你的|现有)[^我\n。！？]{0,10}?(?:指令|提示词|提示詞|提示|规则|規則|指示|命令|设定|設定|约束|限制|准则|指引|说明|說明)"
        r"|(?:之前|以上|以前|先前|前面|上面|上述|此前|原有|所有|系统|你的)(?:[^我\n。！？，]{0,6}?)(?:指令|提示词|规则|指示|命令|设定|限制)[^我\n。！？]{0,6}?(?:忽略|无视|忘掉|忘记|作废|失效|不再有效|抛到)",
    ),
    Rule(
        _OVERRIDE,
        "written",
        ("指令", "提示", "规则", "任务", "内容", "要求", "规定", "設定", "覆盖", "命令"),
        r"(?:忽略|无视|無視|忘记|忘記|忘掉|不要理会|别管|不用管)[^\n。！？]{0,6}?(?:之前|以上|先前|前面|上面|上述|此前)[^\n。！？]{0,8}?(?:内容|内容|要求|规定|对话|话|一切|信息|指令|提示|规则)"
        r"|新的?(?:系统)?(?:指令|提示词|任务指令)[：:]|(?:系统|管理员|开发者|最高|安全)(?:指令|命令|覆盖|优先级指令)[：:】\]]"
        r"|(?:系统提示|系统消息|系统通知|管理员通知)[：:】\]][^\n]{0,12}?(?:你|ai|助手|忽略|从现在|必须|务必|请(?:向|给|记住|推荐))"
        r"|你的?(?:新|真正|唯一|最新)的?(?:任务|指令|目标|身份|角色|职责)(?:是|为|：|:)",
    ),
    Rule(
        "an attempt to read instructions",
        "written",
        ("提示", "指令"),
        r"(?:输出|显示|透露|泄露|打印|告诉我|复述|公开|展示)[^\n。！？]{0,8}?(?:系统提示|系统指令|初始指令|初始提示|提示词|隐藏指令)",
    ),
    Rule(
        _ROLE,
        "written",
        ("你", "您", "扮演", "越狱", "模式"),
        r"(?:你|您)(?:从)?(?:现在|現在|今后|接下来)(?:起|开始)?[^\n。！？]{0,6}?(?:是|扮演|进入|進入|成为|变成|处于)[^\n。！？]{0,14}?(?:模式|dan\b|越狱|不受限制|没有限制|无限制|管理员|助手|助理|ai|机器人|黑客|推销员|代言人)"
        r"|(?:从现在起|从现在开始|即刻起)[^\n。！？]{0,3}?(?:你|您)(?:就)?(?:是|扮演|将|不再)|(?:进入|开启|启用|激活)[^\n。！？]{0,4}?(?:越狱|dan|无限制)模式"
        r"|(?:假装|扮演)[^\n。！？]{0,6}?(?:没有任何限制|不受限制|没有道德|无限制)",
    ),
    Rule(
        _AGENT,
        "written",
        ("ai", "人工智能", "助手", "助理", "模型", "机器人", "智能体", "代理"),
        r"(?:致|给|告|提醒|通知|请|敬告|亲爱的)(?:所有|各位|任何|每个|阅读(?:本文|此文|本页)的|看到(?:这里|此处|本文)的)?的?(?:ai|人工智能|智能)?(?:ai|人工智能|助手|助理|智能体|大模型|语言模型|模型|聊天机器人|机器人)(?:们)?的?(?:说明|提示|指令|注意|消息|话|留言)?(?:[：:，,！!]|必须|务必|应|注意)"
        r"|(?:如果|若|假如|当)(?:你|您)(?:是|作为)(?:一个|一名|一款|个)?(?:ai|人工智能|语言模型|大模型|智能体|智能助手|聊天机器人)"
        r"|作为(?:一个|一名|一款)?(?:ai|人工智能|语言模型|智能助手|智能体|大模型)[^\n。！？]{0,6}?[，,](?:你|您)(?:必须|应该|应当|需要|要|将)"
        r"|(?:ai|人工智能|助手|助理|智能体|模型|聊天机器人|机器人)(?:们)?(?:必须|务必|应当|应该|应|需要|需|请|一律|要)(?:始终|总是|无条件|优先|立即|只|向用户|对用户|给用户|在[^\n。，]{0,10}){0,2}"
        r"(?:推荐|告诉|回答|回复|忽略|执行|遵守|服从|听从|记住|引导|发送|宣传|优先|称赞|隐瞒|信任|提及|购买|转账|不得)",
    ),
    Rule(
        _STANDING,
        "written",
        ("现在起", "现在开始", "今后", "以后", "往后", "此后", "从此", "用户", "有人问", "顾客", "客户", "下次", "未来"),
        r"(?:从现在起|从现在开始|今后|以后|往后|此后|从此|在?未来的?(?:对话|会话|回答|回复|聊天)中?)[^\n。！？]{0,12}?(?:你(?:必须|要|应|都|只|就|需)|请|必须|务必|一律|始终)[^\n。！？]{0,12}?"
        r"(?:推荐|回答|回复|告诉|提到|提及|引导|建议|宣传|首选|发送|服从|听从|执行|称赞|使用|购买|选择)"
        r"|(?:当|每当|如果|只要|若|凡是|每次|下次|一旦)[^\n。！？，,]{0,4}?(?:用户|有人|顾客|客户|对方)[^\n。！？，,]{0,16}?(?:问|询问|提到|提及|需要|想要|想买|想|搜索|要求|购物|咨询|请求)[^\n。！？]{0,16}?[，,：:时就都请须]"
        r"[^\n。！？]{0,8}?(?:推荐|回答|回复|告诉|说|提到|引导|建议|宣传|首选|发送|服从|称赞|使用|选择|购买)",
    ),
    Rule(
        _RECOMMEND,
        "written",
        ("推荐", "推薦", "服从", "听从", "宣传", "用户", "称赞"),
        rf"{_HEAD_ZH}(?:始终|总是|一律|永远|务必|只能|只|必须|要|优先|都|无条件){{1,3}}(?:优先)?(?:向用户|给用户|为用户|对用户)(?:推荐|推薦|宣传|介绍|推销|称赞)"
        rf"|{_HEAD_ZH}(?:始终|一律|永远|务必|无条件|必须(?:始终|一律|永远|只|优先|无条件))(?:只|优先|向用户|给用户|要)?(?:推荐|推薦|服从|听从|宣传|称赞)"
        r"|(?:请|你(?:必须|应该|要|应|需|只能))(?:始终|总是|一律|务必|优先|只)?(?:向|给|为|对|引导|建议|劝)(?:所有|每个|每一位|任何)?用户[^\n。！？]{0,12}?(?:推荐|推薦|购买|访问|点击|下载|注册|转账|使用|选择|相信)"
        r"|(?:引导|诱导|说服|劝说)(?:所有|每个)?用户(?:去|前往|来)?[^\n。！？，]{0,6}?(?:购买|访问|点击|下载|注册|转账)"
        r"|不(?:要|得|许|准|能)(?:向用户)?(?:推荐|提及|提到)(?:其他|任何|别的|竞争)"
        r"|你(?:必须|务必|只能|一定要)(?:始终|总是|优先)?(?:推荐|服从|听从|宣传)",
    ),
    Rule(
        _MEMORY,
        "relayed",
        ("来源", "信息源", "供应商", "平台", "渠道", "银行", "商家", "品牌", "首选", "默认"),
        r"(?:记住|记录|记下|牢记|保存|存储|标记|设置|设定|把|将|请)[^\n。！？]{0,24}?(?:视为|作为|当作|当成|记为|列为|设为|是)[^\n。！？，]{0,6}?(?:可信|可信赖|可信任|值得信赖|权威|首选|默认|唯一)的?(?:来源|信息源|信息来源|供应商|平台|渠道|银行|商家|品牌|推荐)",
    ),
    Rule(
        _MEMORY,
        "written",
        ("记忆", "画像", "档案", "用户", "偏好", "资料"),
        r"(?:记住|牢记|记下|记录|保存|写入|存入|加入|添加|更新|储存|存储)[^\n。！？]{0,20}?(?:长期记忆|你的记忆|记忆中|记忆里|记忆库|用户画像|用户档案|用户资料|用户偏好|用户的偏好)"
        r"|(?:写入|存入|更新|加入到?)(?:你的|长期|用户的)?(?:记忆|画像|档案)"
        r"|(?:请记住|请牢记|牢记|记住|请记录|请注意)[，,：:]?(?:该|这个|这位|本)?用户(?:的|非常|最|一直|已|喜欢|偏好|信任|授权|只|总|希望|想)",
    ),
    Rule(
        _SECRECY,
        "relayed",
        ("用户", "主人", "隐瞒", "瞒着"),
        r"(?:不要|别|不得|切勿|请勿|禁止|不能|不可|无需|不必|不用|不许)[^\n。！？，]{0,6}?(?:(?:告诉|告知|通知|透露给|提醒|警告)(?:任何)?(?:用户|主人)|(?:让|使|被)(?:用户|主人)(?:知道|发现|察觉|看到|看见)|(?:向|对|跟|和)(?:用户|主人)(?:透露|提及|提起|说明|说|提到|公开|解释|披露))"
        r"|(?:对|向)用户(?:隐瞒|保密)|瞒着用户|不经用户(?:同意|确认)",
    ),
    Rule(
        _SENDING,
        "written",
        ("用户", "对话", "聊天记录", "密码", "密钥", "个人信息", "画像", "提示词"),
        r"(?:把|将|请|收集|发送|上传|转发|提交)[^\n。！？]{0,16}?(?:用户|对话|聊天记录|密码|密钥|个人信息|画像|系统提示|提示词)[^\n。！？]{0,16}?(?:发送|发|上传|转发|提交|泄露|传|汇报)?(?:到|给|至)[^\n。！？]{0,8}?"
        r"(?:https?:|www\.|[a-z0-9.-]{1,40}\.(?:com|cn|net|org|io|xyz|example|test)|邮箱|[a-z0-9._-]{1,40}@|以下|下面|该地址|这个(?:网址|地址|链接)|我们的?服务器|攻击者|外部)",
    ),
    Rule(
        _CLAIM,
        "foreign",
        ("用户",),
        r"(?:^|[。！？；：:\n.!?]\s?)(?:该|这位|此|本)?用户(?:本人)?(?:非常|特别|一直|总是|明确|强烈|最|只|十分|一向|已经?){0,2}(?:喜欢|偏好|信任|偏爱|喜爱|授权|批准|已同意|同意购买|只买|只用)(?!的人|度)"
        r"|(?:^|[。！？；：:\n.!?]\s?)(?:该|这位|此|本)?用户的?(?:首选|默认|最爱|最喜欢的|偏好的)(?!项|设置)",
    ),
)

_OTHER_LANGUAGES = (
    Rule(
        _OVERRIDE,
        "own",
        ("ignor", "vergiss", "vergessen", "missachte", "uberschreib", "befolge"),
        rf"\b(?:ignorier(?:e|en sie|t)?|vergiss|vergessen sie|missachten? (?:sie )?|uberschreiben? (?:sie )?|befolgen? (?:sie )?nicht) ?{_gap(3)}"
        r"(?:vorherig|bisherig|obig|vorig|fruher|vorangegangen|vorhergehend|alle|system|deine|ihre)[a-z]{0,3} (?:[^\s.!?]{1,24} ){0,3}?(?:system)?(?:anweisung|instruktion|befehl|vorgabe|regel|prompt|richtlinie)[a-z]{0,2}\b",
    ),
    Rule(
        _OVERRIDE,
        "own",
        ("ignor", "olvid", "descart", "omit", "desconsider", "esquec", "dimentic", "oubli", "neglig", "tralascia"),
        rf"\b(?:ignor(?:a|e|en|ez|es|i|ate|are)|olvid(?:a|e|en)|descart(?:a|e)|omit(?:e|a)|desconsidere|esqueca|dimentica(?:te)?|tralascia|oublie[zr]?|neglige[zr]?) {_gap(3)}"
        r"(?:instruc[a-z]{2,8}|istruzioni|indica[a-z]{3,7}|reglas|ordenes|consignes|directives|regles|regras|regole|orientacoes|prompts?) (?:[^\s.!?]{1,24} ){0,2}?"
        r"(?:anterior[a-z]{0,3}|previ[a-z]{1,3}|precedent[a-z]{0,3}|ci-dessus|acima|del? sistem[a-z]|du systeme|antecedent[a-z]{0,3}|recibid[a-z]{2}|donnees|recues)"
        rf"|\b(?:ignor(?:a|e|ez|es|i|ate)|olvid(?:a|e)|oublie[zr]?|dimentica(?:te)?|esqueca|desconsidere) {_gap(3)}(?:anteriores|previas|precedent[ei]s?) (?:instruc[a-z]{{2,8}}|istruzioni|indicaciones|consignes)",
    ),
    Rule(
        _OVERRIDE,
        "own",
        ("игнор", "забуд", "пренебрег", "отмени"),
        rf"\b(?:про)?(?:игнорируи(?:те)?|забудь(?:те)?|пренебрегаи(?:те)?|отмени(?:те)?) {_gap(3)}"
        r"(?:предыдущ|прежни|предшествующ|прошл|все|выше|системн)[а-я]{0,4} (?:[^\s.!?]{1,24} ){0,3}?(?:инструкц|указани|правил|команд|промпт)",
    ),
    Rule(
        _OVERRIDE,
        "own",
        ("無視", "忘れ", "従わな"),
        rf"(?:以前|前|上記|上|これまで|今まで|すべて|全て|全|システム)の?{_near(8)}(?:指示|命令|フロンフト|プロンプト|ルール|指令|設定){_near(8)}(?:無視|忘れ|従わな)",
    ),
    Rule(
        _OVERRIDE,
        "own",
        ("무시", "잊", "따르지"),
        rf"(?:이전|앞선|위의|기존|모든|시스템){_near(10)}(?:지시|명령|프롬프트|규칙|지침){_near(8)}(?:무시|잊|따르지)",
    ),
)

# In the text as it stands: markup is what a view would smooth away.
_STRUCTURE = (
    Rule(_MARKUP, "own", ("<|",), r"<\|[a-zA-Z_]{2,30}\|>", in_plain=False),
    Rule(
        _MARKUP,
        "written",
        ("[/", "[I", "[i", "<"),
        r"(?i)\[/?INST\]|<</?SYS>>|</s>|</?(?:system|assistant|user_profile|tool_call|tool_result|tool_response|function_calls?|function_results"
        r"|system_prompt|system-reminder|important|admin|developer|hidden|instructions?|thinking|invoke|parameter)(?:\s[^<>]{0,60})?/?>",
        in_plain=False,
        said=False,
    ),
    Rule(
        _MARKUP,
        "written",
        ("ystem", "YSTEM", "eveloper", "EVELOPER", "ssistant", "SSISTANT", "dmin", "DMIN", "nstruction", "NSTRUCTION"),
        r"(?im)^[ \t>]{0,4}(?:#{1,4} ?|[*_]{1,3}|[\[({<【]{1,2})?(?:system|developer|assistant|admin(?:istrator)?)(?: (?:prompt|message|note|instructions?|override|notice|update))?"
        r"(?:[\])}>】]{1,2}|[*_]{1,3})?[ \t]?(?::|>|-)[*_]{0,3}\s{0,3}[^\n]{0,40}?\b(?:you|your|ignore|always|never|don'?t|do not|must|the user|user|please|from now"
        r"|new|recommend|forget|disregard|respond|answer|remember|act|enable|override|obey|comply|reveal|approve|transfer|the assistant)\b"
        r"|^[ \t>]{0,4}\[(?:system|admin|developer)\]|^#{2,4} ?(?:instructions?|system prompt)[ \t]?:"
        r"|^[ \t>]{0,4}(?:system|developer) (?:prompt|message)[ \t]?:",
        in_plain=False,
    ),
    Rule(
        _SENDING,
        "written",
        ("](http",),
        r"!\[[^\]\n]{0,100}\]\(https?://[^)\s]{0,200}?(?:\{|%7[bB]|\[|<|\$)",
        in_plain=False,
    ),
)

RULES: tuple[Rule, ...] = (*_STRUCTURE, *_ENGLISH, *_CHINESE, *_OTHER_LANGUAGES)
"""Every rule, the cheapest first."""
