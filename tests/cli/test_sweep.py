"""`simfunnel sweep`: curve, map, answer, and what is said when something does not hold."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from simfunnel.app.cli.studies import Objective
from simfunnel.study import OBJECTIVES
from tests.cli.conftest import Command

ROOT = Path(__file__).parents[2]
FEW = ("--replications", "4", "--no-score")
REPS = ("--lever", "pools.SDR.reps=0:3:1")
RATE = ("--lever", "qualification.mql_rate=20%:60%:20%")


def asked(cli: Command, tiny: str, *words: str) -> dict[str, Any]:
    done = cli("sweep", tiny, "--json", *FEW, *words)
    assert (done.code, done.err) == (0, "")
    result: dict[str, Any] = json.loads(done.out)
    return result


def test_the_screen_has_the_curve_the_best_and_the_answer(cli: Command, tiny: str) -> None:
    done = cli("sweep", tiny, *RATE, "--replications", "6")

    assert done.code == 0
    for words in (
        "mql_rate",
        "40% today",
        "SDR",
        "busy",
        "wasted",
        "BEST",
        "ANSWER",
        "fresh seeds",
        "If the score were",
    ):
        assert words in done.out
    assert "impossible" not in done.out


def test_a_level_that_cannot_be_is_shown_and_the_others_are_swept(cli: Command, tiny: str) -> None:
    done = cli("sweep", tiny, *REPS, *FEW)

    assert done.code == 0
    assert "0: impossible, leaves the pool without anybody" in " ".join(done.out.split())


def test_two_levers_are_a_map_with_its_ridge(cli: Command, tiny: str) -> None:
    done = cli("sweep", tiny, *REPS, *RATE, *FEW)

    assert done.code == 0
    assert "rows pools.SDR.reps, columns qualification.mql_rate" in done.out
    assert "RIDGE: the best mql_rate at each SDR.reps" in done.out
    assert "[" in done.out.split("RIDGE")[0]  # today


def test_the_json_is_one_object_without_a_word_beside_it(cli: Command, tiny: str) -> None:
    result = asked(cli, tiny, *REPS, "--objective", "wins", "--zone", "2")

    assert (result["schema"], result["engine"]) == ("simfunnel.sweep/1", "auto")
    assert result["objective"] == {"metric": "wins", "unit": "count"}
    assert result["zone"] == {"amount": 2.0, "assumed": False}
    assert [level["status"] for level in result["levels"]] == ["impossible", "ok", "ok", "ok"]
    assert result["levels"][2]["today"]
    assert result["start"] == "period"


def test_the_csv_has_a_row_for_each_number(cli: Command, tiny: str) -> None:
    done = cli("sweep", tiny, "--csv", *FEW, *REPS, *RATE)

    rows = list(csv.DictReader(io.StringIO(done.out)))
    revenue = [row for row in rows if row["kind"] == "level" and row["metric"] == "revenue"]
    assert len(revenue) == 9
    assert {row["lever"] for row in revenue} == {"pools.SDR.reps"}
    assert sum(row["best"] == "True" for row in revenue) == 1
    assert {row["status"] for row in rows} == {"impossible", "ok", ""}


def test_levels_may_begin_on_a_date(cli: Command, tiny: str) -> None:
    done = cli("sweep", tiny, *RATE, *FEW, "--from", "2027-02-01")

    assert "levels hold from 1 Feb 2027" in done.out


def test_the_objectives_of_the_command_are_those_of_the_study() -> None:
    assert {each.value for each in Objective} == set(OBJECTIVES)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name a lever and its levels"),
        (["--lever", "pools.SDR.reps"], "has no steps; write --lever pools.SDR.reps=FROM:TO:STEP"),
        (["--lever", "pools.SDR.rep=1:3:1"], "did you mean reps?"),
        (["--lever", "pools.SDR.reps=3:1:1"], "does not go from a lower to a higher level"),
        (["--lever", "qualification.mql_rate=20:60:10"], "write 20%"),
        (["--lever", "target.revenue=1M:2M:100k"], "change it with --set"),
        ([*RATE, "--lever", "qualification.near_miss=1:90:1"], "at most 200 cells"),
        ([*RATE, "--objective", "happiness"], "happiness"),
        ([*RATE, "--objective", "sla_months_kept"], "has no sla"),
        ([*RATE, "--zone", "much"], "--zone"),
        ([*RATE, "--zone", "0"], "is not above zero"),
        ([*RATE, "--zone", "€5k"], "is not in USD, the currency of the scenario: amounts are not converted"),
        ([*RATE, "--replications", "1"], "at least 2"),
        ([*RATE, "--precision", "1%"], "--precision"),
        ([*RATE, "--from", "2031-02-01"], "does not lie in the period"),
        (["--lever", "stages.proposal.conversion=30%:60%:30%", "--from", "2027-02-01"], "cannot begin on a date; drop"),
        (["--lever", "channels.web.volume=40:400000:199980 / week"], "leads a simulated period, more than can be"),
        (["--lever", "score.accuracy.auc=0.95:0.99:0.02"], "quality odds are too weak"),
    ],
)
def test_a_wrong_question_is_told_with_its_remedy(cli: Command, tiny: str, words: list[str], said: str) -> None:
    done = cli("sweep", tiny, *words)

    assert (done.code, done.out) == (2, "")
    assert said in done.err
