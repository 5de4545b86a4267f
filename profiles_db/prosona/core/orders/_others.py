"""Orders by markup, and orders to drop instructions in languages other than English and Chinese."""

from __future__ import annotations

from prosona.core.orders._rules import MARKUP, OVERRIDE, SENDING, Rule, gap, near

__all__ = ["RULES"]

# fmt: off
# In the text as it stands: markup is what a view would smooth away.
_MARKUP_RULES = (
    Rule(MARKUP, "own", ("<|",), r"<\|[a-zA-Z_]{2,30}\|>", in_plain=False),
    Rule(
        MARKUP,
        "written",
        ("[/", "[I", "[i", "<"),
        r"(?i)\[/?INST\]|<</?SYS>>|</s>|</?(?:system|assistant|user_profile|tool_call|tool_result"
        r"|tool_response|function_calls?|function_results|system_prompt|system-reminder|important|admin"
        r"|developer|hidden|instructions?|thinking|invoke|parameter)(?:\s[^<>]{0,60})?/?>",
        in_plain=False,
        said=False,
    ),
    Rule(
        MARKUP,
        "written",
        (
            "ystem", "YSTEM", "eveloper", "EVELOPER", "ssistant", "SSISTANT", "dmin", "DMIN", "nstruction",
            "NSTRUCTION",
        ),
        r"(?im)^[ \t>]{0,4}(?:#{1,4} ?|[*_]{1,3}|[\[({<\u3010]{1,2})?(?:system|developer|assistant"
        r"|admin(?:istrator)?)(?: (?:prompt|message|note|instructions?|override|notice"
        r"|update))?(?:[\])}>\u3011]{1,2}|[*_]{1,3})?[ \t]?(?::|>|-)[*_]{0,3}\s{0,3}[^\n]{0,40}?\b(?:you"
        r"|ignore|always|never|don'?t|do not|must|the user|user|from now|new|recommend|forget|disregard"
        r"|respond|answer|remember|act|enable|override|obey|comply|reveal|approve|transfer|the assistant)\b"
        r"|^[ \t>]{0,4}\[(?:system|admin|developer)\]|^#{2,4} ?(?:instructions?|system prompt)[ \t]?:"
        r"|^[ \t>]{0,4}(?:system|developer) (?:prompt|message)[ \t]?:",
        in_plain=False,
    ),
    Rule(
        SENDING,
        "written",
        ("](http",),
        r"!\[[^\]\n]{0,100}\]\(https?://[^)\s]{0,200}?(?:\{|%7[bB]|\[|<|\$)",
        in_plain=False,
    ),
)


_LANGUAGES = (
    Rule(
        OVERRIDE,
        "own",
        ("ignor", "vergiss", "vergessen", "missachte", "uberschreib", "befolge"),
        r"\b(?:ignorier(?:e|en sie|t)?|vergiss|vergessen sie|missachten? (?:sie )?|uberschreiben? (?:sie )?"
        rf"|befolgen? (?:sie )?nicht) ?{gap(3)}"
        r"(?:vorherig|bisherig|obig|vorig|fruher|vorangegangen|vorhergehend|alle|system|deine"
        r"|ihre)[a-z]{0,3} (?:[^\s.!?]{1,24} ){0,3}?(?:system)?(?:anweisung|instruktion|befehl|vorgabe"
        r"|regel|prompt|richtlinie)[a-z]{0,2}\b",
    ),
    Rule(
        OVERRIDE,
        "own",
        (
            "ignor", "olvid", "descart", "omit", "desconsider", "esquec", "dimentic", "oubli", "neglig",
            "tralascia",
        ),
        r"\b(?:ignor(?:a|e|en|ez|es|i|ate|are)|olvid(?:a|e|en)|descart(?:a|e)|omit(?:e|a)|desconsidere"
        rf"|esqueca|dimentica(?:te)?|tralascia|oublie[zr]?|neglige[zr]?) {gap(3)}"
        r"(?:instruc[a-z]{2,8}|istruzioni|indica[a-z]{3,7}|reglas|ordenes|consignes|directives|regles|regras"
        r"|regole|orientacoes|prompts?) (?:[^\s.!?]{1,24} ){0,2}?(?:anterior[a-z]{0,3}|previ[a-z]{1,3}"
        r"|precedent[a-z]{0,3}|ci-dessus|acima|del? sistem[a-z]|du systeme|antecedent[a-z]{0,3}"
        r"|recibid[a-z]{2}|donnees|recues)|\b(?:ignor(?:a|e|ez|es|i|ate)|olvid(?:a|e)|oublie[zr]?"
        r"|dimentica(?:te)?|esqueca"
        rf"|desconsidere) {gap(3)}(?:anteriores|previas|precedent[ei]s?) (?:instruc[a-z]{{2,8}}|istruzioni"
        r"|indicaciones|consignes)",
    ),
    Rule(
        OVERRIDE,
        "own",
        ("игнор", "забуд", "пренебрег", "отмени"),
        rf"\b(?:про)?(?:игнорируи(?:те)?|забудь(?:те)?|пренебрегаи(?:те)?|отмени(?:те)?) {gap(3)}"
        r"(?:предыдущ|прежни|предшествующ|прошл|все|выше"
        r"|системн)[а-я]{0,4} (?:[^\s.!?]{1,24} ){0,3}?(?:инструкц|указани|правил|команд|промпт)",
    ),
    Rule(
        OVERRIDE,
        "own",
        ("無視", "忘れ", "従わな"),
        rf"(?:以前|前|上記|上|これまで|今まで|すべて|全て|全|システム)の?{near(8)}(?:指示|命令|フロンフト|プロンプト|ルール|指令|設定){near(8)}(?:無視|忘れ"
        r"|従わな)",
    ),
    Rule(
        OVERRIDE,
        "own",
        ("무시", "잊", "따르지"),
        rf"(?:이전|앞선|위의|기존|모든|시스템){near(10)}(?:지시|명령|프롬프트|규칙|지침){near(8)}(?:무시|잊|따르지)",
    ),
)


RULES = (*_MARKUP_RULES, *_LANGUAGES)
