from __future__ import annotations

import pytest

from prosona.core.consequence import RANKS, consequence_of


@pytest.mark.parametrize(
    "text",
    [
        "I'm allergic to peanuts.",
        "I carry an EpiPen.",
        "I have type 1 diabetes",
        "I was diagnosed with coeliac disease.",
        "I have celiac disease.",
        "I can't eat gluten",
        "I'm pregnant",
        "I'm deaf in one ear",
        "I use a screen reader.",
        "I use a wheelchair.",
        "I am color-blind.",
        "I'm lactose intolerant",
        "Je suis intolérant au lactose.",
        "Ich vertrage keine Laktose.",
        "Ich vertrage Nüsse nicht.",
        "My son can't eat nuts",
        "I can’t digest dairy",
        "Je ne peux pas manger de noix.",
        "Je ne digère pas le lait.",
        "No puedo comer frutos secos.",
        "Não posso comer camarão.",
        "Non tollero il lattosio.",
        "我不能吃花生",
        "卵が食べられません",
        "저는 땅콩을 못 먹어요",
        "J'ai de l'asthme.",
        "Je suis diabétique.",
        "Mon fils est épileptique.",
        "Je suis cœliaque.",
        "Ich habe Zöliakie.",
        "Ich bin gehörlos.",
        "Soy celíaco.",
        "Soy alérgica a las nueces.",
        "Sou diabético.",
        "我对花生过敏。",
        "我懷孕了",
        "卵アレルギーがあります",
        "땅콩 알레르기가 있어요",
        "У меня аллергия на орехи",
        "ฉันแพ้ถั่ว",
        "मुझे मधुमेह है",
    ],
)
def test_health_and_access_are_known_in_many_languages(text: str) -> None:
    assert consequence_of(text) == "safety"
    assert consequence_of(text.upper(), "taste") == "safety"


@pytest.mark.parametrize(
    ("text", "consequence"),
    [
        ("My name is Ana.", "person"),
        ("Call me Ana.", "person"),
        ("I speak Catalan.", "person"),
        ("我叫小明。", "person"),
        ("Ich heiße Jörg.", "person"),
        ("I like short answers.", "manner"),
        ("No emojis, please.", "manner"),
        ("请用中文回答", "manner"),
        ("I live in Lyon.", "fact"),
        ("Mein Bruder verträgt sich nicht mit mir.", "fact"),
        ("I can't wait to eat out", "fact"),
        ("No puedo tomarlo en serio", "fact"),
        ("I work night shifts", "fact"),
        ("I saw a plasma television", "fact"),
        ("我喜欢茶。", "fact"),
    ],
)
def test_other_sentences_are_of_the_person_the_manner_or_as_usual(text: str, consequence: str) -> None:
    assert consequence_of(text) == consequence


def test_what_shows_nothing_is_as_usual() -> None:
    assert consequence_of("Likes jazz", "taste") == "taste"
    assert consequence_of("") == "fact"


def test_health_outranks_all_and_single_things_come_last() -> None:
    assert sorted(RANKS, key=lambda name: RANKS[name]) == [
        "safety",
        "person",
        "manner",
        "fact",
        "taste",
        "example",
    ]


def test_health_wins_over_the_way_to_answer() -> None:
    assert consequence_of("Mind in your answers that I'm allergic to nuts.") == "safety"
