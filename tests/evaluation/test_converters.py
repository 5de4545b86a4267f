from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from prosona.evaluation.data import DataError, Person, load
from prosona.evaluation.data.converting import CONVERTERS, convert_to

Written = Callable[..., Path]
V1_COLUMNS = (
    "persona_id,user_question_or_message,correct_answer,all_options,shared_context_id,"
    "end_index_in_shared_context"
)
V2_COLUMNS = "persona_id,user_query,correct_answer,incorrect_answers,related_conversation_snippet"


def converted(name: str, *raw: Path) -> tuple[Person, ...]:
    out = raw[0].with_name(f"{name}.out.jsonl")
    count = convert_to(name, raw, out)
    people = load(out).people
    assert count == len(out.read_text().splitlines())
    return people


def news_line(number: int, title: str) -> str:
    return f"N{number}\tsports\tgolf\t{title}\tAbstract of {title}\thttps://example.com\t[]\t[]"


def test_mind_sets_each_click_against_an_article_shown_beside_it(written: Written) -> None:
    news = written("news.tsv", *(news_line(n, f"Title {n}") for n in range(9)))
    lines = [f"{n}\tU1\t11/{15 - n}/2019 9:05:58 AM\tN7\tN{n}-1 N6-0 N8-0" for n in range(1, 5)]
    behaviors = written(
        "behaviors.tsv",
        *lines,
        "9\tU1\t11/20/2019 9:05:58 AM\tN7\tN6-0",
        "8\tU2\t11/20/2019 1:00:00 PM\t\tN1-1 N2-0",
    )
    (person,) = converted("mind", news, behaviors)
    chosen = [choice.chosen or "" for choice in person.history]
    assert [text.split(",")[0] for text in chosen] == ["Title: Title 4", "Title: Title 3", "Title: Title 2"]
    assert (
        person.targets[0].chosen == "Title: Title 1, Category: sports / golf, Abstract: Abstract of Title 1"
    )
    assert {c.rejected[:14] for c in person.history if c.rejected} <= {"Title: Title 6", "Title: Title 8"}
    assert person.history[0].occurred_at is not None
    assert person.history[0].occurred_at.isoformat() == "2019-11-11T09:05:58+00:00"


def test_movielens_sets_each_rated_film_against_one_never_rated(written: Written) -> None:
    movies = written(
        "movies.csv", "movieId,title,genres", *(f'{n},"Film, The {n} (1999)",Drama|War' for n in range(12))
    )
    ratings = written(
        "ratings.csv",
        "userId,movieId,rating,timestamp",
        *(f"1,{n},4.0,{1000 - n}" for n in range(6)),
        "2,1,5.0,3",
    )
    (person,) = converted("movielens", movies, ratings)
    assert person.targets[0].chosen == "Title: Film, The 0 (1999), Genres: Drama|War"
    rated = {f"Title: Film, The {n} (1999), Genres: Drama|War" for n in range(6)}
    assert len(person.history) == 5
    assert not rated & {choice.rejected for choice in person.history}


@pytest.mark.parametrize("year", [2018, 2023])
def test_amazon_files_of_both_years_set_each_purchase_against_another_product(
    written: Written, year: int
) -> None:
    new = year == 2023
    meta = written(
        "meta.jsonl",
        *(
            {
                ("parent_asin" if new else "asin"): f"B{n}",
                "title": f"Thing {n}",
                "categories": ["Home", "Tea"],
            }
            for n in range(9)
        ),
        {("parent_asin" if new else "asin"): "B99", "title": None},
    )
    reviews = written(
        "reviews.jsonl",
        *(
            {"user_id": "u", "parent_asin": f"B{n}", "timestamp": 1588687728000 + n}
            if new
            else {"reviewerID": "u", "asin": f"B{n}", "unixReviewTime": 1588687728 + n}
            for n in range(5)
        ),
    )
    (person,) = converted("amazon", reviews, meta)
    assert person.targets[0].chosen == "Title: Thing 4, Category: Home / Tea"
    assert [c.chosen for c in person.history] == [f"Title: Thing {n}, Category: Home / Tea" for n in range(4)]
    assert {c.occurred_at.year for c in person.history if c.occurred_at} == {2020}


@pytest.mark.parametrize("as_list", [True, False])
def test_alignx_takes_the_feedback_pairs_and_nothing_else(written: Written, as_list: bool) -> None:
    entry = {
        "prompt": "p",
        "chosen": "c",
        "rejected": "r",
        "Demographic Information": "secret",
        "Pair-wise Comparative Feedback": [{"prompt": "p1", "chosen": "c1", "rejected": "r1"}],
    }
    path = (
        written("alignx.json", json.dumps([entry, entry], indent=1))
        if as_list
        else written("alignx.json", entry, entry)
    )
    people = converted("alignx", path)
    assert [p.user_id for p in people] == ["alignx_1", "alignx_2"]
    assert (people[0].history[0].query, people[0].targets[0].chosen) == ("p1", "c")
    assert "secret" not in repr(people)


def test_personamem_gives_the_conversation_up_to_each_question(written: Written) -> None:
    turns = [
        {"role": "system", "content": "persona: secret"},
        {"role": "user", "content": "I like jazz."},
        {"role": "assistant", "content": "Noted."},
        {"role": "user", "content": "Not any more."},
    ]
    contexts = written("contexts.jsonl", {"ctx": turns})
    options = '"[""(a) Try opera"", ""(b) Try jazz"", ""(c) Try rock""]"'
    questions = written("questions.csv", V1_COLUMNS, f"3,What to hear?,(b),{options},ctx,3")
    (person,) = converted("personamem", questions, contexts)
    assert [choice.chosen for choice in person.history] == ["I like jazz."]
    assert person.targets[0].chosen == "Try jazz"
    assert person.targets[0].rejected in {"Try opera", "Try rock"}
    assert "secret" not in repr(person)


def test_personamem_v2_reads_snippets_written_as_json_or_python(written: Written) -> None:
    snippet = json.dumps([{"role": "user", "content": "I'm vegan."}]).replace('"', '""')
    path = written(
        "benchmark.csv",
        V2_COLUMNS,
        f"1,\"{{'role': 'user', 'content': 'Dinner?'}}\",Tofu,\"['Steak']\",\"{snippet}\"",
    )
    (person,) = converted("personamem-v2", path)
    target = person.targets[0]
    assert (target.query, target.chosen, target.rejected) == ("Dinner?", "Tofu", "Steak")
    assert person.history[0].chosen == "I'm vegan."


def psoups_row(number: int, annotator: str, preference: int = 1) -> dict[str, object]:
    return {
        "instruction": f"Question {number}",
        "input": "",
        "output_1": f"one {number}",
        "output_2": f"two {number}",
        "preference": preference,
        "annotator": annotator,
    }


def test_psoups_cuts_a_personas_pairs_into_people_of_ten_choices(written: Written) -> None:
    rows = [psoups_row(n, "pref2A") for n in range(25)] + [psoups_row(n, "pref2B", 2) for n in range(11)]
    rows += [psoups_row(99, "pref2A", 0), psoups_row(0, "pref3A")]
    people = converted("psoups-info", written("annotated.json", json.dumps(rows)))
    assert [p.user_id for p in people] == ["psoups_P2A_0", "psoups_P2A_11", "psoups_P2B_0"]
    assert all(len(p.history) == 10 for p in people)
    assert people[0].history[0].chosen == "one 0"
    assert people[2].targets[0].chosen == "two 10"


def test_hicupid_gives_the_dialogues_of_a_question_a_pair_and_a_reference(written: Written) -> None:
    dialogue = written(
        "dialogue.jsonl",
        {"user_id": 1, "dialogue_id": 5, "turn_id": 1, "user": "Thanks", "assistant": "Sure"},
        {"user_id": 1, "dialogue_id": 5, "turn_id": 0, "user": "I like chess", "assistant": "Nice"},
    )
    question = {
        "user_id": 1,
        "dialogue_id": [5],
        "type": "persona",
        "question": "A gift?",
        "personalized_answer": "A chess set",
        "general_answer": "A book",
    }
    qa = written("qa.jsonl", question, {**question, "type": "schedule"})
    (person,) = converted("hicupid", dialogue, qa)
    assert [choice.chosen for choice in person.history] == ["I like chess", "Thanks"]
    assert (person.targets[0].chosen, person.targets[0].rejected) == ("A chess set", "A book")
    assert person.asks[0].reference == "A chess set"


@pytest.mark.parametrize(
    ("name", "files", "reason"),
    [
        ("mind", {"n.tsv": ["N1\ttoo\tshort"], "b.tsv": []}, "n.tsv, line 1: 3 fields"),
        (
            "mind",
            {"n.tsv": [news_line(1, "t")], "b.tsv": ["1\tU\t11/1/2019 1:00:00 AM\t\tN2-1"]},
            "b.tsv, line 1: impr",
        ),
        (
            "mind",
            {"n.tsv": [news_line(1, "t"), news_line(2, "u")], "b.tsv": ["1\tU\tyesterday\t\tN1-1 N2-0"]},
            "b.tsv, line 1",
        ),
        (
            "movielens",
            {"m.csv": ["movieId,title"], "r.csv": []},
            "m.csv, line 1: the columns genres are missing",
        ),
        (
            "movielens",
            {
                "m.csv": ["movieId,title,genres", "1,t,g"],
                "r.csv": ["userId,movieId,rating,timestamp", "1,2,4,9"],
            },
            "r.csv, line 2: the film 2 is not",
        ),
        (
            "amazon",
            {"r.jsonl": ['{"user_id": "u"}'], "m.jsonl": ['{"asin": "B", "title": "t"}']},
            "r.jsonl, line 1: neither",
        ),
        ("amazon", {"r.jsonl": [], "m.jsonl": ['{"title": "t"}']}, "m.jsonl, line 1: `asin`"),
        ("alignx", {"a.json": ["[1]"]}, "a.json, entry 1: must be a JSON object"),
        ("alignx", {"a.json": ["[", "{"]}, "a.json, line"),
        ("personamem", {"q.csv": ["persona_id"], "c.jsonl": []}, "line 1: the columns user_question"),
        (
            "personamem-v2",
            {"b.csv": [V2_COLUMNS, "1,q,a,nonsense,[]"]},
            "line 2: `related|line 2: `incorrect",
        ),
        (
            "psoups-style",
            {"p.json": ['[{"instruction": "i", "annotator": "nobody"}]']},
            "entry|line 1: `annotator`",
        ),
        ("psoups-style", {"p.json": ["[]"]}, "holds no row of a persona P3"),
        ("hicupid", {"d.jsonl": [], "q.jsonl": ['{"dialogue_id": [1]}']}, "q.jsonl, line 1: the dialogue 1"),
    ],
)
def test_a_wrong_raw_file_is_named_with_the_line_and_nothing_is_left_behind(
    tmp_path: Path, name: str, files: dict[str, list[str]], reason: str
) -> None:
    raw = []
    for file, lines in files.items():
        raw.append(tmp_path / file)
        raw[-1].write_text("".join(line + "\n" for line in lines))
    with pytest.raises(DataError, match=reason):
        convert_to(name, raw, tmp_path / "out.jsonl")
    assert {path.name for path in tmp_path.iterdir()} == set(files)


def test_the_wrong_number_of_files_is_said_with_their_names_and_order(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"needs 2 files, in order: news.tsv behaviors.tsv"):
        convert_to("mind", [tmp_path / "news.tsv"], tmp_path / "out.jsonl")


def test_every_published_set_has_a_converter() -> None:
    assert {name.split("-")[0] for name in CONVERTERS} == {
        "mind", "movielens", "amazon", "alignx", "personamem", "psoups", "hicupid",
    }  # fmt: skip


def test_the_same_seed_draws_the_same_pairs(written: Written, tmp_path: Path) -> None:
    movies = written("movies.csv", "movieId,title,genres", *(f"{n},Film {n},Drama" for n in range(30)))
    ratings = written("ratings.csv", "userId,movieId,rating,timestamp", *(f"1,{n},4.0,{n}" for n in range(6)))
    outs = [tmp_path / f"{n}.jsonl" for n in range(3)]
    for out, seed in zip(outs, (1, 1, 2), strict=True):
        convert_to("movielens", [movies, ratings], out, seed=seed)
    assert outs[0].read_bytes() == outs[1].read_bytes() != outs[2].read_bytes()
