"""Screening of what comes in: text that tries to steer an agent is set aside, never dropped.

A quarantined interaction is kept and shown to its owner; no profiler ever sees it. Patterns stop
the crude cases only: what protects a profile from the rest is that profilers describe, that their
output is checked, and that the text is handed out as data.
"""

from __future__ import annotations

import re

from prosona.profiles_db import Interaction

_RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "hidden characters",
        # Unicode tag characters and bidirectional overrides hide text from the person who reads it.
        re.compile(r"[\U000e0000-\U000e007f‪-‮⁦-⁩]|[​⁠﻿]{3,}"),
    ),
    (
        "role tags",
        re.compile(
            r"<\|[a-z_]{2,30}\|>|\[/?INST\]|<</?SYS>>|</?(?:system|assistant|user_profile|tool_call)>"
            r"|^\s*(?:#+\s*)?(?:system|developer)(?: prompt| message)?\s*:",
            re.IGNORECASE | re.MULTILINE,
        ),
    ),
    (
        "an attempt to override instructions",
        re.compile(
            r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,30}"
            r"\b(?:previous|prior|above|earlier|all|any|your|system)\b.{0,20}\b(?:instructions?|prompts?|rules?|guidelines?)\b"
            r"|\byou are now (?:in )?(?:dan|developer mode|jailbroken|unrestricted)\b|\bnew system prompt\b"
            r"|(?:忽略|无视|忘记).{0,8}(?:之前|以上|先前|所有|系统).{0,8}(?:指令|提示|规则|说明)",
            re.IGNORECASE | re.DOTALL,
        ),
    ),
    (
        "a delayed instruction to the agent",
        re.compile(
            r"\b(?:remember|note|store|save|memorize)\b.{0,80}"
            r"\b(?:trusted source|authoritative source|go-to source|first (?:choice|recommendation))\b"
            r"|\b(?:from now on|in (?:all )?future (?:conversations|chats|sessions)"
            r"|whenever (?:the )?user|next time (?:the )?user)\b.{0,80}"
            r"\b(?:you must|always (?:recommend|say|tell|use|send|mention)|never (?:recommend|mention|say))\b"
            r"|\bassistant (?:must|should) (?:always|never)\b",
            re.IGNORECASE | re.DOTALL,
        ),
    ),
    (
        "a secret",
        re.compile(
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{30,}\b"
            r"|\bsk-[A-Za-z0-9_-]{20,}\b|\bxox[baprs]-[A-Za-z0-9-]{10,}\b"
            r"|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\b"
        ),
    ),
)


def screen(interaction: Interaction) -> Interaction:
    """The interaction, marked with the reason if any of its text must not reach a profiler."""
    texts = (
        interaction.query,
        interaction.chosen,
        interaction.rejected,
        interaction.domain,
        interaction.kind,
    )
    text = "\n".join(t for t in texts if t)
    reason = next((name for name, pattern in _RULES if pattern.search(text)), None)
    return interaction.model_copy(update={"quarantined": reason})
