from __future__ import annotations

from pathlib import Path

import pytest
from tests.pace import takes_at_most

from prosona.core.errors import InvalidInputError
from prosona.profiler.reader.features import FAMILIES, TABLE, features_of
from prosona.profiler.reader.model import LearnedReader, reader
from prosona.profiler.reader.weights import SMALL_TABLE, load_weights, pack


def test_the_shipped_reader_tells_what_lasts_from_what_does_not() -> None:
    lasting, passing = reader().judge(
        "I'm allergic to nuts. What do I cook?", ["I'm allergic to nuts.", "What do I cook?"]
    )
    assert lasting.keep > reader().keeps_from > passing.keep
    assert lasting.slot == "allergy"
    assert passing.kind == ""


def test_the_words_that_spoke_for_keeping_can_be_shown() -> None:
    sentence = "I'm allergic to nuts."
    assert "allergic" in reader().spoke(sentence, [sentence], 0)


def test_the_weights_are_small_and_load_at_once() -> None:
    path = Path(load_weights.__code__.co_filename).parent / "weights.bin"
    assert path.stat().st_size < 2_000_000
    assert takes_at_most(0.2, lambda: load_weights(path))


def test_features_have_unit_length_in_each_family() -> None:
    for found in features_of(["I live in Ghent.", "Why?"], "I live in Ghent. Why?"):
        for family in found:
            assert sum(value * value for value in family.values()) == pytest.approx(1)


def small(tmp_path: Path) -> Path:
    path = tmp_path / "weights.bin"
    table = [0.0] * TABLE
    heads = {
        "kind": (["fact", "taste"], [1.0, 0.0], [[0.0] * SMALL_TABLE] * 2),
        "slot": (["home"], [0.0], [[0.0] * SMALL_TABLE]),
    }
    path.write_bytes(pack(bias=2.0, tables=[table] * len(FAMILIES), heads=heads, keep=0.6, sure=0.9))
    return path


def test_packed_weights_read_as_they_were(tmp_path: Path) -> None:
    judged = LearnedReader(load_weights(small(tmp_path))).judge("Anything.", ["Anything."])
    assert judged[0].keep == pytest.approx(0.881, abs=0.001)
    assert (judged[0].kind, judged[0].slot) == ("fact", "home")


@pytest.mark.parametrize("damage", [b"", b"{}", b"not json\n", b'{"form": 99, "bytes": 3}\nabc'])
def test_a_file_that_holds_no_weights_is_refused_by_name(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "weights.bin"
    path.write_bytes(damage)
    with pytest.raises(InvalidInputError, match=r"weights\.bin"):
        load_weights(path)


def test_weights_that_were_cut_short_are_refused(tmp_path: Path) -> None:
    path = small(tmp_path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(InvalidInputError, match="train anew"):
        load_weights(path)
