from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from prosona.core.errors import InvalidInputError
from prosona.evaluation.commands import evaluate
from prosona.evaluation.data import Benchmark

from .conftest import ScriptedServer


def saved(benchmark: Benchmark, path: Path) -> Path:
    lines = [
        {
            "user_id": person.user_id,
            "history": [
                {"query": c.query, "chosen": c.chosen, "rejected": c.rejected} for c in person.history
            ],
            "targets": [
                {"query": t.query, "chosen": t.chosen, "rejected": t.rejected} for t in person.targets
            ],
        }
        for person in benchmark.people
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def prosona_eval(*arguments: object) -> Result:
    return CliRunner().invoke(evaluate, [str(a) for a in arguments], catch_exceptions=False)


@pytest.fixture
def data(films: Benchmark, tmp_path: Path) -> Path:
    return saved(films, tmp_path / "films.jsonl")


def test_a_run_prints_its_table_and_leaves_a_report_results_and_journals(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    result = prosona_eval("run", "--data", data, "--out", out, "--no-plots")
    assert result.exit_code == 0
    row = next(line for line in result.output.splitlines() if "| lexical | films |" in line)
    assert "| 8 |" in row
    summary = json.loads((out / "results.json").read_text())
    assert summary["run"]["profiler"] == "builtin"
    assert summary["sets"][0]["readers"]["lexical"]["columns"]["own"]["value"] == 100
    assert row in (out / "report.md").read_text()
    assert len((out / "profiles.jsonl").read_text().splitlines()) == 4
    # own, none, raw and raw tail with 8 targets, the two controls with 8 times three others
    assert len((out / "readings.jsonl").read_text().splitlines()) == 4 * 8 + 2 * 24


def test_files_may_follow_one_data_option(data: Path, tmp_path: Path) -> None:
    second = tmp_path / "more.jsonl"
    second.write_bytes(data.read_bytes())
    result = prosona_eval(
        "run", "--data", data, second, "--out", tmp_path / "run", "--no-plots", "--people", 2
    )
    assert "| lexical | more | 4 |" in result.output
    assert "| lexical | average |" in result.output


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (["--no-negatives"], "films"),
        (["--setting", "full"], "films"),
        (["--setting", "streaming"], "films"),
        (["--setting", "direct"], "films"),
        (["--mix-with", "{data}"], "films+films:films"),
        (["--transfer-to", "{data}"], "films>films"),
        (["--budget", "40", "--budget", "600", "--after", "8"], "films"),
    ],
)
def test_every_setting_and_variant_runs(data: Path, tmp_path: Path, options: list[str], name: str) -> None:
    options = [option.format(data=data) for option in options]
    result = prosona_eval("run", "--data", data, *options, "--out", tmp_path / "run", "--no-plots")
    assert result.exit_code == 0
    assert f"| lexical | {name} |" in result.output


def test_plots_are_drawn_and_stand_in_the_report(data: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    out = tmp_path / "run"
    prosona_eval("run", "--data", data, "--budget", 40, "--budget", 600, "--after", 8, "--out", out)
    drawn = {path.name for path in out.glob("*.png")}
    assert drawn == {
        "accuracy-lexical.png",
        "accuracy-by-budget-lexical.png",
        "accuracy-by-after-lexical.png",
        "cost.png",
    }
    assert all((out / name).read_bytes().startswith(b"\x89PNG") for name in drawn)
    assert all(f"({name})" in (out / "report.md").read_text() for name in drawn)


def test_models_read_and_judge_over_an_endpoint_and_their_prompts_are_kept(
    films: Benchmark, tmp_path: Path, endpoint: ScriptedServer
) -> None:
    data = saved(films, tmp_path / "hicupid.jsonl")
    lines = [json.loads(line) for line in data.read_text().splitlines()]
    for line in lines:
        line["targets"][0]["reference"] = "A film in space."
    data.write_text("".join(json.dumps(line) + "\n" for line in lines))
    out = tmp_path / "run"
    options = ["--reader", "llm", "--endpoint", endpoint.url, "--model", "org/one", "--model", "org/two"]
    result = prosona_eval("run", "--data", data, *options, "--out", out, "--no-plots")
    assert "| one | hicupid | 8 |" in result.output
    assert "| two | hicupid | 8 |" in result.output
    assert "| direct | Qwen3-8B | Qwen3-8B | 47.02 |" in result.output
    kept = [json.loads(line) for line in (out / "readings.jsonl").read_text().splitlines()]
    assert all("Item A:" in row["prompt"] and row["answer"] for row in kept)
    assert len((out / "answers.jsonl").read_text().splitlines()) == 4
    assert "Answers with the profile" in (out / "report.md").read_text()


def test_a_model_needs_an_address_and_a_name(data: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="needs --endpoint and --model"):
        prosona_eval("run", "--data", data, "--reader", "llm", "--out", tmp_path / "run")


def test_variants_that_exclude_each_other_and_unknown_profilers_are_refused(
    data: Path, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInputError, match="not both"):
        prosona_eval("run", "--data", data, "--mix-with", data, "--transfer-to", data)
    for name, reason in (("oracle", "is no profiler"), ("json:oracle", "could not be made")):
        with pytest.raises(InvalidInputError, match=reason):
            prosona_eval("run", "--data", data, "--profiler", name, "--out", tmp_path / "run")


def test_a_profiler_of_ones_own_is_found_by_its_place(data: Path, tmp_path: Path) -> None:
    place = "prosona.profiler.testing:ScriptedProfiler"
    result = prosona_eval("run", "--data", data, "--profiler", place, "--out", tmp_path / "run", "--no-plots")
    assert result.exit_code == 0
    assert json.loads((tmp_path / "run" / "results.json").read_text())["run"]["profiler"] == place


def test_profiles_that_could_not_be_made_are_said_with_the_reason(data: Path, tmp_path: Path) -> None:
    options = ["--profiler", "llm", "--profiler-url", "http://127.0.0.1:9", "--profiler-model", "m"]
    result = prosona_eval(
        "run", "--data", data, *options, "--out", tmp_path / "run", "--no-plots", "--people", 1
    )
    assert "films: 1 of 1 profiles are incomplete" in result.stderr
    assert "| lexical | films | 2 | 50.0" in result.stdout


def test_a_report_sets_runs_side_by_side_with_paired_differences(data: Path, tmp_path: Path) -> None:
    prosona_eval("run", "--data", data, "--out", tmp_path / "with", "--no-plots")
    prosona_eval("run", "--data", data, "--out", tmp_path / "raw", "--no-plots", "--setting", "direct")
    result = prosona_eval("report", tmp_path / "with", tmp_path / "raw")
    assert "| reader | set | with | raw | raw minus with |" in result.output
    assert "| +0.0 [+0.0, +0.0] |" in result.output


def test_a_folder_without_results_is_no_finished_run(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="is no finished run"):
        prosona_eval("report", tmp_path)


def test_conversations_are_measured_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "talks.jsonl"
    turns = [{"role": "user", "content": "I love chess."}] * 4
    questions = [{"evidence_preference": "I love chess."}]
    path.write_text(json.dumps({"user_id": "ana", "turns": turns, "questions": questions}) + "\n")
    result = prosona_eval("conversations", path)
    assert "| talks.jsonl | 1 | 100.0 [100.0, 100.0] |" in result.output


def test_a_converted_set_can_be_run(tmp_path: Path) -> None:
    movies, ratings = tmp_path / "movies.csv", tmp_path / "ratings.csv"
    movies.write_text("movieId,title,genres\n" + "".join(f"{n},Film {n},Drama\n" for n in range(20)))
    rows = (f"{user},{n},4.0,{n}\n" for user in (1, 2) for n in range(8))
    ratings.write_text("userId,movieId,rating,timestamp\n" + "".join(rows))
    out = tmp_path / "movielens.jsonl"
    assert "2 users" in prosona_eval("convert", "movielens", movies, ratings, "--out", out).output
    result = prosona_eval("run", "--data", out, "--out", tmp_path / "run", "--no-plots", "--setting", "full")
    assert "| direct | Qwen3-8B | Qwen3-8B | 88.57 |" in result.output
    assert "| **full** | **builtin** | lexical |" in result.output
