"""What came in, what advanced and what was won, counted by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simfunnel.ledger import columns as c
from simfunnel.metrics import TABLE, Measures, keys_of, measure
from tests.unit.metrics.factory import (
    AE,
    CHAT,
    DISCOVERY,
    END,
    FEBRUARY,
    MARCH,
    PROPOSAL,
    SDR,
    WEB,
    Row,
    ledger,
    phase,
    plan,
)


def task(lead: int, stage: int, ended: float, decision: int, **changes: object) -> Row:
    """A task of one hour that ends at `ended`; SDR 0 does discovery, AE 0 proposal."""
    usual = {"entered": ended - 2, "queued": ended - 2, "started": ended - 1, "effort": 1.0, "rep": 0}
    return {"lead": lead, "stage": stage, "pool": stage, "ended": ended, "decision": decision, **usual, **changes}


def in_hand(lead: int, stage: int, started: float) -> Row:
    """A task that is under way when the period ends."""
    return {**task(lead, stage, started + 1, c.PENDING), "ended": np.nan}


def won(channel: int, created: float, closed_at: float, value: float, **changes: object) -> Row:
    """A lead that was won."""
    lead = {"channel": channel, "created": created, "closed_at": closed_at, "value": value, "outcome": c.WON}
    return {**lead, "passes": 1, **changes}


def wins() -> Measures:
    """Web: 100 won in January (of a run-in lead) and 300 in March; chat: 50 in March; one won before the period."""
    leads = [
        won(WEB, -100.0, 10.0, 100.0),
        won(WEB, 5.0, MARCH, 300.0, campaign=0),
        won(CHAT, 6.0, MARCH + 1, 50.0),
        won(WEB, -600.0, -1.0, 999.0),
    ]
    tasks = [task(k, PROPOSAL, lead["closed_at"], c.ADVANCED) for k, lead in enumerate(leads)]
    return measure(plan(), ledger(leads=leads, tasks=tasks))


def test_revenue_counts_what_is_won_in_the_period_whenever_the_lead_was_made() -> None:
    m = wins()

    assert m.value("revenue") == 450
    assert m.value("wins") == 3
    assert m.value("deal_size") == 150


def test_revenue_is_split_by_month_channel_campaign_pool_and_rep() -> None:
    m = wins()

    assert [m.value("revenue", month=k) for k in range(3)] == [100, 0, 350]
    assert [m.value("revenue", channel=name) for name in ("web", "chat")] == [400, 50]
    assert m.value("revenue", campaign="fair") == 300
    assert [m.value("revenue", pool=name) for name in ("SDR", "AE")] == [0, 450]
    assert m.value("revenue", pool="AE", rep=0) == 450


def test_a_win_at_the_very_end_is_not_in_the_period() -> None:
    m = measure(plan(), ledger(leads=[won(WEB, 0.0, END, 100.0)]))

    assert m.value("revenue") == 0


def test_a_win_without_a_task_has_no_pool_but_counts() -> None:
    m = measure(plan(), ledger(leads=[won(WEB, 0.0, 5.0, 100.0)]))

    assert m.value("revenue") == 100
    assert m.value("revenue", pool="AE") == 0


@pytest.mark.parametrize(("target", "share"), [(450.0, 1.0), (450.01, 0.0)])
def test_the_target_is_reached_at_or_above_it(target: float, share: float) -> None:
    m = measure(plan(target_revenue=target), ledger(leads=[won(WEB, 0.0, 5.0, 450.0)]))

    assert m.value("target_reached") == share


def test_without_a_target_there_is_nothing_to_reach() -> None:
    assert math.isnan(wins().value("target_reached"))


def test_leads_are_those_created_in_the_period() -> None:
    leads = [{"created": t, "channel": CHAT} for t in (-1.0, 0.0, FEBRUARY, END - 1)]

    m = measure(plan(), ledger(leads=leads))

    assert m.value("leads") == 3
    assert [m.value("leads", month=k) for k in range(3)] == [1, 1, 1]
    assert m.value("leads", channel="web") == 0


def passes() -> Measures:
    """Lead 0: MQL at creation, rejected, back after nurture, accepted; 1: qualifies after nurture only; 2: never."""
    leads = [{"created": 1.0, "passes": 2}, {"created": 2.0, "channel": CHAT, "passes": 1}, {"created": 3.0}]
    rows = [
        {"lead": 0, "pass": 1, "started": 1.0, "first_response_at": 4.0, "accepted": 0, "pool": SDR, "rep": 1},
        {"lead": 0, "pass": 2, "started": FEBRUARY, "first_response_at": MARCH, "accepted": 1, "pool": SDR, "rep": 0},
        {"lead": 1, "pass": 1, "started": FEBRUARY},
    ]
    return measure(plan(), ledger(leads=leads, passes=rows))


def test_mqls_are_passes_by_their_start_and_number() -> None:
    m = passes()

    assert m.value("mqls") == 3
    assert [m.value("mqls", pass_=k) for k in (1, 2, 3)] == [2, 1, 0]
    assert [m.value("mqls", month=k) for k in range(3)] == [1, 2, 0]


def test_what_qualifies_after_nurture_is_recycled_even_the_first_time() -> None:
    m = passes()

    assert m.value("recycled_mqls") == 2
    assert m.value("mql_rate") == pytest.approx(1 / 3)


def test_sals_are_accepted_first_contacts_dated_by_the_contact() -> None:
    m = passes()

    assert (m.value("contacts"), m.value("sals"), m.value("rejected")) == (2, 1, 1)
    assert m.value("acceptance_rate") == 0.5
    assert [m.value("sals", month=k) for k in range(3)] == [0, 0, 1]
    assert m.value("acceptance_rate", pool="SDR", rep=1) == 0
    assert m.value("reached_share") == pytest.approx(2 / 3)


def decisions() -> Measures:
    """Discovery: an advance, a return (postponed, then advanced), a loss, a no-show, a rejection, one in hand."""
    done = [
        task(0, DISCOVERY, 10.0, c.ADVANCED),
        task(1, DISCOVERY, 11.0, c.POSTPONED),
        task(1, DISCOVERY, MARCH + 2, c.ADVANCED, rep=1),
        task(2, DISCOVERY, 12.0, c.NOT_ADVANCED),
        task(3, DISCOVERY, 13.0, c.NOBODY_THERE, kind=c.NO_SHOW, effort=0.5),
        task(4, DISCOVERY, 14.0, c.REJECTED_CONTACT, effort=0.25),
        in_hand(5, DISCOVERY, 14.0),
        task(0, PROPOSAL, -5.0, c.ADVANCED),
        task(6, PROPOSAL, 20.0, c.TO_NURTURE),
    ]
    outcomes = (c.WON, c.OPEN, c.LOST, c.OPEN, c.REJECTED, c.OPEN, c.IN_NURTURE)
    leads = [{"outcome": o, "closed_at": np.nan if o in (c.OPEN, c.IN_NURTURE) else 30.0} for o in outcomes]
    return measure(plan(), ledger(leads=leads, tasks=done))


def test_conversion_is_advances_over_decisions_and_every_return_counts_again() -> None:
    m = decisions()

    assert m.value("decisions", stage="discovery") == 4
    assert m.value("advances", stage="discovery") == 2
    assert m.value("conversion", stage="discovery") == 0.5
    assert m.value("conversion", stage="proposal") == 0
    assert m.value("conversion", stage="discovery", month=2) == 1


def test_the_cohort_counts_each_lead_once_and_says_what_is_still_open() -> None:
    """Six leads entered discovery in the period, 0 and 1 advanced, 3 and 5 may still."""
    m = decisions()

    assert m.value("cohort_conversion", stage="discovery") == pytest.approx(2 / 6)
    assert m.value("cohort_open", stage="discovery") == pytest.approx(2 / 6)
    assert m.value("cohort_open", stage="proposal") == 1


def test_opportunities_are_advances_from_the_first_stage() -> None:
    m = decisions()

    assert m.value("opportunities") == 2
    assert m.value("opportunities", pool="SDR", rep=1) == 1


def test_work_on_rejected_contacts_is_wasted() -> None:
    m = decisions()

    assert m.value("wasted_hours") == 0.25
    assert m.value("work_hours") == pytest.approx(3 + 1 + 0.5 + 0.25 + 1)
    assert m.value("wasted_share", pool="SDR") == pytest.approx(0.25 / 4.75)


def test_what_is_lost_on_the_way_is_counted_by_how_it_left() -> None:
    ends = (c.P_COLD, c.P_BALKED, c.P_LEAKED, c.P_WON)
    outcomes = (c.WENT_COLD, c.BALKED, c.LEAKED, c.WON, c.LOST, c.DISQUALIFIED, c.OPTED_OUT, c.OPTED_OUT)
    leads = [{"outcome": o, "closed_at": 9.0, "value": 200.0} for o in outcomes]
    left = [{"lead": k, "left_to": to, "left_at": 9.0, "started": 1.0} for k, to in enumerate(ends)]

    m = measure(plan(), ledger(leads=leads, passes=left))

    found = [m.value(name) for name in ("went_cold", "balked", "leaked", "lost", "disqualified", "opted_out")]
    assert found == [1, 1, 1, 1, 1, 2]
    assert m.value("went_cold", pool="SDR") == 1


def test_leaked_value_is_deal_value_times_wins_per_mql_that_did_not_leak() -> None:
    """Three MQLs: one leaks with a deal of 200, one of the other two wins: 200 x 1/2."""
    leads = [won(WEB, 0.0, 9.0, 50.0), {"outcome": c.LOST, "closed_at": 9.0}, {"outcome": c.LEAKED, "value": 200.0}]
    ends = (c.P_WON, c.P_LOST, c.P_LEAKED)
    rows = [{"lead": k, "started": 1.0, "left_to": to, "left_at": 9.0} for k, to in enumerate(ends)]

    m = measure(plan(), ledger(leads=leads, passes=rows))

    assert m.value("leaked_value") == 100


def test_every_metric_of_the_table_is_measured_by_every_split_it_names() -> None:
    m = measure(plan(), ledger())

    assert m.keys == keys_of(plan())
    assert len(set(m.keys)) == len(m.keys)
    assert len(m.numerator) == len(m.denominator) == len(m.keys)
    by_clause = {name for name, metric in TABLE.items() if not metric.whole and "clause" in metric.splits}
    assert {key.metric for key in m.keys} == set(TABLE) - by_clause  # the plan has no clauses


def test_the_keys_depend_on_the_plan_and_not_on_what_happened() -> None:
    assert wins().keys == passes().keys == decisions().keys


def test_months_channels_and_passes_add_up_to_the_whole() -> None:
    for m in (wins(), passes(), decisions()):
        values = dict(zip(m.keys, m.numerator, strict=True))
        for name in ("revenue", "wins", "leads", "mqls", "contacts", "sals", "opportunities", "work_hours"):
            whole = m.value(name)
            for part in ("month", "channel"):
                parts = [v for k, v in values.items() if k.metric == name and getattr(k, part) not in ("", -1)]
                assert sum(parts) == pytest.approx(whole), (name, part)


def test_a_phase_that_nurtures_more_often_has_more_passes_to_tell_apart() -> None:
    passes_of = [{key.pass_ for key in keys_of(plan(phases=(phase(cycles=n),)))} for n in (0, 3, 40)]

    assert [max(found) for found in passes_of] == [1, 4, 9]


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        wins().value("revenue", channel="radio")


def test_no_rep_is_told_apart_in_a_roster_of_hundreds() -> None:
    from tests.unit.metrics.factory import RUN_IN, roster

    crowd = roster(*[(AE, RUN_IN, np.inf)] * 201)

    assert all(key.rep == -1 for key in keys_of(plan(roster=crowd)))
    assert measure(plan(roster=crowd), ledger()).value("reps", pool="AE") == 201
