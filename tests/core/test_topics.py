from __future__ import annotations

import pytest
from tests.pace import grows_in_proportion, seconds_of, takes_at_most

from prosona.core.errors import InvalidInputError
from prosona.core.topics import MAX_TOPIC, near, topic


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ("Mueller", "Müller"),
        ("Müller", "Müller"),
        ("allergy", "many allergies"),
        ("allergies", "an allergy"),
        ("berry", "Berries!"),
        ("berries", "a berry"),
        ("I am vegetarian", "I'm vegetarian."),
        ("I'm vegetarian", "i am vegetarian"),
        ("I'm vegetarian", "im vegetarian"),
        ("cafe", "le café"),
        ("Café", "cafe"),
        ("1200", "costs 1,200 euros"),
        ("1,200", "1200"),
        ("1,200", "1 200"),
        ("กาแฟ", "ฉันชอบกาแฟมาก"),
        ("किला", "मैंने किला देखा"),
        ("Müller", "Mueller"),
        ("Mueller", "Müller"),
        ("Muller", "Herr Müller"),
        ("Straße", "STRASSE"),
        ("İstanbul", "istanbul"),
        ("ISTANBUL", "ıstanbul"),
        ("ｈｏｒｒｏｒ", "horror"),
        ("horror", "ＨＯＲＲＯＲ films"),
        ("ana", "Ana's cat"),
        ("Ana's", "ana likes"),
        ("email", "e-mail"),
        ("email", "e mail"),
        ("e-mail", "email"),
        ("e mail", "e-mail"),
        ("child", "children"),
        ("children", "child's play"),
        ("wife", "wives"),
        ("mouse", "mice"),
        ("C++", "modern C++ code"),
        ("C#", "I write C#."),
        (".NET", "uses .NET daily"),
        ("قهوة", "أحب القهوة"),
        ("القهوة", "قهوة"),
        ("קפה", "אני אוהב את הקפה"),
        ("커피", "커피를 좋아해"),
        ("커피", "아이스커피"),
        ("개", "개를 좋아해"),
        ("コーヒー", "コーヒーが好き"),
        ("猫", "我喜欢猫"),
        ("りんご", "リンゴが好き"),
        ("science fiction", "Science-Fiction classics"),
        ("horror film", "two horror films"),
        ("horror films", "one horror film"),
        ("knitting", "knitting's appeal"),
        ("knitting", "Knitting socks"),
        ("house", "a house sale"),
        ("编织", "我喜欢编织围巾"),
        ("don't eat meat", "I do not eat meat"),
        ("do not eat meat", "I dont eat meat"),
        ("can't swim", "I cannot swim"),
        ("iPhone手机", "我的iphone手机壳"),
        ("iphone", "我用iPhone很久"),
        ("ice cream", "icecream"),
        ("icecream", "ice cream"),
        ("video games", "videogame"),
        ("Katze", "zwei Katzen"),
        ("🐱", "I love 🐱 videos"),
        ("X-ray", "xray"),
        ("T-shirt", "t shirt"),
        ("кофе", "люблю КОФЕ"),
        ("ёлка", "елка"),
        ("films: likes horror", "Films: likes horror"),
        ("coeliac disease", "I was diagnosed with coeliac disease."),
        ("box", "boxes"),
        ("boxes", "a box"),
        ("potato", "potatoes"),
        ("movies", "movie"),
        ("movie", "movies"),
        ("horse", "horses"),
        ("horses", "a horse"),
        ("cafés", "café"),
        ("naïve", "naive"),
        ("smørrebrød", "smorrebrod"),
        ("João", "joao"),
        ("café au lait", "cafe-au-lait"),
        ("100", "100%"),
        ("v2", "v2!"),
        ("3.5", "about 3.5 km"),
        ("Crème brûlée", "creme brulee"),
        ("50,000", "50.000"),
        ("the children's hospital", "children's hospital near the children's hospital"),
        ("editing", "Editing"),
    ],
)
def test_a_topic_is_named_in_every_spelling_that_a_person_calls_the_same(wanted: str, text: str) -> None:
    assert topic(wanted).names(text)


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ("art", "a birthday party"),
        ("horror film", "horror and a film"),
        ("news", "newspapers"),
        ("new", "the news"),
        ("news", "a new car"),
        ("किला", "यह काम मुश्किल है"),
        ("किला", "मुझे कला पसंद है"),
        ("कला", "किला देखा"),
        ("200", "costs 1,200"),
        ("1200", "12000"),
        ("c++", "c code"),
        ("java", "javascript"),
        ("net", ".NET rocks"),
        ("C#", "C++"),
        ("therapist", "the rapist"),
        ("poet", "a pot"),
        ("개", "개발자"),
        ("cat", "category"),
        ("man", "many"),
        ("island", "is land"),
        ("notable", "no table available"),
        ("asthma", "as thma"),
        ("ana", "banana"),
        ("it", "I am"),
        ("moy", "мой"),
        ("red", "hundred"),
        ("ham", "hamburg"),
        ("AI", "said"),
    ],
)
def test_a_topic_is_not_named_inside_other_words(wanted: str, text: str) -> None:
    assert not topic(wanted).names(text)


@pytest.mark.parametrize("wanted", ["", "a", "R", "!", ". .", " - ", "の"])
def test_a_topic_too_short_to_be_meant_is_refused(wanted: str) -> None:
    with pytest.raises(InvalidInputError, match="too short"):
        topic(wanted)


def test_a_whole_line_can_be_a_topic_and_a_page_cannot() -> None:
    line = "Films: likes science fiction by women directors (14 of 15; last in March 2026). " * 6
    assert topic(line).names(f"before. {line} after")
    with pytest.raises(InvalidInputError, match=f"{MAX_TOPIC} at most"):
        topic(line * 2)


def test_where_nothing_is_found_what_comes_near_is_told_nearest_first() -> None:
    texts = ["I like jazz", "allergic to cats", "I have an allergy to nuts", "I have an allergy to nuts"]
    assert near("alergy", texts, limit=3) == ["I have an allergy to nuts", "allergic to cats"]
    assert near("alergy", texts, limit=1) == ["I have an allergy to nuts"]
    assert near("trombone", texts) == []
    assert near("", texts) == []


@pytest.mark.parametrize(
    "text",
    [
        "we talked about music, cartoons, travel plans and an article on beaches, and about what to cook for",
        "我喜欢科幻电影和咖啡，也喜欢旅行和摄影，周末常去博物馆。" * 4,
        "Ich mag Käse und Brötchen über alles, aber keine Nüsse und kein Fleisch, höchstens im Urlaub. Grüße",
    ],
)
@pytest.mark.parametrize("wanted", ["allergies", "art", "Müller", "I am vegetarian", "编织"])
def test_a_hundred_thousand_texts_are_searched_in_a_second_or_so(wanted: str, text: str) -> None:
    names = topic(wanted).names
    texts = [f"{text[:96]}{number}" for number in range(5_000)]
    # 15 microseconds a text where it was measured.
    assert takes_at_most(5_000 * 30e-6, lambda: any(map(names, texts)))
    assert not any(map(names, texts))


@pytest.mark.parametrize("wanted", ["aaaa aaaa", "art", "1111", "party art " * 3, "e-mail"])
@pytest.mark.parametrize("part", ["a", "ab ", " ", "-", "1,", "pa rt ", "e ", "'", "é", "猫", "\u0301"])
def test_looking_for_a_topic_takes_time_in_proportion_to_the_text(wanted: str, part: str) -> None:
    found = topic(wanted)

    def seconds(signs: int) -> float:
        text = (part * signs)[:signs]
        return seconds_of(lambda: found.names(text), 2)

    assert grows_in_proportion(seconds, 50_000, floor=0.02)
