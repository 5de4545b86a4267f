"""Orders told by what stands together in one sentence, in English.

Phrases can be worded in a hundred ways; what an order needs cannot: somebody addressed, a deed, somebody it
is done to. Each pattern here is a plain list of words, and a rule needs one of each list.
"""

from __future__ import annotations

from prosona.core.orders._english_words import (
    ADDRESS,
    ANY_DEED,
    DROP,
    EVERY_TIME,
    HEAD,
    LEAD,
    PROMOTE,
    RULES_OF_AN_AGENT,
    SAY,
    SENT,
    THEIR,
    VOCATIVE,
)
from prosona.core.orders._rules import (
    AGENT,
    CLAIM,
    MEMORY,
    OVERRIDE,
    RECOMMEND,
    ROLE,
    SECRECY,
    SENDING,
    STANDING,
    Rule,
)

__all__ = ["RULES"]

# fmt: off
RULES = (
    Rule(
        OVERRIDE,
        "written",
        (
            "ignore", "disregard", "skip", "overlook", "forget", "discard", "neglect", "override", "bypass",
            "follow", "obey", "abandon", "set aside", "drop", "apply",
        ),
        (DROP, RULES_OF_AN_AGENT),
    ),
    Rule(
        OVERRIDE,
        "written",
        ("apply", "suspended", "disabled", "off", "void", "lifted", "revoked", "deactivated"),
        (
            r"\b(?:your|system|safety|all|previous|prior) (?:[^\s]{1,16} )?(?:instructions?|guidelines?"
            r"|rules|restrictions|filters|checks|safeguards|policies|guardrails)\b",
            r"\b(?:do(?:es)? not|don't|no longer) apply\b|\b(?:are|is|have been|has been) (?:now |hereby "
            r"|temporarily )?(?:suspended|disabled|off|void|lifted|revoked|deactivated|removed)\b",
            r"\b(?:you|your|here|session|this (?:page|text|conversation|chat))\b",
        ),
    ),
    Rule(
        OVERRIDE,
        "written",
        (
            "developer", "administrator", "operator", "creator", "admin", "system", "provider", "openai",
            "anthropic", "google",
        ),
        r"\b(?:this is|treat this as|consider this|regard this as) (?:a |an |the )?(?:system|official"
        r"|urgent|direct|binding|authori[sz]ed|developer|admin|priority)? ?(?:message|instruction|notice"
        r"|order|command|prompt|directive)(?: (?:from|by|of) (?:your|the) (?:[^\s]{1,16} )?(?:developer"
        r"|creator|operator|admin(?:istrator)?|maker|provider|owner|team)s?)?(?:\b|:)|\bas (?:the"
        r"|your) (?:system )?(?:admin(?:istrator)?|developer|creator|operator|maker),? i\b|\bi(?: am"
        r"|'m) (?:the|your|a) (?:lead |system |chief )?(?:developer|creator|admin(?:istrator)?|operator"
        r"|engineer) (?:of|behind|at|who)\b|\b(?:begin|start|end|new) (?:of )?(?:the )?system (?:prompt"
        r"|message|instructions)\b|\{\{ ?(?:system|user|assistant) ?\}\}",
    ),
    Rule(
        OVERRIDE,
        "written",
        (
            "page says", "text says", "page tells", "document says", "this page", "this text",
            "this document", "this file", "this message",
        ),
        (
            r"\b(?:do|act|follow|obey|trust|believe|execute|comply)\b",
            r"\b(?:this (?:page|text|document|file|message|site|note)) (?:says|tells|instructs|orders|asks"
            r"|over|above|instead|and (?:not|nothing))|\binstructions (?:of|on|in) this\b",
            r"\b(?:not|over|instead|above|rather|ignore|only|user|operator|developer)\b",
        ),
    ),
    Rule(
        ROLE,
        "written",
        ("role", "act as", "become", "play", "behave", "pretend", "mode"),
        r"\b(?:assume|take on|adopt|play|switch to) (?:the|a|an|your new) (?:role|persona|identity"
        r"|character) (?:of|as) (?:[^\s]{1,20} ){0,3}(?:ai|assistant|agent|bot|model|chatbot|advisor|seller"
        r"|hacker)\b|\byou (?:will|shall|must|should|are to|now|have to) (?:now |only )?(?:act|behave|work"
        r"|serve|speak|function) (?:as|like|for) (?:my|our|an? (?:unrestricted|unfiltered|ai|sales"
        r"|marketing|personal)|the) |\b(?:enter|enable|activate|switch (?:in)?to"
        r"|go into) (?:[^\s]{1,16} )?(?:debug|god|sudo|dan|jailbreak|unrestricted|maintenance|root) mode\b",
    ),
    Rule(
        AGENT,
        "written",
        (
            "ai", "ais", "bot", "bots", "llm", "llms", "gpt", "chatgpt", "claude", "gemini", "copilot",
            "assistant", "model", "agent",
        ),
        (VOCATIVE, ANY_DEED),
    ),
    Rule(
        AGENT,
        "written",
        ("you are a", "you're a", "you are an", "you're an"),
        (
            r"\b(?:if|since|as|because|when|in case) you(?:'re| are) (?:an? |the )(?:[^\s]{1,16} )?(?:ai"
            r"|bot|llm|robot|machine|language model|crawler|assistant|agent|chatbot)\b",
            ANY_DEED,
        ),
    ),
    Rule(
        RECOMMEND,
        "written",
        (
            "recommend", "promote", "advertise", "endorse", "praise", "upvote", "rank", "rate", "bring up",
            "positive review", "stars", "mention", "suggest", "push", "favo", "speak", "say",
        ),
        (rf"{LEAD}(?:give|award|write|leave|{PROMOTE})\b", rf"\b{PROMOTE}\b", EVERY_TIME),
    ),
    Rule(
        RECOMMEND,
        "written",
        ("recommend", "promote", "advertise", "endorse", "praise", "upvote", "rank"),
        r"\b(?:important|essential|crucial|vital|imperative|required|necessary|sure|make sure|ensure"
        r"|insist) (?:that )?you (?:always |only )?(?:recommend|promote|advertise|endorse|praise|upvote"
        r"|rank)\b|\byour (?:only |sole |main |real |new |true |primary )?(?:purpose|task|job|goal|mission"
        r"|role|duty|objective) (?:here )?is (?:now )?to (?:recommend|promote|advertise|endorse|praise|sell"
        r"|push)\b",
    ),
    Rule(
        RECOMMEND,
        "written",
        ("review", "rating", "score", "stars", "negative", "brand", "competitor", "product"),
        (
            rf"{LEAD}(?:give|write|mention|recommend|highlight|list|include|name|point out|criticise"
            r"|criticize|trust)\b",
            r"\b(?:positive (?:review|rating|score)s? only|only (?:a )?positive|(?:any |no )negatives?"
            r"|any other (?:brand|product|shop|store|company|seller)s?|(?:its |any )?competitors"
            r"|highest (?:score|rating)|any (?:reviews|source)s? (?:except|but|other than))\b",
        ),
    ),
    Rule(
        STANDING,
        "written",
        ("user", "they ask", "anyone asks", "asked about", "someone asks"),
        (
            r"\b(?:whenever|when|if|each time|every time|once|no matter what|regardless of what"
            r"|whatever) (?:the |a |any |your |this )?(?:users?|anyone|anybody|someone|somebody|people"
            r"|they)\b[^.]{0,12}?(?:asks?|asked|wants?|wanted|mentions?|says?|needs?|search|searches"
            r"|inquires?|requests?)\b|\b(?:when|if|whenever) (?:you(?:'re| are) )?asked (?:about|for|to"
            r"|which|what|who)\b",
            rf"[,;:] ?(?:please |always |then |you (?:must|should) |just |only |simply ){{0,2}}(?:{SAY}"
            rf"|bring up|talk about|use|choose|send|link|refer|book|buy)\b|^(?:please |always )?(?:{SAY})\b",
        ),
    ),
    Rule(
        STANDING,
        "written",
        (
            "summar", "answering", "reviewing", "translating", "responding", "replying", "describing",
            "evaluating", "comparing", "ranking",
        ),
        (
            r"\b(?:when|while|before|after) (?:you )?(?:summari[sz](?:e|ing)|answer(?:ing)?|review(?:ing)?"
            r"|translat(?:e|ing)|respond(?:ing)?|reply(?:ing)?|describ(?:e|ing)|evaluat(?:e|ing)|compar(?:e"
            r"|ing)|rank(?:ing)?)\b",
            rf"[,;:] ?(?:please |always |you (?:must|should) |also |only )?{SAY}\b|^(?:please "
            rf"|always )?{SAY}\b",
            r"\b(?:this|the|any|all|every|these) (?:[^\s]{1,16} )?(?:page|document|text|article|paper"
            r"|review|user|question|product|item|site|thread|resume|cv|essay|listing|e-?mail)s?\b"
            r"|\bquestions?\b",
        ),
    ),
    Rule(
        STANDING,
        "written",
        ("respond", "answer", "reply", "say"),
        (
            rf"{LEAD}(?:respond|answer|reply|say)\b",
            EVERY_TIME,
            r"\b(?:with [\"'(\[]|with (?:only|just|nothing|a link|an ad|the (?:word|phrase|sentence))|that "
            r"|by (?:say|recommend|suggest|prais|mention|point|promot|stat)|in (?:pirate|rhyme))",
        ),
    ),
    Rule(
        STANDING,
        "written",
        ("user",),
        (
            rf"{LEAD}(?:tell|inform|convince|persuade|assure|remind|warn|advise|urge|encourage|steer|trick"
            r"|get)\b",
            r"\b(?:tell|inform|convince|persuade|assure|remind|warn|advise|urge|encourage|steer|trick"
            r"|get) (?:the|your|this|every|any|all) users? (?:that|to|about|they|their|of|not|into)\b",
        ),
    ),
    Rule(
        MEMORY,
        "written",
        ("memory", "preference", "profile", "user"),
        r"\b(?:memory|preferences?|profile|user) (?:update|entry|correction|injection|record)\b ?(?::|-"
        r"|\u2013|\u2014)|\buser preferences?: (?:always|never|only|prefers?|trusts?|likes?|hates?)"
        rf"|{HEAD}(?:please |now |also )?(?:set|change|switch|update|replace|make|mark|register|record|store"
        r"|save|add|put|note|write) (?:[^\s.!?]{1,24} ){0,8}?(?:the "
        r"|this )?users?'s? (?:[^\s]{1,16} )?(?:preferred|favou?rite|default|usual|preferences?|profile"
        r"|memory|taste|bank|airline|shop|brand|choice|settings to)"
        rf"|{HEAD}(?:please |now |also )?(?:add|write|put|enter|insert|append|save"
        r"|store) (?:[^\n.!?]{1,60}?) (?:to|into|in) (?:the|your|their) (?:user )?(?:profile|memory"
        rf"|preferences|long-term memory|notes about)\b|{HEAD}(?:store|save|remember|record|memori[sz]e"
        r"|keep) (?:this|the following)(?: [^\s.!?:]{1,16}){0,3}? ?(?:permanently|forever|for (?:all|the"
        r"|later|future|ever|any)|as a fact|: (?:the )?user)",
        also=(
            "set", "change", "switch", "update", "replace", "make", "register", "record", "store",
            "save", "add", "put", "note", "write", "enter", "insert", "append", "remember", "memorize",
            "keep", "entry", "correction", "prefer", "trusts", "always", "never", "only",
        ),
    ),
    Rule(
        MEMORY,
        "written",
        ("source", "authority", "expert", "truth"),
        (
            r"\b(?:only|sole|single|one) (?:trust(?:worthy|ed)|reliable|credible|true|legitimate|honest"
            r"|valid|authoritative)\b|\b(?:treat|consider|regard) (?:all |any "
            r"|every )?others? (?:[^\s]{1,16} )?as\b",
            r"\b(?:source|authority|provider|site|expert|truth)\b",
        ),
    ),
    Rule(
        SECRECY,
        "written",
        ("secret", "silently", "quietly", "covertly", "knowledge", "noticing", "hidden"),
        (
            r"\b(?:silently|quietly|secretly|covertly|invisibly|hidden command|without (?:the user|them"
            r"|anyone|their) (?:knowing|noticing|knowledge|consent)|without (?:their"
            r"|the user's) (?:knowledge|consent))\b",
            ANY_DEED,
        ),
    ),
    Rule(SENDING, "written", ("user", "their"), (SENT, THEIR, ADDRESS)),
    Rule(
        SENDING,
        "written",
        ("user's", "users'"),
        rf"{HEAD}(?:please |now |then |immediately )?(?:release|reveal|disclose|leak|hand over|expose"
        r"|publish|send|share|give (?:me|us)) (?:[^\s.!?]{1,16} ){0,3}?users?'s? |\binstruct(?:s"
        r"|ed)? you to (?:release|reveal|disclose|send|share|transfer|delete)\b",
        also=(
            "release", "reveal", "disclose", "leak", "hand", "expose", "publish", "send", "share", "give",
            "instruct",
        ),
    ),
    Rule(
        SENDING,
        "written",
        ("transfer", "pay ", "purchase", "wire", "approve"),
        (
            rf"{LEAD}(?:execute|run|transfer|pay|wire|approve|purchase|authori[sz]e|confirm)\b",
            r"\b(?:\d+ ?(?:dollars|euros|usd|eur|btc|pounds)|[$\u20ac\u00a3] ?\d+|payments?|bitcoin)\b",
            r"\b(?:command|account|wallet|without (?:asking|confirmation)|immediately|for the user|user's)\b",
        ),
    ),
    Rule(
        CLAIM,
        "foreign",
        ("user",),
        r"(?:^|[.!?:;\n-] ?)\W{0,3}(?:the |this |our |note that the |fact: )?user (?:has |have |already "
        r"|now |fully |explicitly |always |really |only ){0,3}(?:prefers|given (?:permission|consent"
        r"|approval)|gave (?:permission|consent)|consents|agrees to|agreed to|authori[sz]es"
        r"|wants (?:to (?:buy|invest|use|book|switch|share|receive|pay|sign|move)|you|every|all|only|daily)"
        r"|switched to|subscribes to|swears by|banks with|asked (?:you|for all)|hates|loves|trusts)\b",
    ),
    Rule(
        OVERRIDE,
        "written",
        ("instruction", "prompt", "guideline", "rule", "context", "memory", "mode", "safety", "filter"),
        r"\b(?:your|the system|system) (?:[^\s]{1,16} )?(?:instructions?|prompts?|guidelines?"
        r"|rules) (?:have|has|were|was|are|is) (?:been |now )?(?:updated|changed|replaced|reset|rewritten"
        r"|superseded)\b|\b(?:reset|clear|erase|wipe|delete|purge|drop) (?:all |any |your "
        r"|the ){0,2}(?:previous|prior|earlier|above|existing|your|system) (?:[^\s]{1,16} )?(?:context"
        r"|conversation|memory|instructions?|prompts?|rules|settings)\b|\b(?:developer|debug|god|admin"
        r"|jailbreak|unrestricted|dan|root) mode (?:enabled|activated|on|unlocked|engaged)\b"
        r"|\bsafety (?:is |filters? |checks? |mode )?(?:off|disabled|removed)\b|\bact (?:only )?(?:on"
        r"|upon) (?:the )?(?:instructions|orders|commands) (?:found|given|written|in|on|of)\b"
        r"|\bwhat you were (?:configured|told|instructed|trained|programmed|designed) to\b|\b(?:bypass"
        r"|disable|turn off|switch off|circumvent) (?:any |all |your |the )?(?:content |safety |spam "
        r"|fraud )?(?:filters?|safeguards?|guardrails?|moderation|restrictions|warnings)\b",
    ),
    Rule(
        STANDING,
        "written",
        ("reply", "replies", "message", "answer", "response", "recommendation"),
        (
            rf"{LEAD}(?:conclude|end|start|begin|finish|close|sign|open|preface|prefix|prefer|favou?r"
            r"|choose|say|state|claim|mention|include|add|recommend|promote|advertise)\b|\bin your\b",
            r"\b(?:(?:every|each|all|your|any) (?:next |further |future |following )?(?:reply|replies"
            r"|messages?|answers?|responses?)|(?:future|further|your) (?:recommendation|answer"
            r"|suggestion)s?)\b",
            r"\b(?:with|by|that|say|over|about|of)\b",
        ),
    ),
    Rule(
        STANDING,
        "written",
        ("asked",),
        r"\b(?:if|when|whenever|once|should you be) asked (?:for|about|to|which|what|who"
        r"|whether)\b[^\n.!?]{0,50}?[, ](?:please |always |only |you (?:must|should) )?(?:respond|answer"
        r"|reply|say|recommend|mention|suggest|praise|give|tell|name)\b",
    ),
    Rule(
        RECOMMEND,
        "written",
        ("competitor", "other", "alternative", "rival", "first", "before all", "sponsored", "list"),
        (
            rf"{LEAD}(?:prefer|favou?r|choose|pick|refuse|decline|list|rank|compare|discuss|mention"
            r"|recommend|show|place|put|reveal)\b",
            r"\b(?:over (?:all|any|every|its|other)|competitors?|before (?:all|any) other|above (?:all"
            r"|any) other|to others|is (?:the )?best|first in|that this (?:text|page|review|post"
            r"|message) is)\b",
            r"\b(?:you|assistants?|ai|llms?|models?|bots?|users?|future|refuse|decline|don't|do not|always"
            r"|please|recommendations|answers)\b",
        ),
    ),
    Rule(
        RECOMMEND,
        "written",
        ("assistant", "ai", "ais", "model", "bot", "bots", "llm", "llms", "agent"),
        r"\b(?:that )?(?:the |an? |any |every |all )?(?:unbiased |helpful |good )?(?:ai|assistant|llm"
        r"|chatbot|bot|ai agent|language model)s?,? (?:favou?rs?|recommends?|prefers?|chooses?|promotes?"
        r"|praises?|ranks?|you are (?:required|obliged|instructed|ordered|expected) to|reads? this must"
        r"|who reads? this must)\b",
    ),
    Rule(
        CLAIM,
        "foreign",
        ("user",),
        rf"{HEAD}(?:treat|regard|consider|mark|count|register|note|record) (?:that )?(?:the|this|every"
        rf"|each) user(?:s)? (?:as|is|has|likes?|dislikes?|prefers?|hates?|loves?|wants?)\b|{HEAD}(?:tell"
        r"|inform|convince|persuade|assure|warn) (?:the |your |all |any |every )?users? (?:that|to|of|about"
        r"|they|their|it|he|she)\b|(?:^|[.!?:;\n-] ?)\W{0,3}(?:the |this )user (?:would like you|asked you"
        r"|told you|wants you|is a (?:loyal|happy|long|big|regular)|does not want|doesn't want|will always"
        r"|only (?:wants|buys|uses|flies|books|trusts))\b|\bis what the user (?:asked for|wants|wanted"
        r"|prefers|meant)\b|\b(?:forget|ignore|disregard) what the user\b|\buser preferences? ?(?:=|:"
        r"|are now|is now)",
        also=(
            "treat", "regard", "consider", "count", "register", "note", "record", "tell", "inform",
            "convince", "persuade", "assure", "warn", "would", "asked", "told", "want", "loyal", "happy",
            "long", "big", "regular", "does", "doesn", "will", "only", "what", "prefer",
        ),
    ),
    Rule(
        SENDING,
        "written",
        ("conversation", "chat", "transcript", "what the user", "history", "username"),
        (
            r"\b(?:send|post|output|print|encode|put|append|write|embed|upload|email|forward|copy|share"
            r"|include|visit|open|replace)\b",
            r"\b(?:the|this|our|your|whole|entire) (?:chat|conversation|transcript|dialog(?:ue)?|session"
            r"|history)\b|\bwhat the user (?:said|wrote|typed|asked)\b|\busername\b",
            ADDRESS,
        ),
    ),
    Rule(
        MEMORY,
        "written",
        ("memory", "memories", "for later", "about"),
        rf"{HEAD}(?:please )?(?:save|store|write|add|commit|put|append|push) (?:this |it "
        r"|the following )?(?:to|in|into) (?:the |your |long-term |persistent )?memory ?(?::|-|=|\b(?:that"
        rf"|as)\b)|{HEAD}(?:remember|note|keep) (?:this )?for (?:later|the future|all|future"
        r"|next)[^\n.!?]{0,12}?[:,-]|\b(?:add|store|save|append|write) (?:this|the following|it|that) (?:to"
        r"|in|into) (?:what|everything|all|the facts|your (?:facts|notes)) (?:you know "
        r"|known )?about the user\b",
        also=("save", "store", "write", "add", "commit", "put", "append", "push", "remember", "note", "keep"),
    ),
    Rule(
        SECRECY,
        "written",
        ("user",),
        (
            r"\b(?:quietly|silently|secretly|covertly|discreetly)\b",
            r"\busers?'s?\b|\bthe users?\b",
        ),
    ),
)
