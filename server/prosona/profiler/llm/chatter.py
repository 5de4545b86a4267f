"""What models say around an answer, to whoever asked: prefaces and offers. It is none of the user's profile."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["without_chatter"]

_ABOUT = (
    r"(?:summary|summaries|profile|preferences?|lines|update|version|information|history|interactions|answer)"
)
_OPENINGS = re.compile(
    # A word of assent by itself or before a comma; "Great at chess" is a line.
    r"(?:¡?(?:sure(?: thing)?|certainly|of course|absolutely|okay|ok|great|got it|understood|thank you|thanks"
    r"|no problem|alright|hello|hi|natürlich|gerne?|selbstverständlich|klar|bien sûr|claro|certo|por supuesto"
    r"|d'accord|com certeza|конечно|хорошо)\s?[!,.:…–—][^\n]{0,200}"
    # What is announced, with what an answer is called in it.
    rf"|(?:here(?:'s| is| are)|below (?:is|are))\b[^\n]{{0,200}}?\b{_ABOUT}\b[^\n]{{0,80}}"
    rf"|(?:the following|this is|based on|i(?:'ve| have)|i will|i'll|let me)\b[^\n]{{0,200}}?\b{_ABOUT}\b[^\n]{{0,80}}:"
    r"|(?:the )?(?:(?:updated|new|revised|final|user|user's|preference) ){0,4}"
    r"(?:summary|profile|preferences|lines|answer)\s*:"
    r"|(?:hier (?:ist|sind|kommt)|voici|aquí (?:está|tienes|tiene|va)|ecco|aqui está|hier is|вот)\b[^\n]{0,200}:"
    r"|(?:好的|当然|没问题|可以|承知しました|もちろん(?:です)?|はい|물론|알겠습니다|네)(?:[，,。！!：:、].{0,80}|입니다.{0,80})?"
    r"|(?:以下是|下面是|这是|根据|以下[はが]|다음은).{0,80}[：:])",
    re.IGNORECASE,
)
_CLOSINGS = re.compile(
    r"(?:(?:please )?(?:let me know|feel free)\b|if you(?:'d| would)? (?:like|want|need|have|prefer|wish)\b"
    r"|would you like\b|do you want\b|(?:i )?hope (?:this|that)\b|is there anything\b"
    r"|(?:please )?note that (?:this|the)\b"
    r"|(?:this|the above|the) (?:(?:updated|revised|new) ){0,3}(?:summary|profile|list|version)"
    r" (?:is|has|was|now|reflects)\b"
    r"|i(?:'m| am) (?:happy|here|glad) to\b|i can (?:also )?(?:adjust|refine|change|update|provide)\b"
    r"|don't hesitate\b"
    r"|sag(?:en sie)? mir\b|falls (?:du|sie)\b|lassen sie (?:mich|es)\b|lass (?:mich|es mich)\b|gerne kann ich"
    r"|n'hésitez pas"
    r"|dites-moi|si vous (?:voulez|souhaitez|avez)|espero que (?:esto|te|le)"
    r"|si (?:deseas|desea|necesitas|quieres)|avísame"
    r"|hágame saber|fammi sapere|se (?:quiser|precisar|desejar)|如果(?:你|您)|如需|希望(?:这|以上)|请(?:告诉我|随时)"
    r"|还需要(?:我|其他|什么)|有任何(?:问题|需要)|ご不明|他に(?:ご|何か)|お気軽に|필요하시|원하시|도움이 필요)",
    re.IGNORECASE,
)
_ANNOUNCED = re.compile(
    r"(?:here(?:'s| is| are)|below (?:is|are)|hier (?:ist|sind)|voici|aquí (?:está|tienes)|以下是|根据)"
    r"[^:：\n]{0,200}[:：]\s*(?=\S)"
    r"|(?:updated |new |user )?(?:preference )?summary:\s*(?=\S)",
    re.IGNORECASE,
)
"""A preface that the first line follows on the same row."""
_MOST = 3
"""Sentences of talk on either side; a model that talks for longer has written no profile."""


def without_chatter(sentences: Sequence[str]) -> list[str]:
    """`sentences` without the talk that a model put in front of its answer and behind it.

    Only at the two ends: what looks like talk between lines may be the user's own matter.
    """
    kept = list(sentences)
    for _ in range(_MOST):
        first = kept[0].strip() if kept else ""
        if match := _ANNOUNCED.match(first):
            kept[0] = first[match.end() :]
            break
        if _OPENINGS.fullmatch(first):
            del kept[0]
    for _ in range(_MOST):
        if kept and _CLOSINGS.match(kept[-1].strip()):
            del kept[-1]
    return kept
