"""Forms of a word that a person calls the same word: plurals, possessives, contractions.

Only nouns: "knit" and "knitting" are two topics. A form that is no word costs nothing; one that is another
word ("new" and "news") is listed and left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["contraction", "expanded", "forms_of"]

# Singular to plural, where no rule leads from one to the other.
_PAIRS = """
child/children grandchild/grandchildren wife/wives housewife/housewives knife/knives life/lives
leaf/leaves loaf/loaves half/halves shelf/shelves wolf/wolves calf/calves elf/elves self/selves
thief/thieves scarf/scarves hoof/hooves mouse/mice louse/lice goose/geese tooth/teeth foot/feet man/men
woman/women person/people ox/oxen die/dice penny/pence cactus/cacti fungus/fungi nucleus/nuclei
radius/radii alumnus/alumni stimulus/stimuli syllabus/syllabi analysis/analyses diagnosis/diagnoses
crisis/crises thesis/theses basis/bases oasis/oases axis/axes hypothesis/hypotheses criterion/criteria
phenomenon/phenomena bacterium/bacteria medium/media datum/data curriculum/curricula index/indices
matrix/matrices vertex/vertices appendix/appendices antenna/antennae larva/larvae quiz/quizzes
gateau/gateaux bureau/bureaux plateau/plateaux
"""
_IRREGULAR = dict(pair.split("/") for pair in _PAIRS.split())
_SINGULARS = {plural: single for single, plural in _IRREGULAR.items()}

# Words in -s that are no plural of what stands before it, or whose singular is another word.
_NOT_A_PLURAL = """
news series species physics mathematics maths ethics economics politics athletics gymnastics genetics
genius always this his has was does goes yes gas bus plus minus lens chess bliss boss grass class glass
dress cross christmas paris texas kansas james thomas jesus venus virus status campus circus bonus focus
census chorus hits tennis basis iris pus us as is its thus less unless perhaps besides across canvas
atlas alas bias pancreas diabetes rabies herpes aids arthritis asthma sos ios dos mars swiss pass mass
loss moss kiss miss mess press stress business process access success address glasses goods arms customs
means jeans
"""
_NO_PLURAL = frozenset(_NOT_A_PLURAL.split())
_CONSONANT_Y = re.compile(r"[bcdfghjklmnpqrstvwxz]y$")
_HISSES = ("s", "x", "z", "ch", "sh")

# The second word of a contraction, and what is left of it.
_TAILS = {"am": "m", "are": "re", "have": "ve", "will": "ll", "would": "d"}
_FULL = {"m": "am", "re": "are", "ve": "have", "ll": "will"}
_CONTRACTING = frozenset({"i", "you", "he", "she", "it", "we", "they", "who", "that", "there"})
_NOT = {"can": "can", "will": "wo", "shall": "sha"}
_AUXILIARIES = """
do does did is are was were have has had would could should must need might can will shall
"""
_DENIED = frozenset(_AUXILIARIES.split())


def expanded(word: str) -> Iterator[str]:
    """The words in one that may be contracted: "i'm" is "i", "am"; "don't" is "do", "not"."""
    head, apostrophe, tail = word.rpartition("'")
    if not apostrophe:
        if word == "cannot":
            yield from ("can", "not")
        else:
            yield word
    elif tail == "t" and head.endswith("n"):
        stem = {"ca": "can", "wo": "will", "sha": "shall"}.get(head[:-1], head[:-1])
        yield from (stem, "not")
    elif tail in _FULL:
        yield from (head, _FULL[tail])
    elif tail == "s":
        # "It's" may be "it is" or "it has"; "ana's" is ana. Either way what matters stands before.
        yield head
    else:
        yield from filter(None, (*head.split("'"), tail))


def forms_of(word: str) -> set[str]:
    """`word`, its singular and its plurals, each with a possessive ending where letters are Latin."""
    if not word.isalpha():
        return {word}
    if not word.isascii() or len(word) < 2:
        return {word, f"{word}'s"}
    found = {word}
    for single in _singulars(word):
        found |= {single, *_plurals(single)}
    found -= _NO_PLURAL - {word}
    return found | {f"{form}'s" for form in found} | {f"{form}'" for form in found if form.endswith("s")}


def contraction(word: str, following: str) -> str | None:
    """A pattern for both words in full or contracted ("i am", "i'm", "im"); None if they never are."""
    if following == "not" and word in _DENIED:
        return rf"(?:{word}\s?not|{_NOT.get(word, word)}n?'?t)"
    if following in _TAILS and word in _CONTRACTING:
        return rf"{word}(?:\s{{1,3}}{following}|'?{_TAILS[following]})"
    return None


def _singulars(word: str) -> Iterator[str]:
    yield word
    if word in _SINGULARS:
        yield _SINGULARS[word]
    if len(word) < 4 or word in _NO_PLURAL or not word.endswith("s") or word.endswith("ss"):
        return
    if word.endswith("ies"):
        yield word[:-3] + "y"
        yield word[:-1]
    elif word.endswith("es") and word[:-2].endswith((*_HISSES, "o")):
        yield word[:-2]
        yield word[:-1]
    elif not word.endswith(("us", "is")):
        yield word[:-1]


def _plurals(word: str) -> Iterator[str]:
    if word in _IRREGULAR:
        yield _IRREGULAR[word]
    if word in _NO_PLURAL or len(word) < 3 or word in _SINGULARS:
        return
    if _CONSONANT_Y.search(word):
        yield word[:-1] + "ies"
    if word.endswith(_HISSES) or word.endswith("o"):
        yield word + "es"
    if not word.endswith("s"):
        yield word + "s"
    if word.endswith("e") and len(word) > 4:
        yield word + "n"  # German: Katze, Katzen
