"""Runs whose inputs are ranges: what is drawn, what it shows, and that nothing else can change it."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simfunnel import study
from simfunnel.engine import AUTO
from simfunnel.plan.today.solve import Base
from simfunnel.scenario import Scenario, parse, ranges_of, with_values
from simfunnel.study import NotKnowing, RunResult
from simfunnel.study.calibrate.calibrate import Middle, calibrate, calibrate_near, middle_of
from simfunnel.study.sensitivity import draws
from simfunnel.study.sensitivity.draws import ATTEMPTS, Draw, RangedPlan, even_luck, luck_of, simulate_draw, values_of
from simfunnel.study.years.table import REVENUE
from simfunnel.study.years.work import Work

FUNNEL = """
period: {start: 2027-01-04, weeks: 9, run_in: 8 weeks}
channels: {web: {leads: 40 / week, deal_value: 7k}}
qualification: {mql_rate: 40%}
acceptance: 60%
pools:
  SDR: {stages: [discovery], reps: 2, selling_time: 50%}
  AE: {stages: [proposal], reps: 2, selling_time: 50%}
stages: [{name: discovery, conversion: 50%}, {name: proposal, conversion: 50%}]
what_ifs:
  dearer: {channels.web.deal_value: 6k to 12k}
  more: {channels.web.leads: 20% more}
"""
WIDE = {"stages.proposal.conversion": "20% to 80%"}
CONVERSION = "stages.proposal.conversion"


def funnel(values: dict[str, str]) -> Scenario:
    return with_values(parse(FUNNEL), values)


@pytest.fixture(scope="module")
def wide() -> RunResult:
    return study.run(funnel(WIDE), replications=40, seed=3)


def numbers(result: RunResult) -> object:
    return result.as_dict()["metrics"]


def not_knowing(result: RunResult) -> NotKnowing:
    assert result.not_knowing is not None
    return result.not_knowing


def share(values: dict[str, str], replications: int = 40) -> float:
    found = not_knowing(study.run(funnel(values), replications=replications)).of("revenue")
    assert found is not None
    return found.share


# --- what is told apart ----------------------------------------------------------------------------------------------


def test_luck_and_not_knowing_are_told_apart(wide: RunResult) -> None:
    found = not_knowing(wide)
    revenue, leads = found.of("revenue"), found.of("leads")

    assert (found.draws, found.years, found.redrawn) == (20, 2, 0)
    assert [each.text for each in found.ranges] == ["20% to 80%"]
    assert revenue is not None
    assert 0.4 < revenue.low < revenue.share < revenue.high < 1
    assert leads is not None
    assert leads.low == 0  # how many leads come has nothing to do with conversion


def test_the_range_of_outcomes_holds_what_is_not_known_too(wide: RunResult) -> None:
    revenue, luck = wide.estimate("revenue"), not_knowing(wide).of("revenue")

    assert revenue is not None
    assert luck is not None
    assert revenue.p10 < luck.luck_p10 < luck.luck_p90 < revenue.p90
    both = luck.luck_sd**2 + luck.inputs_sd**2
    assert luck.inputs_sd**2 / both == pytest.approx(luck.share)


def test_a_narrow_range_leaves_luck_alone() -> None:
    assert share({CONVERSION: "49.9% to 50.1%"}) < 0.3 < share({CONVERSION: "10% to 90%"})


def test_the_half_width_counts_groups_of_draws_not_years(wide: RunResult) -> None:
    samples = wide.samples["today"]
    revenue = wide.estimate("revenue")
    means = samples.values(REVENUE).reshape(4, 10).mean(axis=1)

    assert revenue is not None
    assert revenue.mean == pytest.approx(means.mean())
    assert revenue.half_width == pytest.approx(3.182 * means.std(ddof=1) / np.sqrt(4), rel=1e-3)


def test_typed_rates_are_compared_with_the_mean_of_what_was_drawn(wide: RunResult) -> None:
    rates = {rate.path: rate for rate in wide.typed}
    drawn = [values_of(ranges_of(wide.scenario), 3, number)[CONVERSION] for number in range(20)]

    assert rates[CONVERSION].typed == pytest.approx(np.mean(drawn))
    assert all(rate.met for rate in wide.typed)


def test_too_few_draws_are_simulated_but_not_told_apart() -> None:
    result = study.run(funnel(WIDE), replications=4)

    assert (not_knowing(result).draws, not_knowing(result).spreads) == (5, ())
    assert result.replications == 5


def test_without_ranges_a_run_knows_nothing_of_them() -> None:
    result = study.run(funnel({}), replications=2)

    assert result.not_knowing is None
    assert "not_knowing" not in result.as_dict()


def test_at_the_middles_a_run_is_that_of_a_file_that_types_them() -> None:
    middle = study.run(funnel(WIDE), replications=2, draw=False)
    typed = study.run(funnel({CONVERSION: "50%"}), replications=2)

    assert numbers(middle) == numbers(typed)
    assert middle.not_knowing is None


def test_json_has_the_ranges_the_draws_and_every_share(wide: RunResult) -> None:
    found = wide.as_dict()["not_knowing"]

    assert found["ranges"] == [
        {"path": CONVERSION, "typed": "20% to 80%", "low": 0.2, "high": 0.8, "unit": "", "kind": "share"}
    ]
    assert (found["draws"], found["replications_a_draw"]) == (20, 2)
    assert {"revenue", "wins", "leads"} <= {each["metric"] for each in found["spreads"]}


# --- what cannot change it -------------------------------------------------------------------------------------------


def test_the_number_of_workers_does_not_change_a_number(wide: RunResult) -> None:
    with ThreadPoolExecutor(3) as pool:
        again = study.run(funnel(WIDE), replications=40, seed=3, executor=pool, workers=3)

    assert again.as_dict() == wide.as_dict()


def test_a_range_is_drawn_alike_whatever_else_is_a_range() -> None:
    alone, beside = funnel(WIDE), funnel({**WIDE, "acceptance.rate": "50% to 70%"})

    for number in range(5):
        one, other = (values_of(ranges_of(each), 1, number) for each in (alone, beside))
        assert one[CONVERSION] == other[CONVERSION]


def test_five_draws_fill_each_range_evenly_and_pair_ranges_at_random() -> None:
    one, other = ([even_luck(1, path, number) for number in range(1000)] for path in ("a", "b"))

    fifths = np.floor(5 * np.reshape(one, (-1, 5)))
    assert np.sort(fifths, axis=1).tolist() == [[0, 1, 2, 3, 4]] * 200
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.1


def test_luck_is_even_and_independent_between_ranges() -> None:
    one, other = ([luck_of(1, path, number) for number in range(4000)] for path in ("a", "b"))

    assert np.histogram(one, 10, (0, 1))[0] == pytest.approx(400, abs=80)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.05


def test_more_years_go_on_with_the_same_draws(wide: RunResult) -> None:
    fewer = study.run(funnel(WIDE), replications=20, seed=3)

    first = wide.samples["today"].values(REVENUE)[:20]
    assert fewer.samples["today"].values(REVENUE).tolist() == first.tolist()


def test_a_stop_keeps_whole_groups_of_draws() -> None:
    asked = itertools.count()

    result = study.run(funnel(WIDE), replications=40, stop=lambda: next(asked) >= 8)

    assert result.cancelled
    assert (result.replications, not_knowing(result).draws) == (10, 5)


def test_auto_looks_at_the_means_of_groups() -> None:
    result = study.run(funnel(WIDE), replications="auto", precision=0.9)

    assert result.precision.reached
    assert (result.replications, not_knowing(result).years) == (50, 5)


# --- what-ifs --------------------------------------------------------------------------------------------------------


def test_a_range_in_a_what_if_is_drawn_with_the_plan_that_has_it() -> None:
    scenario = funnel({})

    today = study.run(scenario, replications=20)
    plan = study.run(scenario, what_ifs=["dearer"], replications=20)

    assert today.not_knowing is None
    assert [each.path for each in not_knowing(plan).ranges] == ['what_ifs.dearer."channels.web.deal_value"']
    values = plan.samples["dearer"].values(REVENUE) / np.maximum(
        plan.samples["dearer"].values(next(k for k in plan.samples["dearer"].keys if k.metric == "wins")), 1
    )
    assert len(set(np.round(values[values > 0]))) > 5


def test_a_plan_changes_what_was_drawn() -> None:
    scenario = funnel({"channels.web.leads": "20 to 80 / week"})

    today = study.run(scenario, replications=20).estimate("leads")
    more = study.run(scenario, what_ifs=["more"], replications=20).estimate("leads")

    assert today is not None
    assert more is not None
    assert more.mean == pytest.approx(1.2 * today.mean, rel=0.02)


# --- draws that do not fit, and overloaded ones ----------------------------------------------------------------------


def first_attempts(scenario: Scenario) -> tuple[int, int]:
    """(a draw that fits at once, one whose wait has its p90 below its median)."""
    fits, clashes = -1, -1
    for number in range(400):
        values = values_of(ranges_of(scenario), 1, number)
        median, p90 = (float(str(value).split()[0]) for value in values.values())
        fits, clashes = (number, clashes) if median < p90 else (fits, number)
    return fits, clashes


def test_inputs_that_cannot_be_together_are_drawn_anew() -> None:
    wait = "{median: 4 to 13 days, p90: 14 to 15 days}"
    scenario = parse(FUNNEL.replace("name: proposal,", f"name: proposal, wait: {wait},"))
    middle = middle_of(scenario, calibrate(scenario), "simpy")
    fits, clashes = first_attempts(scenario)

    assert min(fits, clashes) >= 0
    drawn = [
        simulate_draw(Draw(RangedPlan(scenario, ranges_of(scenario), 1, 1, 0.01), middle, number, 1, "simpy"))
        for number in (fits, clashes)
    ]
    assert drawn[0].attempts == 0
    assert 0 < drawn[1].attempts < ATTEMPTS


def test_a_draw_in_which_a_team_cannot_keep_up_is_a_possible_year() -> None:
    values = {"channels.web.leads": "10 to 300 / week", "pools.SDR.reps": "1"}

    assert study.run(funnel(values), replications=10).replications == 10


# --- constants near known ones ---------------------------------------------------------------------------------------

SELECTING = """
period: {start: 2027-01-04, weeks: 26, run_in: 52 weeks}
channels:
  web: {leads: 70 / week, deal_value: 10k}
  chat: {leads: 30 / week, deal_value: 10k, quality: 0.5, patience: 4 hours}
qualification: {threshold: 55}
acceptance: {rate: 60%, rejected_to: nurture}
pools:
  SDR: {stages: [discovery], reps: 3}
  AE: {stages: [proposal], reps: 4}
speed_to_lead: {default: {odds: {0 hours: 1, 4 hours: 0.5, 24 hours: 0.2}}}
stages:
  - {name: discovery, conversion: 45%, effort: 1 hour}
  - {name: proposal, conversion: 25%, effort: 2 hours, wait: 7 days}
nurture: {delay: 21 days, score_lift: 5}
"""


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Scenario, Path, Middle]]:
    """A calibrated middle; full calibrations here and of what is near it take a quarter of the usual years."""
    scenario, kept = parse(SELECTING), tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("USUAL_YEARS", "MOST_YEARS"):
            patch.setattr(f"simfunnel.study.calibrate.calibrate.{name}", 16)
        yield scenario, kept, middle_of(scenario, calibrate(scenario, cache_dir=kept), AUTO)


@pytest.mark.parametrize(
    "values",
    [
        {"pools.SDR.reps": 2},
        {"stages.discovery.conversion": "60%", "acceptance.rate": "75%"},
        {"channels.web.leads": "90 / week", "speed_to_lead.default.strength": 0.5},
    ],
    ids=str,
)
def test_constants_near_a_calibrated_base_are_those_of_a_full_calibration(
    known: tuple[Scenario, Path, Middle], values: dict[str, object]
) -> None:
    """Within 0.05 in log-odds and standard deviations, where the middle's own constants miss by several tenths."""
    scenario, kept, middle = known
    moved = with_values(scenario, values)

    near, full = calibrate_near(moved, middle, AUTO), calibrate(moved, cache_dir=kept)

    assert near.intercepts == pytest.approx(full.intercepts, abs=0.05)
    assert near.cut == pytest.approx(full.cut, abs=0.05)


def test_where_nothing_selects_they_come_from_integrals() -> None:
    scenario = funnel({})
    moved = with_values(scenario, {CONVERSION: "70%"})

    near = calibrate_near(moved, middle_of(scenario, calibrate(scenario), "simpy"), "simpy")

    assert near == calibrate(moved)
    assert Base(moved).rates == (0.5, 0.7)


def test_draws_are_packed_some_groups_at_a_time_and_say_what_all_at_once_say(
    wide: RunResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought: list[weakref.ref[Any]] = []
    held: list[int] = []

    def watched(*args: Any, **more: Any) -> list[Any]:
        at_hand = sum(each() is not None for each in brought)
        found: list[Any] = run(*args, **more)
        if all(isinstance(each, draws.Drawn) for each in found):  # and not what is known of the middle
            held.append(at_hand)
            brought.extend(weakref.ref(year.numerator) for drawn in found for year in drawn.measures)
        return found

    run = Work.run
    monkeypatch.setattr(Work, "run", watched)
    monkeypatch.setattr(draws, "ROWS_A_PART", 1)

    found = study.run(funnel(WIDE), replications=40, seed=3)

    assert held == [0, 0, 0, 0]  # five draws of two years each time
    assert numbers(found) == numbers(wide)
