from __future__ import annotations

from pathlib import Path

import pytest

from prosona.evaluation.commands import evaluate
from prosona.evaluation.data.converting import CONVERTERS
from prosona.evaluation.prompts import judge_messages
from prosona.evaluation.published import ROWS, SETS, published_set


def test_every_row_has_a_figure_for_each_of_the_nine_sets() -> None:
    assert len(SETS) == 9
    assert {len(row.figures) for row in ROWS} == {9}


def test_published_averages_are_the_means_of_their_figures_but_for_the_two_that_are_known() -> None:
    off = [
        (row.setting, row.profiler)
        for row in ROWS
        if sum(row.figures) / 9 != pytest.approx(row.average, abs=0.02)
    ]
    assert off == [("full", "AlignXplore"), ("streaming", "DeepSeek-R1-671B")]


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("mind", "MIND"),
        ("MovieLens", "MovieLens"),
        ("psoups_info", "P-Soups info"),
        ("concise_detail", "P-Soups info"),
        ("friendly_unfriendly", "P-Soups style"),
        ("student_phd", "P-Soups expertise"),
        ("hicupid", "HiCUPID"),
        ("movielens_like", None),
        ("films", None),
    ],
)
def test_only_the_published_sets_are_set_beside_published_figures(name: str, known: str | None) -> None:
    assert published_set(name) == known


def test_the_judges_prompt_is_published_word_for_word() -> None:
    guide = Path(__file__).parents[2] / "docs" / "evaluation.md"
    said = " ".join(guide.read_text(encoding="utf-8").replace("> ", " ").split())
    assert judge_messages("q", "r", "one", "two")[0]["content"] in said


def test_the_guide_names_every_option_of_a_run_that_changes_a_figure() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "evaluation.md").read_text(encoding="utf-8")
    told = {"--data", "--reader", "--setting", "--step", "--no-negatives", "--mix-with", "--transfer-to"}
    told |= {"--budget", "--after", "--controls", "--seed", "--model", "--judge-model", "--profiler"}
    options = {option for parameter in evaluate.commands["run"].params for option in parameter.opts}
    assert told <= options
    assert all(option in guide for option in told)
    assert all(name in guide for name in CONVERTERS)
