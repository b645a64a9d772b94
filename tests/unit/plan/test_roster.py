"""The headcount: a stack of reps with dates and ramps."""

from __future__ import annotations

import numpy as np
import pytest

from simfunnel.plan.model import Plan, Roster
from simfunnel.plan.pools import headcounts
from tests.unit.plan.scenes import framed, planned

START = -364.0


def of(plan: Plan, pool: str) -> list[tuple[int, int, float, float]]:
    """(number, position, first day, last day) of each rep of a pool."""
    rows = plan.roster
    here = rows.pool == plan.pools.index(pool)
    return list(
        zip(
            rows.number[here].tolist(),
            rows.position[here].tolist(),
            (rows.joins_h[here] / 24).tolist(),
            (rows.leaves_h[here] / 24).tolist(),
            strict=True,
        )
    )


def row(roster: Roster, pool: int, number: int) -> tuple[float, float]:
    """(start_at, ramp_days) of one rep."""
    at = np.flatnonzero((roster.pool == pool) & (roster.number == number))[0]
    return float(roster.start_at[at]), float(roster.ramp_days[at])


def test_reps_are_there_from_the_run_in_on() -> None:
    assert of(planned("pools.SDR.reps=2"), "SDR") == [(0, 0, START, np.inf), (1, 1, START, np.inf)]


def test_a_hire_joins_on_its_day_and_ramps() -> None:
    plan = planned("pools.SDR.reps=1", "pools.SDR.hires=[{on: 2027-03-01, reps: 1, ramp: 3 months, start_at: 40%}]")

    assert of(plan, "SDR")[1] == (1, 1, 56.0, np.inf)
    assert row(plan.roster, 1, 1) == (0.4, 91.25)
    assert row(plan.roster, 1, 0) == (1.0, 0.0)


def test_the_last_hired_leaves_first_and_a_new_hire_takes_the_free_place_with_a_new_number() -> None:
    plan = planned(
        "pools.SDR.reps=3",
        "pools.SDR.hires=[{on: 2027-03-01, reps: -2}, {on: 2027-04-01, reps: 1}]",
    )

    assert of(plan, "SDR") == [(0, 0, START, np.inf), (1, 1, START, 56.0), (2, 2, START, 56.0), (3, 1, 87.0, np.inf)]


def test_hires_of_the_run_in_are_on_the_headcount_at_the_start() -> None:
    plan = planned("pools.SDR.reps=1", "pools.SDR.hires=[{on: 2026-12-05, reps: 1, ramp: 60 days, start_at: 0.4}]")

    assert of(plan, "SDR")[1] == (1, 1, -30.0, np.inf)


def test_a_what_if_adds_and_takes_reps_at_its_start_fully_productive() -> None:
    more = planned("pools.SDR.reps=1", what_if="{pools.SDR.reps: 2 more}")
    fewer = planned("pools.SDR.reps=3", what_if="{from: 2027-02-01, pools.SDR.reps: 1}")

    assert of(more, "SDR")[1:] == [(1, 1, 0.0, np.inf), (2, 2, 0.0, np.inf)]
    assert row(more.roster, 1, 2) == (1.0, 0.0)
    assert of(fewer, "SDR") == [(0, 0, START, np.inf), (1, 1, START, 28.0), (2, 2, START, 28.0)]


def test_dated_hires_go_on_after_a_switch() -> None:
    plan = planned(
        "pools.SDR.reps=2",
        "pools.SDR.hires=[{on: 2027-02-01, reps: 1}, {on: 2027-05-03, reps: 1}]",
        what_if="{from: 2027-03-01, pools.SDR.reps: 1 less}",
    )

    assert of(plan, "SDR") == [
        (0, 0, START, np.inf),
        (1, 1, START, np.inf),
        (2, 2, 28.0, 56.0),
        (3, 2, 119.0, np.inf),
    ]


def test_a_leaver_after_the_switch_leaves_as_typed() -> None:
    plan = planned(
        "pools.SDR.reps=2", "pools.SDR.hires=[{on: 2027-05-03, reps: -1}]", what_if="{pools.SDR.reps: 1 more}"
    )

    assert of(plan, "SDR")[2] == (2, 2, 0.0, 119.0)


def test_unlimited_reps_need_no_roster() -> None:
    plan = planned("pools.SDR.reps=unlimited")

    assert of(plan, "SDR") == []
    assert plan.phases[0].pools[1].unlimited


def test_from_unlimited_to_a_number_everybody_joins_at_the_switch() -> None:
    plan = planned("pools.SDR.reps=unlimited", what_if="{pools.SDR.reps: 2}")

    assert of(plan, "SDR") == [(0, 0, 0.0, np.inf), (1, 1, 0.0, np.inf)]
    assert [phase.pools[1].unlimited for phase in plan.phases] == [True, False]


def test_productive_days_count_ramps_by_whole_days() -> None:
    frame = framed("pools.SDR.reps=1", "pools.SDR.hires=[{on: 2027-01-06, reps: 1, ramp: 4 days, start_at: 20%}]")
    count = headcounts(frame)["SDR"]

    assert count.daily(0, 8)[1].sum() == pytest.approx(8.0 + 0.2 + 0.4 + 0.6 + 0.8 + 1.0 + 1.0)
    assert count.daily(1, 3)[0].tolist() == [1.0, 2.0]
