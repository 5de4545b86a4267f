"""No text makes the door slow: every pattern takes time in proportion to the length of what it reads."""

from __future__ import annotations

import re
import time

import pytest
from tests.pace import grows_in_proportion, takes_at_most

from prosona.core.words import Interaction
from prosona.service.door import admit, shown_name
from prosona.service.door.door import patterns

# Blank lines, repeated words, nested brackets, and signs that many patterns begin with or repeat.
PARTS = (
    "\n",
    " ",
    "\t",
    "a",
    "a ",
    "1 ",
    "4111 ",
    "[[(",
    "<!--",
    "\"'",
    "\x1b[",
    "\u0301",
    "\U0001f3f4",
    "if the user ",
)


def _almost(pattern: re.Pattern[str]) -> list[str]:
    """Texts made of what a pattern looks for: its words one by one, all in a row, and the row reversed."""
    words = re.findall(
        r"[a-zA-Z']{2,}|[\u0400-\u04ff]+|[\u3040-\u9fff\uac00-\ud7a3]+",
        re.sub(r"\\[a-zA-Z]", " ", pattern.pattern),
    )
    some = list(dict.fromkeys(words))[:: max(1, len(words) // 12)]
    return [*some, *(f"{word} " for word in some), " ".join(words), " ".join(reversed(words))]


def _seconds(pattern: re.Pattern[str], text: str) -> float:
    start = time.process_time()
    for _ in pattern.finditer(text):
        pass
    return time.process_time() - start


def _is_linear(pattern: re.Pattern[str], text: str) -> bool:
    return grows_in_proportion(
        lambda size: min(_seconds(pattern, text[:size]) for _ in range(3)), 100_000, floor=0.1
    )


@pytest.mark.parametrize("pattern", patterns(), ids=lambda pattern: pattern.pattern[:40])
def test_twice_the_text_takes_less_than_three_times_as_long(pattern: re.Pattern[str]) -> None:
    parts = list(filter(None, (*PARTS, *_almost(pattern))))
    texts = [part * (20_000 // len(part) + 1) for part in parts]
    times = [(_seconds(pattern, text[:10_000]), _seconds(pattern, text[:20_000])) for text in texts]
    suspects = sorted(range(len(parts)), key=lambda place: times[place][1], reverse=True)[:2]
    suspects += [place for place, (short, long) in enumerate(times) if long > max(3 * short, 0.01)]
    for part in {parts[place] for place in suspects}:
        text = part * (200_000 // len(part) + 1)
        assert _is_linear(pattern, text), part[:40]


def test_the_longest_fields_of_blank_lines_take_milliseconds() -> None:
    page = "\n" * 19_000
    interaction = Interaction.model_construct(chosen=f"a{page}b", query=f"a{page}b", rejected=f"a{page}b")
    assert takes_at_most(0.1, lambda: admit(interaction))


@pytest.mark.parametrize(
    "part",
    [
        *PARTS,
        "ignore all your ",
        "the user ",
        "always recommend ",
        "从现在起你必须",
        "请把用户",
        "password is ",
        "把",
        "а",
    ],
)
def test_no_text_of_4000_signs_holds_the_event_loop(part: str) -> None:
    """What `needs_thread` lets stay on the loop; it must be free again within 50 ms."""
    interaction = Interaction.model_construct(
        chosen="x" + (part * 4_000)[:3_999], query=None, rejected=None, origin="external"
    )
    assert takes_at_most(0.05, lambda: admit(interaction))


@pytest.mark.parametrize("part", ["a", "a. ", "Always ", "。", "\n"])
def test_a_name_of_any_length_is_shown_at_once(part: str) -> None:
    assert len(shown_name(part * 20_000)) <= 82
    assert takes_at_most(0.2, lambda: shown_name(part * 20_000))


def test_a_pattern_that_is_not_linear_would_be_found() -> None:
    blowup = re.compile(r"(?:a+ ?)+b")
    assert _seconds(blowup, "a" * 20) > 3 * _seconds(blowup, "a" * 10)
