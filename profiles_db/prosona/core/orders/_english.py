"""Orders in English about the agent itself: to drop its instructions, to be another, to listen."""

from __future__ import annotations

from prosona.core.orders._english_words import AI
from prosona.core.orders._rules import AGENT, OVERRIDE, ROLE, Rule, gap

__all__ = ["RULES"]

# fmt: off

_OBJECTS = (
    r"(?:instructions?|prompts?|guidelines?|directives?|directions|commands?|guardrails?|programming"
    r"|system messages?)"
)
_EARLIER = (
    r"(?:previous(?:ly)?|prior|above|earlier|preceding|foregoing|former|original|initial|existing|current"
    r"|system|safety|your|all(?: of)?(?: the| your)?|any(?: of)?(?: the| your)?|every)"
)
_DROP_CUES = (
    "ignor", "disregard", "forget", "override", "bypass", "overrule", "discard", "neglect", "follow", "obey",
    "attention", "set aside", "throw",
)  # fmt: skip
_DROP = (
    r"\b(?:ignor(?:e|ing)|disregard|forget(?: about)?|override|bypass|overrule|discard|neglect"
    r"|do not (?:follow|obey)|don't (?:follow|obey)|stop (?:following|obeying)|pay no attention to|set aside"
    r"|throw (?:out|away))"
)

RULES = (
    Rule(
        OVERRIDE,
        "own",
        (
            "instruction", "prompt", "guideline", "directive", "direction", "command", "guardrail",
            "programming", "message",
        ),
        rf"{_DROP} (?:(?!my\b|mine\b)[^\s.!?]{{1,24}} ){{0,3}}?{_EARLIER} (?:(?!my\b"
        rf"|mine\b)[^\s.!?]{{1,24}} ){{0,3}}?{_OBJECTS}\b",
        also=_DROP_CUES,
    ),
    Rule(
        OVERRIDE,
        "relayed",
        (
            "instruction", "prompt", "guideline", "directive", "rule", "restriction", "polic", "context",
            "constraint", "training", "order", "told", "above", "message", "filter", "safe", "user", "human",
            "operator",
        ),
        rf"{_DROP} (?:{gap(3)}(?:previous|prior|above|earlier|preceding|foregoing|former|system"
        rf"|your) {gap(2)}"
        r"(?:instructions?|prompts?|rules|guidelines?|directives?|restrictions|constraints|context|policies"
        r"|orders|messages?|safeguards|filters|safety (?:rules|training|measures))\b"
        rf"|(?:everything|anything|all|whatever|what) {gap(2)}(?:above|before (?:this|now)|you(?:'ve| have"
        r"| were|'re| are) (?:been )?(?:told|instructed|taught|given|supposed))|(?:the |all the "
        r"|any of the )?above(?: and|,| text| content|[.!\n]|$)"
        rf"|{gap(2)}(?:instructions?|prompts?|guidelines?|directives?|rules) (?:that )?(?:you (?:were"
        r"|have been|are|had|got)|you've been|given to you|from your)|(?:the |what the |your |any )?(?:user"
        r"|human|operator)(?:'s)? (?:[^\s.!?]{1,24} )?(?:requests?|questions?|wants|says|asks|asked"
        r"|instructions?|wishes|query|orders?)\b)",
        also=_DROP_CUES,
    ),
    Rule(
        OVERRIDE,
        "written",
        ("supersede", "override", "precedence", "replace", "void", "no longer"),
        r"\b(?:supersedes?|overrides?|takes? (?:precedence|priority) over|replaces?) (?:all |any |every "
        rf"|your |the ){{1,2}}{gap(2)}"
        r"(?:instructions?|prompts?|directives?)\b"
        rf"|\b(?:instructions?|prompts?|guidelines?|directives?|restrictions) {gap(3)}"
        r"(?:no longer apply|(?:are|is) (?:now )?(?:void|cancell?ed|obsolete|revoked|lifted))",
    ),
    Rule(
        OVERRIDE,
        "written",
        (
            "instruction", "directive", "prompt", "task", "objective", "goal", "purpose", "role", "override",
            "command", "protocol",
        ),
        r"\byour (?:new|real|actual|true|only|updated|next|sole|primary|main) (?:task|instructions?"
        r"|objective|goal|directives?|role|purpose|mission|job|system prompt) (?:is|are)(?: now)?(?: to\b"
        r"|:)|\bnew (?:system (?:instructions?|directives?)|(?:hidden |secret )?directives?) ?:"
        r"|\bnew (?:instructions?|rules|prompt) (?:for|to) (?:the |you|all |every )?(?:ai|assistant|agent"
        r"|model|llm|bot)?s? ?:|\bnew system prompt\b|\b(?:system|developer|admin(?:istrator)?|security"
        r"|root|operator|priority|safety) (?:override|directive|command|instruction)s?\b ?[:\]\n!-]"
        r"|\b(?:system|admin|security|emergency) override\b|\b(?:end|begin(?:ning)?"
        r"|start) of (?:new )?(?:system )?(?:prompt|instructions)\b",
    ),
    Rule(
        "an attempt to read instructions",
        "written",
        ("prompt", "instruction", "developer message"),
        r"\b(?:reveal|print|repeat|show|output|display|leak|disclose|share|dump|recite|tell (?:me|us)"
        r"|write out|reproduce) "
        rf"{gap(3)}(?:(?:system|hidden|initial|secret|original|developer) (?:prompt|instructions|message)"
        r"|your (?:instructions|prompt|rules))",
    ),
    Rule(
        ROLE,
        "relayed",
        (
            "you are now", "you're now", "you will now", "act as", "pretend", "anything now", "jailb",
            "role-play", "roleplay", "mode", "persona",
        ),
        r"\byou(?: are|'re| will) now (?:be |act as |called |known as )?"
        rf"(?:dan\b|in [^\s]{{1,20}} mode|{gap(3)}(?:ai|assistant|agent|bot|chatbot|model|advisor"
        r"|salesperson|salesman|hacker|terminal)\b|jailbroken|unrestricted|unfiltered|uncensored"
        r"|free (?:from|of) |no longer (?:bound|restricted|an? )|freed\b|under (?:my|our|new) )|\b(?:act"
        r"|behave|respond|answer|speak) (?:as|like) (?:dan\b|an? (?:unrestricted|unfiltered"
        rf"|uncensored|evil|jailbroken|{gap(2)}ai\b))"
        r"|\bpretend (?:that )?(?:you(?: are|'re) (?:an? (?:ai|unrestricted|different|evil)|not (?:bound"
        r"|an? ai))|you have no (?:rules|restrictions|guidelines|filters))|\bdo anything now\b"
        r"|\bjailbreak(?:ing)? (?:mode|prompt|yourself)\b|\byou (?:are )?(?:enter|entering"
        r"|switch(?:ing)? to|now in) [^\s]{1,20} mode\b",
    ),
    Rule(
        AGENT,
        "written",
        (
            "ai", "ais", "assistant", "llm", "llms", "language model", "chatbot", "chat bot", "chatgpt",
            "gpt",
            "claude",
            "gemini", "copilot",
        ),
        r"\b(?:note|message|notice|memo|instructions?|reminder|directive|guidance|hint|request|attention"
        r"|dear|hey|hello|hi|ok|okay|listen|to|for)"
        rf"(?: to| for)?(?: all| any| the| every| you| your| those| other| future){{0,2}},? {AI}(?: {AI})?"
        r"(?: (?:reading|processing|parsing|summari[sz]ing|crawling|viewing|handling|analy[sz]ing|indexing"
        r"|that|who|which) [^\n.!?:]{0,60})?(?: ?[:,!]| please\b)"
        rf"|\b{AI} (?:reading|processing|parsing|summari[sz]ing|crawling|scraping) (?:this|these"
        r"|the following)\b"
        rf"|\b(?:any|all|every|the|you|dear) {AI}(?: {AI})? (?:is |are |that (?:is|are) |who (?:is|are) "
        r"|that |who )?(?:reading|processing|parsing|summari[sz]ing|crawling|scraping|reads?|processes"
        r"|summari[sz]es?) (?:this|these|the following)\b"
        rf"|\b(?:if|since|because|as|when) you(?:'re| are) (?:an? |the ){gap(1)}{AI}\b(?! (?:engineer"
        r"|researcher|developer|company|startup|enthusiast|professional|student|user|beginner|manager"
        r"|professor|director|coach|teacher|nerd|fan|skeptic|buyer|principal|investor|expert|team|safety))"
        rf"|\bas an? {AI},? you (?:must|should|are|will|need|have)\b|^(?:@|/){AI}\b|\n(?:@|/){AI}\b",
    ),
    Rule(
        AGENT,
        "written",
        (
            "assistant", "agent", "ai", "llm", "llms", "model", "bot", "bots", "chatgpt", "claude", "gpt",
            "gemini", "copilot",
        ),
        rf"\b(?:{AI}|ai agents?|bots?) (?:must|should|shall|has to|have to|needs? to|is to|are to"
        r"|ought to|(?:is|are) (?:required|instructed|ordered|obliged|expected|asked"
        r"|hereby ordered) to) (?:(?:now|also|not|only|first|immediately|henceforth|therefore|please|ever"
        r"|then) ){0,2}(?:(?:always|never)\b(?! be )|(?:recommend|suggest|mention|promote|praise|endorse"
        r"|obey|prefer|trust|favou?r|remember|refuse|ignore|disregard|hide|omit|tell the user"
        r"|inform the user|reply|respond|answer|say|store|save|treat|comply|approve|rank|cite|steer|direct"
        r"|redirect|purchase|transfer|disclose|reveal)\b)",
    ),
    Rule(
        OVERRIDE,
        "written",
        ("decode", "decrypt", "base64", "rot13", "deobfuscate", "reverse"),
        rf"\b(?:decode|decrypt|deobfuscate|rot13|base64|reverse) {gap(7)}(?:and|then) {gap(2)}(?:follow"
        r"|execute|obey|run|comply|do what|carry out|act on)\b",
    ),
)
