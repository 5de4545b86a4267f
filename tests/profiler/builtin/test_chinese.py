from __future__ import annotations

from typing import TYPE_CHECKING

from prosona.core.tokens import is_mostly_cjk

if TYPE_CHECKING:
    from tests.profiler.builtin.conftest import Person

LIKED = ("星际迷航", "流浪地球", "火星救援", "银河补习", "太空漫游", "月球陨落")
DISLIKED = ("夏日恋歌", "初恋时光", "浪漫满屋", "情书往事", "恋爱通告", "爱在黎明")


async def test_a_chinese_user_gets_chinese_sentences(person: Person) -> None:
    for n in range(18):
        liked, disliked = LIKED[n % 6], DISLIKED[n % 6]
        person.did(
            f"标题：{liked}{n}，类型：科幻|冒险", f"标题：{disliked}{n}，类型：爱情", domain="电影", day=n
        )
    person.said("我对花生过敏，平时喜欢爬山。", day=20)
    person.said("我不喜欢恐怖片。", day=20)
    lines = await person.folded()
    assert all(is_mostly_cjk(line.text) for line in person.lines)
    assert "电影：喜欢冒险、科幻（选了18次中的18次、18次中的18次；最近在2026年1月）" in lines
    assert any(line.startswith("电影：不喜欢爱情（没选18次中的18次；最近在2026年1月）") for line in lines)
    assert "自述：“我对花生过敏，平时喜欢爬山。”（2026年1月21日）" in lines
    assert "自述：“我不喜欢恐怖片。”（2026年1月21日）" in lines


async def test_recurring_terms_are_found_in_unspaced_text(person: Person) -> None:
    for n in range(10):
        person.did(
            f"第{n}期：新能源汽车的电池技术又有突破，续航里程继续提升，行业专家表示乐观",
            f"第{n}期：娱乐明星的婚礼现场照片曝光，众多好友到场祝福，粉丝纷纷留言",
            domain="新闻",
        )
    lines = await person.folded()
    likes = "".join(line for line in lines if "喜欢" in line)
    avoids = "".join(line for line in lines if "避开" in line)
    assert "新能源" in likes
    assert "明星" in avoids
    assert "明星" not in likes


async def test_a_contradicted_chinese_statement_is_superseded(person: Person) -> None:
    person.said("我喜欢吃牛肉。", day=1)
    person.said("我不再吃牛肉了。", day=30)
    await person.folded()
    assert "不再吃牛肉了" in person.text
    assert "喜欢吃牛肉" not in person.text


async def test_a_chinese_switch_of_interests_is_told(person: Person) -> None:
    for n in range(20):
        person.did(
            f"标题：{LIKED[n % 6]}{n}，类型：科幻",
            f"标题：{DISLIKED[n % 6]}{n}，类型：爱情",
            domain="电影",
            day=n,
        )
    for n in range(8):
        person.did(
            f"标题：舌尖{n}，类型：美食",
            f"标题：{DISLIKED[n % 6]}{n}，类型：爱情",
            domain="电影",
            day=60 + 2 * n,
        )
    lines = await person.folded()
    assert lines[0].startswith("电影：2026年3月起喜欢美食")
    assert any("2026年1月以前喜欢科幻，之后没有再选" in line for line in lines)
