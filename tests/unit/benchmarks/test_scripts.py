"""The benchmarks import, answer, and run at their smallest sizes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import cold, growth, markdown, peers, profile_steps, thresholds, turns, workers
from benchmarks.players import PLAIN, PLAYERS, REFERENCE, Player
from benchmarks.turns import Turn
from tests.architecture.house import ROOT

SCRIPTS = ("peers", "c_loop", "profile_steps", "growth", "cold", "workers", "thresholds")
ENGINE = "simpy"


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_says_what_it_does_from_any_folder(name: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / f"{name}.py"), "--help"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert f"python benchmarks/{name}.py" in done.stdout


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("peers", ["--rounds", "0"]),
        ("peers", ["--write", "--only", "C"]),
        ("c_loop", ["--replications", "1"]),
        ("profile_steps", ["--n", "1"]),
        ("growth", ["--rounds", "0"]),
        ("cold", ["--rounds", "0"]),
        ("workers", ["--items", "0"]),
        ("thresholds", ["--replications", "1"]),
    ],
)
def test_a_wrong_option_is_refused_in_a_sentence(name: str, words: list[str]) -> None:
    script = str(ROOT / "benchmarks" / f"{name}.py")

    done = subprocess.run([sys.executable, script, *words], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "error:" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_player_of_this_project_and_plain_simpy_can_be_measured() -> None:
    for player in PLAYERS[:2]:
        found = turns.measured(player, 200, 1, 0.0)

        assert 100 < found.leads < 300
        assert found.seconds_a_lead > 0
        assert found.peak >= found.before > 0


def test_a_player_that_fails_says_so(tmp_path: Path) -> None:
    file = tmp_path / "broken.py"
    file.write_text("def run(n, seed):\n    raise RuntimeError('no luck today')\n", encoding="utf-8")

    with pytest.raises(SystemExit, match="no luck today"):
        turns.turn(Player("broken", module=str(file)), 100, 1, 0.0)


def fake(seconds: float, leads: int = 1_000, wins: int = 90) -> Turn:
    """A turn of two replications that differ a little."""
    counts = {"leads": leads, "mqls": 560, "tasks": 840, "went_cold": 30, "wins": wins, "revenue": 1e6}
    outs = [{**counts, "seconds": seconds * leads, "wins": wins + k} for k in (-1.0, 1.0)]
    return Turn(outs, 1e6, 1e6 + 100.0 * leads)


def test_the_table_shows_ratios_by_round() -> None:
    measured = {PLAIN: [fake(20e-6), fake(22e-6)], "C loop": [fake(0.5e-6), fake(0.5e-6)]}
    large = peers.Large({"C loop": [fake(1e-6)]}, {"C loop": [fake(0.5e-6)]})

    text = peers.speed_table(measured, large)

    assert "| C loop | 2,000,000 | 42.0 (40.0 to 44.0) | 100.0% | 2.00 | 1.00 | 100 |" in text
    assert f"| {PLAIN} | 47,619 | 1 | 2.4% | - | - | - |" in text


def test_a_goal_is_told_with_what_was_measured_and_whether_it_is_met() -> None:
    measured = {PLAIN: [fake(20e-6)], peers.COMPILED: [fake(0.8e-6)], "C loop": [fake(0.4e-6)]}
    large = peers.Large(
        {peers.COMPILED: [fake(1.6e-6)], "C loop": [fake(0.5e-6)]},
        {peers.COMPILED: [fake(0.8e-6)], "C loop": [fake(0.4e-6)]},
    )

    told = peers.goals(measured, large).splitlines()

    assert told[0] == f"- Goal: at least 20 times {PLAIN}. Here 25.0 times: met."
    assert told[1].endswith("Here 50.0%: met.")
    assert told[2].endswith("Here 1.60 times: not met.")
    assert peers.goals({PLAIN: [fake(20e-6)]}, peers.Large()) == ""


def test_a_caption_names_the_command_with_its_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/there/benchmarks/peers.py", "--million", "--write", "--rounds", "3"])

    assert markdown.command() == "python benchmarks/peers.py --million --rounds 3"


def test_a_mean_that_is_too_far_off_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    measured = {PLAIN: [fake(20e-6)] * 5, "C loop": [fake(1e-6, wins=100)] * 5, REFERENCE: [fake(1e-6, wins=9)]}

    wrong = peers.disagreements(measured, [Player(PLAIN), Player("C loop"), Player(REFERENCE)])

    assert [line.split(" is ")[0] for line in wrong] == ["C loop: wins"]
    assert "Means over replications" in capsys.readouterr().out


def test_a_table_is_put_into_its_place_and_nowhere_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- peers -->\nold\n<!-- end of peers -->\nafter\n", encoding="utf-8")

    markdown.put("peers", "new", page)

    assert page.read_text(encoding="utf-8") == "before\n<!-- peers -->\nnew\n<!-- end of peers -->\nafter\n"
    with pytest.raises(SystemExit, match="no place between"):
        markdown.put("others", "new", page)


@pytest.mark.parametrize(
    "place",
    [peers.PLACE, peers.LARGEST_PLACE, profile_steps.PLACE, growth.PLACE, cold.PLACE, thresholds.PLACE],
)
def test_the_page_about_speed_has_a_place_for_every_table(place: str) -> None:
    text = markdown.PAGE.read_text(encoding="utf-8")

    assert text.count(f"<!-- {place} -->") == text.count(f"<!-- end of {place} -->") == 1


def test_the_decision_about_workers_has_a_place_for_its_table() -> None:
    assert f"<!-- {workers.PLACE} -->" in workers.PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("engine", profile_steps.SPANS)
def test_every_step_of_a_replication_is_found_in_its_profile(engine: str) -> None:
    spent, leads = profile_steps.profiled(profile_steps.plan_for(300), engine, 0)

    assert set(spent) == set(profile_steps.STEPS)
    assert 200 < leads < 400


@pytest.mark.parametrize("name", growth.VARIED)
def test_every_generated_funnel_can_be_simulated(name: str) -> None:
    variants = growth.VARIED[name][-2:]

    text = growth.growth_of(name, variants, [ENGINE], 1, 1_000)

    assert text.count("\n") >= 2


def test_the_pools_of_a_generated_funnel_share_its_stages() -> None:
    for pools in (1, 2, 3, 4):
        funnel = growth.Funnel(stages=8, pools=pools)

        assert [stage for pool in range(pools) for stage in funnel.stages_of(pool)] == list(range(8))


def test_levels_of_a_sweep_are_measured() -> None:
    assert growth.growth_of_levels([ENGINE], 1, (1, 2), 300).count("\n") == 3


@pytest.mark.parametrize("kind", ["one process", "threads"])
def test_work_items_are_measured_on_every_kind_of_executor(kind: str) -> None:
    assert all(seconds > 0 for seconds in workers.seconds_of(kind, 2, 2, ENGINE, 2, tiny=True))


def test_every_study_of_thresholds_is_timed() -> None:
    timed = thresholds.studies((58, 60), None, 1, tiny=True)

    text, seconds = thresholds.table(timed, 2, 1)

    assert text.count("\n") == 4
    assert all(found > 0 for found in seconds.values())


def test_the_seconds_of_a_process_are_its_own() -> None:
    wall, used = cold.seconds_of([sys.executable, "-c", "sum(range(2_000_000))"])

    assert wall > 0
    assert used > 0


@pytest.mark.slow
def test_the_groups_for_pytest_benchmark_run() -> None:
    words = ["benchmarks", "-n", "0", "--tiny", "--benchmark-disable", "-q", "-p", "no:cacheprovider"]
    words += ["-k", "not shipped or minimal"]  # of the shipped scenarios one

    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout[-3000:]
