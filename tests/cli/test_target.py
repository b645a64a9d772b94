"""`simfunnel target`: the answer, the refusal, and what is said when something does not hold."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from simfunnel.study.target.result import COLUMNS
from tests.cli.conftest import Command

FEW = ("--replications", "20")
REPS = ("--lever", "pools.SDR.reps")


def test_the_screen_has_today_the_calculator_the_plan_and_why_they_differ(cli: Command, tiny: str) -> None:
    done = cli("target", tiny, "--revenue", "200k", "--lever", "channels.*.volume", *REPS, *FEW)

    assert done.code == 0
    for words in (
        "TARGET",
        "$200k of revenue by 7 Mar 2027, in 80 of 100 periods",
        "calculator",
        "you own",
        "Revenue, middle period",
        "SDR reps",
        "CHEAPEST",
        "fresh periods",
        "SDRs alone cannot",
        "WHY",
        "luck",
        "TIMING",
        "a lead made after",
        "a new SDR",
        "ASSUMED",
        "--seed 1",
    ):
        assert words in " ".join(done.out.split())


def test_a_target_out_of_reach_is_exit_code_3_with_its_limit(cli: Command, tiny: str) -> None:
    done = cli("target", tiny, "--revenue", "9M", *REPS, *FEW)

    assert done.code == 3
    for words in ("OUT OF REACH", "at most", "LIMIT", "the bar for an MQL", "relaxed, with", "ENOUGH"):
        assert words in done.out
    assert max(map(len, done.out.splitlines())) <= 80


def test_the_file_says_what_the_target_is_when_the_command_does_not(cli: Command, tiny: str) -> None:
    done = cli("target", tiny, "--json", *REPS, *FEW, "--by", "2027-02-28")
    result: dict[str, Any] = json.loads(done.out)

    assert (done.code, done.err) == (0, "")
    assert result["schema"] == "simfunnel.target/1"
    assert result["goal"] == {"metric": "revenue", "wanted": 100_000.0, "chance": 0.8, "by": "2027-02-28"}
    assert result["verdict"] == "already"
    assert result["changes"] == {}
    assert result["calculator"]["all"]["revenue"] == pytest.approx(100_000)
    assert set(result["chance"]) == {"today", "searched", "fresh"}


@pytest.mark.slow
def test_csv_is_one_row_a_number_and_workers_change_none(cli: Command, tiny: str) -> None:
    words = ("target", tiny, "--wins", "30", "--csv", *REPS, *FEW)
    one, two = cli(*words), cli(*words, "--workers", "2")
    rows = list(csv.DictReader(io.StringIO(one.out)))

    assert one.out == two.out
    assert tuple(rows[0]) == COLUMNS
    assert {row["kind"] for row in rows} >= {"chance", "lever", "value", "last date"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--lever", "pools.SDR.repz"), "names 'repz', which pools.SDR has not; did you mean reps?"),
        (("--lever", "qualification.mql_rate"), "needs the levels between which it may move"),
        (("--lever", "stages.discovery.conversion=40%:60%"), "says how the world is"),
        (("--lever", "pools.SDR.reps=9:3"), "does not go from a lower to a higher level"),
        (("--by", "2027-13-01"), "is not a date like"),
        (("--by", "2028-01-01"), "does not lie in the period"),
        (("--wins", "10", "--profit", "1M"), "--wins and --profit exclude each other"),
        (("--revenue", "much"), "this is not an amount of money"),
        (("--revenue", "0"), "reached by doing nothing"),
        (("--revenue", "€5M"), "is not in USD, the currency of the scenario: amounts are not converted"),
        (("--by", "2027-02-01", "--from", "2027-02-02"), "comes after 2027-02-01, the last day that counts"),
        (("--lever", "channels.web.volume=40:400000 / week"), "leads a simulated period, more than can be searched"),
        (("--confidence", "120%"), "--confidence"),
        (("--confidence", "99%", "--replications", "50"), "it takes 299 or more"),
        (("--replications", "auto"), "a target takes a number"),
        (("--price", "pools.AE.reps=5k", *REPS), "is the price of no lever"),
        (("--price", "5k", *REPS), "is not PATH=AMOUNT"),
    ],
)
def test_what_cannot_be_asked_is_told_with_a_remedy(cli: Command, tiny: str, words: tuple[str, ...], said: str) -> None:
    done = cli("target", tiny, *words)

    assert (done.code, done.out) == (2, "")
    assert said in " ".join(done.err.split())


def test_profit_of_a_file_without_such_a_target_has_to_be_typed(cli: Command, tiny: str) -> None:
    Path(tiny).write_text(Path(tiny).read_text().replace("target: {revenue: 100k, confidence: 80%}\n", ""))

    done = cli("target", tiny)

    assert done.code == 2
    assert "give --revenue AMOUNT" in done.err


def test_a_loss_may_be_the_profit_asked_for(cli: Command, tiny: str) -> None:
    done = cli("target", tiny, "--profit", "-20k", *REPS, *FEW)

    assert done.code == 0
    assert "-$20k of profit by 7 Mar 2027" in done.out
    assert "nothing has to change" in done.out
