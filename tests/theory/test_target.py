"""The search for a target against the funnel whose answer is known (R26): leads that a team of twelve needs."""

from __future__ import annotations

import pytest

from simfunnel.scenario import Scenario, parse
from simfunnel.study import TargetResult, target
from simfunnel.theory.erlang import erlang_a
from simfunnel.verify.small_funnels import desk, hours

DAYS, REPS, PER_DAY, QUALIFY, WIN, DEAL = 200, 12, 2.0, 0.4, 0.12, 25_000.0
LEADS_IGNORING_REPS, LEADS_NEEDED, CEILING = 58.33333333, 67.52639551, 72_000.0  # a day, of R26
STEP = 0.5


@pytest.fixture(scope="module")
def funnel() -> Scenario:
    """R26 as a planner types it; today's few leads never wait, so that today's rates are the typed ones."""
    return parse(
        desk(
            {"leads": {"leads": "20 / day", "deal_value": DEAL}},
            REPS,
            hours(24 / PER_DAY),
            days=DAYS,
            run_in=20,
            patience=hours(48),
            call={"conversion": WIN},
            qualification={"mql_rate": QUALIFY},
        )
    )


def asked(funnel: Scenario, per_day: float, periods: int) -> TargetResult:
    """The long run: half of the periods reach the target, with leads that have come for long."""
    lever = f"channels.leads.volume=50:80:{STEP} / day"
    return target(funnel, per_day * DAYS, confidence=0.5, levers=[lever], replications=periods, start="settled")


def test_the_funnel_is_that_of_the_reference_case() -> None:
    pool = erlang_a(LEADS_NEEDED * QUALIFY, PER_DAY, REPS, 0.5)

    assert pool.throughput * WIN * DEAL == pytest.approx(70_000, rel=1e-6)
    assert pytest.approx(CEILING) == REPS * PER_DAY * WIN * DEAL


@pytest.mark.slow
def test_the_leads_that_a_target_takes_are_those_of_the_formula(funnel: Scenario) -> None:
    found = asked(funnel, 70_000.0, 100)

    assert found.verdict == "found"
    assert found.estimate_at == pytest.approx(LEADS_NEEDED, rel=0.01, abs=STEP)
    assert found.too_little is not None
    assert found.too_little < LEADS_NEEDED <= found.levers[0].level + STEP
    assert found.calculator is not None
    assert found.calculator.all.leads / DAYS == pytest.approx(LEADS_IGNORING_REPS, rel=0.01)
    assert found.fresh.low <= 0.5 + 0.15
    assert found.fresh.high >= 0.5


@pytest.mark.slow
def test_a_target_above_the_ceiling_is_refused_with_the_team_that_limits_it(funnel: Scenario) -> None:
    found = asked(funnel, 75_000.0, 50)

    assert found.verdict == "out of reach"
    assert found.binding is not None
    assert (found.binding.kind, found.binding.name, found.binding.reaches) == ("pool", "desk", "yes")
    most = found.estimate("revenue")
    assert most is not None
    assert most.mean / DAYS < CEILING + most.half_width / DAYS
    assert most.mean / DAYS == pytest.approx(CEILING, rel=0.02)
