"""What of a message in the user's place its user typed: not what hosts, agents and retrieval put around it.

Standard library only and linear in the text: hooks and adapters read every prompt with it. Where it cannot be
told who wrote something, less is taken rather than the words of others.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["LABELS", "TAGS", "Label", "own_block", "typed", "without_wrappers"]

_OF_HOSTS = """
system-reminder system_reminder hook_context ide_selection ide_opened_file ide_diagnostics local-command-stdout
local-command-stderr command-name command-message command-args command-contents bash-input bash-stdout bash-stderr
environment_context user_instructions user_profile user-memory task-notification editor_context open_files
attached_files attached_file additional_data current_file manually_added_selection cursor_rules project_layout
"""
_OF_RETRIEVAL = """
context contexts document documents doc docs document_content source sources search_result search_results results
file files file_contents attachment attachments passage passages article articles excerpt excerpts snippet snippets
knowledge knowledge_base memory memories retrieved retrieved_context retrieval transcript email mail letter page
webpage web_page website content contents reference references history chat_history conversation tool_result
function_results tool_response observation data dataset
"""
TAGS = frozenset(f"{_OF_HOSTS} {_OF_RETRIEVAL}".split())
"""Names of tags whose content is not the user's: hosts' own and those that programs wrap texts in."""

_OPEN = re.compile(r"<([A-Za-z][\w-]{1,30})(?:\s[^<>\n]{0,200})?>")
_PASTED = re.compile(r"\[(?:Pasted (?:text|content)|Image|File|Attachment)[^\[\]\n]{0,80}\]")
_SHELL = re.compile(r"\A\s*!\s?\S")


class Label(NamedTuple):
    """A heading of a part of a prompt, at the beginning of a line."""

    whose: str
    """`others`: text that was handed over; `user`: what the user asks; `model`: where the answer goes."""
    words: str
    """Alternatives, without the colon behind them."""
    is_one: str
    is_none: str
    """Lines that begin such a part, and that do not."""


LABELS = (
    Label(
        "others",
        r"(?:(?:retrieved|relevant|additional|background|given|provided|reference|search|known|following)[ -]){0,2}"
        r"(?:context|documents?|sources?|passages?|articles?|excerpts?|snippets?|background|knowledge|information|facts|results"
        r"|references?|materials?|text|transcript|e-?mail|letter|chat history|conversation(?: history)?|history)",
        "Relevant documents:",
        "In context: I am new here.",
    ),
    Label(
        "others",
        r"context information(?: from multiple sources)? is below\.?|(?:we have provided )?context information below\.?"
        r"|here (?:is|are) (?:the |some )?(?:relevant )?(?:context|documents|information)",
        "Context information is below.",
        "Here is my code:",
    ),
    Label(
        "others",
        r"(?:相关|检索到的?|参考|背景|已知|补充)?(?:上下文|资料|文档|信息|内容|材料|知识|文章|原文)|文脈|資料|参考情報|関連文書|컨텍스트|문서|자료"
        r"|kontext|dokumente?|quellen?|hintergrund|contexte|documents?|sources?|contexto|documentos?|fuentes?|fontes?|contesto",
        "已知信息：",
        "我的资料都在电脑里：",
    ),
    Label(
        "user",
        r"(?:the )?(?:user'?s? |new |current |my |follow[ -]?up |standalone )?(?:question|query|input|request)"
        r"|(?:user |human )?(?:message|prompt)|user|human|用户?(?:的)?(?:问题|提问|输入|消息|请求)|问题|提问|質問"
        r"|ユーザー(?:の質問|入力)?|질문|사용자|frage|anfrage|nutzer"
        r"|pregunta|consulta|usuario|pergunta|usuário|domanda|utilisateur|demande",
        "User question:",
        "My question is this:",
    ),
    Label(
        "model",
        r"(?:helpful |final |your )?(?:answer|response|reply|output)|assistant|ai|bot|回答|答案|答复|助手"
        r"|アシスタント|답변|antwort|réponse|respuesta|resposta|risposta",
        "Helpful Answer:",
        "The answer:",
    ),
)
"""The headings of prompt templates. What stands under one ends with the next."""

_LABEL = re.compile(
    r"^[ \t>#*_-]{0,6}(?:"
    + "|".join(f"(?P<l{place}>{label.words})" for place, label in enumerate(LABELS))
    + r")[ \t*_]{0,4}(?:[:：][ \t*_]{0,4}|$)",
    re.IGNORECASE | re.MULTILINE,
)
_RULES = re.compile(r"^\s*[-=*_]{3,}\s*$", re.MULTILINE)


def typed(message: str) -> str:
    """What its user typed of a message that a program may have written around it; empty if that cannot be told.

    Wrappers go with what is in them. A prompt with parts under headings gives only the part that is the user's.
    """
    text = without_wrappers(message)
    labels = list(_LABEL.finditer(text))
    whose = [LABELS[int(str(label.lastgroup)[1:])].whose for label in labels]
    if "others" not in whose:
        return text
    ends = [*(label.start() for label in labels[1:]), len(text)]
    parts = [
        text[label.end() : end] for label, end, who in zip(labels, ends, whose, strict=True) if who == "user"
    ]
    return "\n".join(filter(None, (_RULES.sub("", part).strip() for part in parts)))


def without_wrappers(message: str) -> str:
    """A message that a person wrote, without what its host put into it: wrapped notes, placeholders of what was
    pasted; empty for a command to the host's shell."""
    if _SHELL.match(message) and "\n" not in message.strip():
        return ""
    kept: list[str] = []
    small, at = message.lower(), 0
    if len(small) != len(message):
        small = message  # A letter whose small form is longer: places would not be the same.
    unclosed: set[str] = set()
    for match in _OPEN.finditer(message):
        name = match[1].lower()
        if match.start() < at or name not in TAGS or name in unclosed:
            continue
        closed = small.find(f"</{name}>", match.end())
        if closed < 0:
            # Looked for once a name: so all of it takes time in proportion to the text.
            unclosed.add(name)
            continue
        kept.append(message[at : match.start()])
        at = closed + len(name) + 3
    kept.append(message[at:])
    return _PASTED.sub("", "".join(kept)).strip()


def own_block(blocks: list[str]) -> str:
    """Of several texts in one message, the one that its user typed: the last, or else the first, if the others are
    longer together, as what is handed over is; empty where neither is."""
    own = [text for block in blocks if (text := typed(block))]
    if len(own) < 2:
        return "".join(own)
    if len(own[-1]) <= sum(map(len, own[:-1])):
        return own[-1]
    return own[0] if len(own[0]) <= sum(map(len, own[1:])) else ""
