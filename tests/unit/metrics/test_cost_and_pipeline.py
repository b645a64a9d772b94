"""What the period cost, and what is still open when it ends."""

from __future__ import annotations

import numpy as np
import pytest

from simfunnel.ledger import columns as c
from simfunnel.metrics import Measures, measure
from simfunnel.plan.model import CampaignFacts
from tests.unit.metrics.factory import (
    AE,
    CHAT,
    END,
    FEBRUARY,
    RUN_IN,
    SDR,
    WEB,
    Row,
    ledger,
    phase,
    plan,
    roster,
    rules,
    with_phases,
)


def test_leads_cost_what_their_channel_costs_when_they_are_created() -> None:
    dearer = phase(start_h=FEBRUARY, cost_per_lead=np.array([100.0, 25.0]))
    leads = [{"created": t, "channel": ch} for t, ch in ((-1.0, WEB), (0.0, WEB), (1.0, CHAT), (FEBRUARY, WEB))]

    m = measure(with_phases(plan(), phase(), dearer), ledger(leads=leads))

    assert m.value("lead_cost") == 60 + 25 + 100
    assert [m.value("lead_cost", month=k) for k in range(3)] == [85, 100, 0]


def test_a_campaigns_leads_are_paid_by_the_campaign_on_its_first_day() -> None:
    m = measure(plan(), ledger(leads=[{"created": 41 * 24.0, "campaign": 0}]))

    assert m.value("lead_cost") == 0
    assert m.value("campaign_cost") == 500
    assert m.value("campaign_cost", month=1) == 500
    assert m.value("campaign_cost", channel="web") == 500


@pytest.mark.parametrize("first_day", [-1, 90])
def test_a_campaign_that_begins_outside_the_period_is_booked_outside(first_day: int) -> None:
    m = measure(plan(campaign_facts=(CampaignFacts(WEB, 500.0, first_day),)), ledger())

    assert m.value("campaign_cost") == 0


def test_reps_cost_their_calendar_days_on_the_headcount() -> None:
    """240 a day: 90 days, and 59 from February; a cheaper phase from the 60th day."""
    staff = roster((SDR, RUN_IN, np.inf), (AE, FEBRUARY, np.inf))

    m = measure(plan(roster=staff), ledger())
    cheaper = phase(start_h=60 * 24.0, pools=(rules(cost_per_day=100.0), rules()))
    changed = measure(with_phases(plan(roster=staff), phase(), cheaper), ledger())

    assert m.value("rep_cost", pool="SDR") == 90 * 240
    assert m.value("rep_cost", pool="AE", rep=0) == 59 * 240
    assert m.value("rep_cost", month=0) == 31 * 240
    assert changed.value("rep_cost", pool="SDR") == 60 * 240 + 30 * 100


def test_commission_is_paid_in_the_pool_that_won_at_the_rate_of_that_day() -> None:
    leads = [{"outcome": c.WON, "closed_at": t, "value": 1000.0} for t in (30.0, FEBRUARY)]
    tasks = [{"lead": k, "stage": 1, "pool": AE, "rep": 0, "decision": c.ADVANCED} for k in range(2)]
    better_paid = phase(start_h=FEBRUARY, pools=(rules(), rules(commission=0.2)))

    m = measure(with_phases(plan(), phase(), better_paid), ledger(leads=leads, tasks=tasks))

    assert m.value("commission_cost") == 300
    assert m.value("commission_cost", pool="AE") == 300
    assert m.value("commission_cost", pool="SDR") == 0


def test_nurture_costs_by_the_stay_begun_in_the_period() -> None:
    entries = [{"entered": t, "entry": k} for k, t in enumerate((-1.0, 0.0, FEBRUARY))]

    m = measure(plan(), ledger(leads=[{"channel": CHAT}], entries=entries))

    assert m.value("nurture_cost") == 8
    assert m.value("nurture_cost", channel="chat") == 8


def year() -> Measures:
    """An SDR who works 3 hours on web and 1 on chat, an AE who works on web only; one web deal of 100,000."""
    deal = {"outcome": c.WON, "closed_at": 30.0, "value": 100_000.0, "created": 1.0}
    leads = [deal, {"channel": CHAT, "created": 1.0}]

    def task(lead: int, pool: int, effort: float, decision: int) -> Row:
        done = {"lead": lead, "stage": pool, "pool": pool, "rep": 0, "started": 2.0, "ended": 9.0}
        return {**done, "effort": effort, "decision": decision}

    tasks = [task(0, SDR, 3.0, c.ADVANCED), task(1, SDR, 1.0, c.REJECTED_CONTACT), task(0, AE, 5.0, c.ADVANCED)]
    staff = roster((SDR, 0.0, np.inf), (AE, 0.0, np.inf))
    return measure(plan(roster=staff, campaign_facts=(CampaignFacts(WEB, 0.0, 0),)), ledger(leads=leads, tasks=tasks))


REP = 90 * 240.0


def test_cost_is_the_sum_of_its_kinds() -> None:
    m = year()

    assert m.value("cost") == 60 + 25 + 2 * REP + 10_000
    assert m.value("profit") == 100_000 - m.value("cost")
    assert m.value("cost_per_win") == m.value("cost")
    assert m.value("roi") == m.value("profit") / m.value("cost")


def test_channels_share_a_pools_reps_by_hours_of_work() -> None:
    m = year()

    assert m.value("cost", channel="web") == pytest.approx(60 + 0.75 * REP + REP + 10_000)
    assert m.value("cost", channel="chat") == pytest.approx(25 + 0.25 * REP)
    assert m.value("profit", channel="chat") == pytest.approx(-25 - 0.25 * REP)
    assert m.value("cost", channel="web") + m.value("cost", channel="chat") == pytest.approx(m.value("cost"))


def test_wasted_work_costs_its_share_of_the_pool() -> None:
    m = year()

    assert m.value("wasted_cost", pool="SDR") == pytest.approx(REP / 4)
    assert m.value("wasted_cost") == pytest.approx(REP / 4)


def test_months_add_up_to_cost_and_profit() -> None:
    m = year()

    for name in ("cost", "profit"):
        assert sum(m.value(name, month=k) for k in range(3)) == pytest.approx(m.value(name))


def pipeline() -> Measures:
    """Open: one accepted in its second pass, one at proposal, one not reached; in nurture: one of two accepted."""
    outcomes = (c.OPEN, c.OPEN, c.OPEN, c.IN_NURTURE, c.IN_NURTURE, c.WON)
    leads: list[Row] = [{"outcome": o, "value": 10.0**k, "channel": k % 2} for k, o in enumerate(outcomes)]
    leads[5]["closed_at"] = 9.0
    passes = [
        {"lead": 0, "pass": 2, "accepted": 1, "stage": 0},
        {"lead": 0, "pass": 1, "accepted": 0},
        {"lead": 1, "accepted": 1, "stage": 1},
        {"lead": 2, "accepted": -1},
        {"lead": 3, "accepted": 1, "stage": 1},
        {"lead": 5, "accepted": 1, "stage": 2},
    ]
    return measure(plan(), ledger(leads=leads, passes=passes))


def test_the_open_pipeline_is_the_value_of_accepted_deals_still_being_worked() -> None:
    m = pipeline()

    assert m.value("open_pipeline") == 11
    assert m.value("open_deals") == 2
    assert m.value("open_pipeline", stage="proposal") == 10
    assert m.value("open_pipeline", channel="web") == 1


def test_deals_in_nurture_and_leads_not_reached_are_told_apart() -> None:
    m = pipeline()

    assert m.value("nurture_pipeline") == 1000
    assert m.value("leads_in_nurture") == 2
    assert m.value("leads_open") == 3


def test_the_pipeline_is_that_of_the_periods_end() -> None:
    lead = {"outcome": c.OPEN, "created": END - 1, "value": 5.0}

    m = measure(plan(), ledger(leads=[lead], passes=[{"lead": 0, "accepted": 1}]))

    assert m.value("open_pipeline") == 5
