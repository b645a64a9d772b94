"""Targets: the calculator backwards, the search, what limits it, why the two differ, and the last dates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from simfunnel.errors import ScenarioError, StoppedError
from simfunnel.metrics import Key
from simfunnel.scenario import lever_of, parse, set_value
from simfunnel.study import levels, run, target
from simfunnel.study.target.calculator import Calculator
from simfunnel.study.target.limits import Relaxed, chance_of, limits, merged
from simfunnel.study.target.moves import Move, Now, TargetGoal, either_way, price_of, read_levers, upward
from simfunnel.study.target.search import Looks
from simfunnel.study.target.study import _grid
from simfunnel.study.target.trials import Changes, Trials, World
from simfunnel.study.years.work import Work
from tests.unit.study.targets import RAW, funnel

pytestmark = pytest.mark.usefixtures("few_pilots")


@pytest.fixture(scope="module")
def trials() -> Trials:
    return Trials(funnel(), 1, "period", None, Work())


def calculator(trials: Trials, goal: TargetGoal) -> Calculator:
    return Calculator(trials.scenario, trials.plan({}), trials.samples({}, 20), goal)


GOAL = TargetGoal("revenue", 500_000.0, 0.8, date(2027, 3, 28))


def test_the_calculator_reproduces_today_and_brings_the_target_backwards(trials: Trials) -> None:
    sheet = calculator(trials, GOAL)
    today, needed = sheet.forwards({}), sheet.backwards(sheet.channels, 0.0)

    assert needed is not None
    assert today.all.revenue == pytest.approx(trials.values({}, Key("revenue"), 20).mean())
    assert needed.all.revenue == pytest.approx(GOAL.wanted)
    for name, steps in needed.by_channel.items():
        rates = sheet.rates[name]
        assert steps.wins == pytest.approx(
            steps.leads * rates.mqls * rates.reached * rates.accepted * np.prod(rates.stages)
        )
        assert steps.revenue == pytest.approx(steps.wins * rates.deal)
        assert steps.leads / today.by_channel[name].leads == pytest.approx(needed.times)
    assert needed.by_channel["web"].visits == pytest.approx(needed.by_channel["web"].leads / 0.02)
    assert np.isnan(needed.by_channel["fair"].visits)
    assert needed.reps["SDR"] >= today.reps["SDR"]


def test_only_the_channels_that_are_raised_bring_what_is_missing(trials: Trials) -> None:
    sheet = calculator(trials, GOAL)
    today, needed = sheet.forwards({}), sheet.backwards(["fair"], 0.0)

    assert needed is not None
    assert needed.all.revenue == pytest.approx(GOAL.wanted)
    assert needed.by_channel["web"] == today.by_channel["web"]


def test_leads_of_campaigns_do_not_grow_with_the_volume() -> None:
    spring = {"spring": {"from": "2027-01-11", "to": "2027-01-20", "leads": 100, "cost": "5k"}}
    scenario = parse(set_value(RAW, "channels.fair.campaigns", spring))
    sheet = calculator(Trials(scenario, 1, "period", None, Work()), GOAL)

    twice = sheet.forwards({"fair": 2.0}).by_channel["fair"].leads

    assert sheet.leads["fair"] - sheet.movable["fair"] == pytest.approx(100, abs=12)
    assert twice == pytest.approx(sheet.leads["fair"] + sheet.movable["fair"])


def test_no_number_of_leads_that_bring_nothing_is_told(trials: Trials) -> None:
    sheet = calculator(trials, GOAL)
    sheet.brings = dict.fromkeys(sheet.brings, 0.0)

    assert sheet.backwards(["web"], 0.0) is None


def test_a_target_that_today_reaches_needs_nothing() -> None:
    found = target(funnel(), 50_000, levers=["pools.SDR.reps"], replications=30)

    assert found.verdict == "already"
    assert found.changes == {}
    assert found.levers[0].level == 2


def test_a_day_within_the_period_counts_what_is_won_by_then(trials: Trials) -> None:
    until = Trials(funnel(), 1, "period", date(2027, 2, 3), Work())
    whole, early = trials.samples({}, 5), until.samples({}, 5)
    at = levels(funnel(), [{}], wanted=(("revenue", "month"),))
    at.extend(5)

    first = at.values(Key("revenue", month=0))[:, 0]  # 4 January to 3 February
    assert early.values(Key("revenue")).tolist() == first.tolist()
    assert (early.values(Key("leads")) < whole.values(Key("leads"))).all()
    assert (
        until.samples({}, 5, replace(until.now, whole=True)).values(Key("revenue")).tolist()
        == whole.values(Key("revenue")).tolist()
    )


def test_fresh_luck_is_that_of_the_next_seed(trials: Trials) -> None:
    other = Trials(funnel(), 2, "period", None, Work())

    fresh = trials.samples({}, 5, World(fresh=True)).values(Key("revenue"))
    assert fresh.tolist() == other.samples({}, 5).values(Key("revenue")).tolist()


@pytest.mark.parametrize(
    ("texts", "rule"),
    [
        (["stages.discovery.conversion=40%:60%"], "says how the world is"),
        (["qualification.threshold"], "needs the levels between which it may move"),
        (["pools.SDR.reps", "pools.*.reps=2:4"], "which --lever pools.SDR.reps moves too"),
        (["pools.SDR.repz"], "names 'repz'"),
    ],
)
def test_a_lever_that_cannot_be_moved_is_refused(texts: list[str], rule: str) -> None:
    with pytest.raises(ScenarioError, match=rule) as told:
        read_levers(funnel(), texts)

    assert all(problem.remedy for problem in told.value.problems)


@pytest.mark.parametrize(
    ("asked", "rule"),
    [
        ({}, "no revenue to reach is typed"),
        ({"wanted": 0.0}, "reached by doing nothing"),
        ({"wanted": 1.0, "confidence": 1.0}, "is not a share between 0% and 100%"),
        ({"wanted": 1.0, "by": date(2027, 6, 1)}, "does not lie in the period"),
        ({"wanted": 1.0, "prices": {"pools.AE.reps": 1.0}}, "is the price of no lever"),
    ],
)
def test_a_target_that_cannot_be_asked_is_refused(asked: dict[str, Any], rule: str) -> None:
    with pytest.raises((ScenarioError, ValueError), match=rule):
        target(funnel(), **asked)


def test_a_chance_that_so_few_periods_cannot_show_is_refused() -> None:
    with pytest.raises(ValueError, match="it takes 299 or more"):
        target(funnel(), 1.0, confidence=0.99, replications=200)


def test_reps_and_volumes_go_up_from_today_by_themselves() -> None:
    scenario = funnel()
    reps, leads = (upward(lever_of(scenario, path)) for path in ("pools.SDR.reps", "channels.fair.volume"))

    assert reps is not None
    assert leads is not None
    assert (reps.start, reps.end, reps.step) == (2, 7, 1)
    assert (leads.start, leads.end) == (10, 20)
    assert upward(lever_of(scenario, "qualification.threshold=40:60")) is None
    ends = [grid.end for grid in either_way(lever_of(scenario, "qualification.threshold=40:60:5"))]
    assert ends == [40, 60]


def test_what_is_relaxed_takes_the_place_of_what_the_plan_sets() -> None:
    changes = {"channels.*.volume": "1.2 times", "pools.SDR.reps": 4}

    relaxed = merged(funnel(), changes, {"channels.web.volume": "3 times", "pools.SDR.reps": "unlimited"})

    assert relaxed == {
        "channels.web.visits": "3 times",
        "channels.fair.leads": "1.2 times",
        "pools.SDR.reps": "unlimited",
    }


def priced(now: Now, path: str, price: float | None = None) -> Move:
    lever = lever_of(now.scenario, path)
    grid = upward(lever)
    assert grid is not None
    return price_of(lever, grid, now, {} if price is None else {path: price})


def test_a_plan_that_begins_later_is_paid_for_from_then_on(trials: Trials) -> None:
    whole = Now(funnel(), trials.plan({}), trials.samples({}, 20), 0, 83)
    late = replace(whole, first=63)

    assert priced(late, "pools.SDR.reps").cost(3) == pytest.approx(75_000 * 21 / 365)
    for path in ("channels.web.volume", "channels.*.volume"):
        assert priced(late, path).price == pytest.approx(priced(whole, path).price / 4)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("pools.AE.selling_time=40%:70%", 0.7),
        ("stages.proposal.wait=0.2x:1x", 0.8),
        ("qualification.near_miss=0:20", 20),
    ],
)
def test_any_other_lever_is_paid_for_by_the_unit_or_the_percentage_point(
    trials: Trials, text: str, level: float
) -> None:
    now = Now(funnel(), trials.plan({}), trials.samples({}, 20), 0, 83)
    lever = lever_of(now.scenario, text)
    move = price_of(lever, either_way(lever)[-1], now, {lever.path: 1_000.0})

    assert move.cost(level) == pytest.approx(20_000)


def test_leads_of_campaigns_are_not_paid_for_by_the_lead() -> None:
    spring = {"spring": {"from": "2027-01-11", "to": "2027-01-20", "leads": 100, "cost": "5k"}}
    with_spring = Trials(parse(set_value(RAW, "channels.fair.campaigns", spring)), 1, "period", None, Work())
    without = Trials(funnel(), 1, "period", None, Work())
    costs = [
        priced(Now(each.scenario, each.plan({}), each.samples({}, 10), 0, 83), "channels.fair.volume", 100.0).price
        for each in (with_spring, without)
    ]

    assert costs[0] == pytest.approx(costs[1])


class Curve(Trials):
    """Trials in which a metric is a function of what is set, the same in every replication."""

    def __init__(self, of: Callable[[dict[str, Any]], float]) -> None:
        super().__init__(funnel(), 1, "period", None, Work())
        self._of = of

    def values(self, changes: Changes, key: Key, n: int, world: World | None = None) -> np.ndarray:
        return np.full(n, self._of(dict(changes)))


def test_a_lever_with_a_sweet_spot_is_moved_towards_it_though_the_end_behind_it_is_worse() -> None:
    def hump(changes: dict[str, Any]) -> float:
        bar = float(changes.get("qualification.threshold", 50))
        return 1000 - (bar - 60) ** 2 if bar >= 50 else 900 - 10 * (50 - bar)

    lever = lever_of(funnel(), "qualification.threshold=20:90")

    assert hump({"qualification.threshold": 20}) > hump({"qualification.threshold": 90})
    assert _grid(Curve(hump), GOAL, lever).end == 90


def test_the_ceiling_of_several_levers_is_not_missed_between_the_levels_first_tried() -> None:
    def hump(changes: dict[str, Any]) -> float:
        bar, reps = float(changes.get("qualification.threshold", 50)), changes.get("pools.SDR.reps", 2)
        return 1000 - (bar - 53) ** 2 + 10.0 * int(reps)

    levers = [lever_of(funnel(), text) for text in ("qualification.threshold=50:90", "pools.SDR.reps=2:5")]
    grids = [either_way(levers[0])[0], upward(levers[1])]
    moves = [Move(lever, grid, 0.0, False) for lever, grid in zip(levers, grids, strict=True) if grid is not None]
    above = replace(GOAL, wanted=1045.0)

    assert Looks(Curve(hump), above, moves).ceiling(20) == (53.0, 5.0)


def test_a_limit_that_may_be_enough_is_looked_at_in_as_many_periods_as_can_show_it() -> None:
    trials, sure = Curve(lambda changes: 600_000.0 if changes else 400_000.0), replace(GOAL, chance=0.99)
    ways = [Relaxed("pool", "SDR", {"pools.SDR.reps": 20}, trials.now)]

    few, many = (limits(trials, sure, {}, ways, 50, most)[0] for most in (0, 300))

    assert (few.reaches, few.chance.periods) == ("perhaps", 50)
    assert (many.reaches, many.chance.periods) == ("yes", 300)


def test_a_lever_without_a_price_counts_as_free_and_a_typed_price_is_taken(trials: Trials) -> None:
    now = Now(funnel(), trials.plan({}), trials.samples({}, 20), 0, 83)
    today = now.samples

    free, typed = priced(now, "channels.fair.volume"), priced(now, "channels.fair.volume", 100.0)
    paid, reps = priced(now, "channels.web.volume"), priced(now, "pools.SDR.reps")

    assert (free.priced, free.cost(20.0)) == (False, 0.0)
    assert typed.cost(20.0) == pytest.approx(100.0 * today.values(Key("leads", channel="fair")).mean())
    assert paid.cost(4000.0) == pytest.approx(60.0 * today.values(Key("leads", channel="web")).mean())
    assert reps.cost(3) == pytest.approx(75_000 * 84 / 365)
    assert reps.cost(1) < 0


def test_a_search_that_is_stopped_shows_nothing() -> None:
    asked = iter(range(1000))

    with pytest.raises(StoppedError, match="nothing is shown"):
        target(funnel(), 400_000, levers=["pools.SDR.reps"], replications=30, stop=lambda: next(asked) > 12)


def test_progress_never_goes_back_and_ends_at_its_end_or_before(trials: Trials) -> None:
    told: list[tuple[int, int]] = []
    work = Work(on_progress=lambda step, done, total: told.append((done, total)) if step == "simulating" else None)
    other = Trials(funnel(), 1, "period", None, work)

    other.samples({}, 15)
    other.samples({"pools.SDR.reps": 3}, 15)

    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert all(done <= total for done, total in told)
    assert other.meter.done == 30


def test_leads_that_no_team_can_keep_up_with_are_simulated_all_the_same() -> None:
    patient = set_value(set_value(RAW, "channels.*.patience", "none"), "pools.SDR.selling_time", "50%")

    found = target(parse(patient), 5_000_000, levers=["channels.*.volume"], replications=20)

    assert found.verdict == "out of reach"
    assert not any("ends at" in warning for warning in found.warnings)


def test_today_s_column_has_as_many_periods_as_the_answer() -> None:
    """Few periods or many: what is said of today, and what the calculator makes of it, rests on those asked for."""
    scenario = funnel()

    found = target(scenario, 260e3, levers=["channels.*.volume"], replications=31)

    alone = run(scenario, replications=31)
    assert (found.today.periods, found.fresh.periods) == (31, 31)
    for metric in ("revenue", "leads", "wins"):
        told, same = found.estimate(metric, "today"), alone.estimate(metric)
        assert told is not None
        assert same is not None
        assert (told.mean, told.half_width) == (same.mean, same.half_width)


def test_a_chance_is_averaged_over_what_the_calibration_leaves() -> None:
    class Known:
        @staticmethod
        def calibrated(key: Key, values: np.ndarray) -> np.ndarray:
            return 0.01 * values

    goal = TargetGoal("revenue", 101.0, 0.8, date(2027, 12, 31))

    found = chance_of(Known, goal, np.array([100.0, 200.0, 50.0]))  # type: ignore[arg-type]

    assert found.share == pytest.approx((1 / 9 + 1 + 0) / 3)
    assert found.low < found.share < found.high
