"""`simfunnel sensitivity`: bars, ranges, many inputs, and what is said when something does not hold."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from simfunnel.report.screens.sensitivity import effect
from simfunnel.report.words import THOUSAND
from simfunnel.study import End
from tests.cli.conftest import TINY, Command

FEW = ("--replications", "6")
FOUR = ("--input", "channels.web.leads", "--input", "acceptance.rate", "--input", "stages")


def asked(cli: Command, tiny: str, *words: str) -> dict[str, Any]:
    done = cli("sensitivity", tiny, "--json", *FEW, *words)
    assert (done.code, done.err) == (0, "")
    result: dict[str, Any] = json.loads(done.out)
    return result


def test_each_input_has_a_bar_with_its_ends_and_their_intervals(cli: Command, tiny: str) -> None:
    done = cli("sensitivity", tiny, *FEW, *FOUR)

    assert done.code == 0
    for words in ("REVENUE", "INPUT", "low to high", "acceptance.rate", "55.6% to 64.3%", "+/-", "Holm", "--seed 1"):
        assert words in done.out


def test_the_json_names_the_inputs_their_ends_and_effects(cli: Command, tiny: str) -> None:
    result = asked(cli, tiny, *FOUR)

    assert (result["schema"], result["plan"], result["engine"]) == ("simfunnel.sensitivity/1", "today", "auto")
    bars = {bar["input"]: bar for bar in result["bars"]}
    assert {bar["origin"] for bar in bars.values()} == {"typed", "assumed"}
    assert bars["channels.web.leads"]["low"] == "36.4 / week"
    assert bars["channels.web.leads"]["high"] == "44 / week"
    assert bars["stages.discovery.conversion"]["high_mean"] > bars["stages.discovery.conversion"]["low_mean"]


def test_the_csv_has_a_row_for_each_number(cli: Command, tiny: str) -> None:
    done = cli("sensitivity", tiny, "--csv", *FEW, *FOUR)

    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert {row["kind"] for row in rows} <= {"today", "bar", "together"}
    assert sum(row["kind"] == "bar" for row in rows) == len({row["input"] for row in rows if row["kind"] == "bar"})


def test_inputs_that_do_not_matter_are_named_where_there_is_no_room_for_bars(
    cli: Command, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("--input", "acceptance.rate", "--input", "channels.web.day_to_day_swing", "--input", "channels.web.leads")
    shown = {}
    for width in ("60", "100"):
        monkeypatch.setenv("COLUMNS", width)
        shown[width] = " ".join(cli("sensitivity", tiny, *FEW, *words).out.split())

    assert "inputs move it detectably; acceptance.rate, channels.web.day_to_day_swing: no detectable" in shown["60"]
    assert "in light bars, or none: no detectable difference" in shown["100"]


def test_a_small_uncertainty_is_not_shown_as_none() -> None:
    end = End("", -7_010.0, 310.0)

    assert effect(end, "money", THOUSAND) == "-7.0 +/- 0.3"


def test_a_typed_range_moves_between_its_own_ends_and_luck_is_told_from_not_knowing(cli: Command, tiny: str) -> None:
    done = cli("sensitivity", tiny, *FEW, "--set", "acceptance.rate=40% to 80%", "--input", "acceptance.rate")

    assert "40% to 80% *" in done.out
    assert "SPREAD" in done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--metric", "revenu"), "did you mean revenue?"),
        (("--metric", "conversion"), "is not a metric with one value for a whole plan"),
        (("--input", "acceptance.rat"), "did you mean acceptance.rate?"),
        (("--input", "pools.SDR.reps"), "names no number that is moved"),
        (("--what-if", "strict"), "there is no what-if of this name"),
    ],
)
def test_what_is_not_there_is_refused_with_a_remedy(cli: Command, tiny: str, words: tuple[str, ...], said: str) -> None:
    done = cli("sensitivity", tiny, *words)

    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_a_decision_is_moved_where_a_range_is_typed_for_it(cli: Command, tiny: str) -> None:
    result = asked(cli, tiny, "--set", "pools.SDR.reps=1 to 3", "--input", "pools.SDR.reps")

    ((bar),) = result["bars"]
    assert (bar["low"], bar["today"], bar["high"]) == ("1", "2", "3")


def test_many_inputs_without_salib_all_get_their_bar_and_a_note_says_so(
    cli: Command, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "SALib", None)
    words = ("sensitivity", tiny, "--metric", "profit", "--replications", "2")
    without, asked_for = cli(*words), cli(*words, "--no-screening")

    assert (without.code, without.err) == (0, "")
    assert "NOTE      each of " in without.out
    assert "SALib is installed (pip install SALib)" in without.out
    assert "SALib" not in asked_for.out


def test_a_metric_without_a_value_has_no_bars_and_one_year_tells_nothing(cli: Command, tiny: str) -> None:
    Path("nobody.yaml").write_text(TINY.replace("{mql_rate: 40%}", "{threshold: 900}").split("what_ifs:")[0])
    few = ("--replications", "1", "--input", "stages")
    done = cli("sensitivity", "nobody.yaml", *few, "--metric", "win_rate_of_mqls", "--metric", "revenue")

    said = " ".join(done.out.split())
    assert done.code == 0
    assert "WIN RATE OF MQLS has no value in 1 simulated period: nothing to move" in said
    assert "REVENUE $0 today" in said
    assert "one simulated period cannot tell a difference from luck" in said


def test_a_long_path_goes_on_at_a_dot(cli: Command, tiny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    done = cli("sensitivity", tiny, *FEW, "--input", "stages")

    assert "\nstages.discovery." in done.out
    assert "\nconversion" in done.out


def test_the_unit_of_times_is_named_over_their_effects(cli: Command, tiny: str) -> None:
    done = cli("sensitivity", tiny, *FEW, "--input", "acceptance.rate", "--metric", "response_median")

    assert "at low, min" in done.out
    assert "at high, min" in done.out
