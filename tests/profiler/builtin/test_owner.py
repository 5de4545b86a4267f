from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.profiler.builtin.conftest import Person


def watch(person: Person, start: int, count: int) -> None:
    for n in range(start, start + count):
        person.did(f"Title: Nova {n}, Genres: Sci-Fi", f"Title: Kiss {n}, Genres: Romance", domain="films")


async def test_lines_the_owner_wrote_stay_verbatim_and_first(person: Person) -> None:
    watch(person, 0, 16)
    await person.folded()
    person.summary = "Plays the viola in a quartet.\n" + person.summary
    watch(person, 16, 16)
    lines = (await person.folded()).splitlines()
    assert lines[0] == "Plays the viola in a quartet."
    assert lines.count("Plays the viola in a quartet.") == 1
    assert any("chose 32 of 32" in line for line in lines)
    assert not any("chose 16 of 16" in line for line in lines)


async def test_a_line_the_owner_took_out_does_not_come_back(person: Person) -> None:
    watch(person, 0, 16)
    summary = await person.folded()
    assert "likes Sci-Fi" in summary
    person.summary = "\n".join(line for line in summary.splitlines() if "likes Sci-Fi" not in line)
    watch(person, 16, 32)
    summary = await person.folded()
    assert "likes Sci-Fi" not in summary
    assert "avoids Romance" in summary


async def test_a_line_the_owner_reworded_is_not_contradicted_by_the_old_one(person: Person) -> None:
    watch(person, 0, 16)
    summary = await person.folded()
    old = next(line for line in summary.splitlines() if "likes Sci-Fi" in line)
    person.summary = summary.replace(old, "Likes only the oldest science fiction.")
    watch(person, 16, 16)
    summary = await person.folded()
    assert summary.startswith("Likes only the oldest science fiction.")
    assert "likes Sci-Fi" not in summary


async def test_too_many_foreign_lines_leave_a_third_of_the_budget(person: Person) -> None:
    person.summary = "\n".join(
        f"Owns instrument number {n} and plays it on most evenings." for n in range(200)
    )
    watch(person, 0, 16)
    lines = (await person.folded()).splitlines()
    assert lines[0] == "Owns instrument number 0 and plays it on most evenings."
    assert any("likes Sci-Fi" in line for line in lines)
    foreign = [line for line in lines if line.startswith("Owns")]
    assert foreign == [
        f"Owns instrument number {n} and plays it on most evenings." for n in range(len(foreign))
    ]


async def test_without_a_state_lines_of_our_own_form_are_written_anew(person: Person) -> None:
    watch(person, 0, 16)
    await person.folded()
    person.state = None
    person.summary += "\nSings in a choir."
    for n in range(8):
        person.did(f"Title: Pan {n}, Genres: Cooking", f"Title: Car {n}, Genres: Motors", domain="films")
    lines = (await person.folded()).splitlines()
    assert lines[0] == "Sings in a choir."
    assert any("likes Cooking" in line for line in lines)
    assert not any("Sci-Fi" in line for line in lines)


async def test_after_a_rollback_nothing_counts_as_taken_out(person: Person) -> None:
    watch(person, 0, 16)
    old = await person.folded()
    watch(person, 16, 16)
    await person.folded()
    person.summary = old
    watch(person, 32, 16)
    lines = (await person.folded()).splitlines()
    assert [line for line in lines if "likes Sci-Fi" in line] == [
        "Films: likes Sci-Fi (chose 48 of 48; last in February 2026)"
    ]


async def test_a_line_of_our_form_that_nothing_newer_replaces_is_kept(person: Person) -> None:
    watch(person, 0, 16)
    await person.folded()
    line = "Music: likes Fado (chose 3 of 4; last in May 2025)"
    person.summary += "\n" + line
    for start in (16, 24):
        watch(person, start, 8)
        assert (await person.folded()).splitlines().count(line) == 1


async def test_an_edited_line_of_our_form_is_kept_as_edited(person: Person) -> None:
    def watch_one(n: int) -> None:
        person.did(f"{chr(65 + n)}ova [Sci-Fi|Space]", f"{chr(65 + n)}iss [Romance]", domain="films")

    for n in range(16):
        watch_one(n)
    summary = await person.folded()
    old = next(line for line in summary.splitlines() if line.startswith("Films: likes"))
    edited = "Films: likes Space (chose 16 of 16; last in February 2026)"
    person.summary = summary.replace(old, edited)
    for n in range(16, 24):
        watch_one(n)
    lines = (await person.folded()).splitlines()
    assert edited in lines
    assert not any("likes" in line and "Sci-Fi" in line for line in lines)


async def test_a_pinned_dislike_keeps_the_like_out(person: Person) -> None:
    watch(person, 0, 16)
    await person.folded()
    person.statements = ("I no longer like sci-fi.",)
    watch(person, 16, 8)
    assert "likes Sci-Fi" not in await person.folded()


async def test_a_pinned_statement_is_not_repeated(person: Person) -> None:
    person.statements = ("they play the cello",)
    person.said("I play the cello.")
    person.said("I play chess.")
    summary = await person.folded()
    assert "cello" not in summary.split("Conversation")[0]
    assert "they play chess" in summary
