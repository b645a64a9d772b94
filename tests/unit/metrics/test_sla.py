"""The agreement between marketing and sales, clause by clause."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simfunnel.ledger import columns as c
from simfunnel.metrics import Measures, measure
from simfunnel.metrics.keys import clause_names
from simfunnel.plan.model import Clause, Plan
from tests.unit.metrics.factory import (
    CHAT,
    DAY,
    END,
    FEBRUARY,
    JANUARY,
    MARCH,
    RUN_IN,
    SDR,
    WEB,
    Row,
    calendar,
    ledger,
    plan,
    roster,
)

MONTHS = (JANUARY, FEBRUARY, MARCH)
MQLS = Clause("marketing", "mqls", 2.0, 4.0)
WIN_SHARE = Clause("marketing", "win_share", 0.5, 1.0)
ACCEPTANCE = Clause("sales", "acceptance", 0.5, 1.0)
RESPONSE = Clause("sales", "response", 0.6, 1.0, within_h=8.0)


def with_clause(clause: Clause, **changes: object) -> Plan:
    return plan(clauses=(clause,), **changes)


def kept(m: Measures, clause: str) -> list[float]:
    """Whether the clause is kept in each month; nan when it cannot be judged."""
    return [m.value("sla_kept", part=clause, month=k) for k in range(3)]


def mqls(*counts: int, leads: tuple[int, ...] = ()) -> Measures:
    """So many passes in each month (of so many leads, by default the same number)."""
    born = [MONTHS[k] + 1 for k, n in enumerate(leads or counts) for _ in range(n)]
    started = [MONTHS[k] + 1 for k, n in enumerate(counts) for _ in range(n)]
    passes = [{"lead": k, "started": t} for k, t in enumerate(started)]
    return measure(with_clause(MQLS), ledger(leads=[{"created": t} for t in born], passes=passes))


def test_the_number_of_mqls_must_lie_in_its_range_each_month() -> None:
    m = mqls(2, 4, 5)

    assert kept(m, "marketing.mqls") == [1, 1, 0]
    assert m.value("sla_kept", part="marketing.mqls") == 0
    assert m.value("sla_months_kept", part="marketing.mqls") == 2
    assert m.value("sla_value", part="marketing.mqls", month=2) == 5
    assert m.value("sla_value", part="marketing.mqls") == pytest.approx(11 / 3)


def test_a_clause_kept_in_every_month_is_kept_all_year() -> None:
    m = mqls(2, 3, 4)

    assert m.value("sla_kept", part="marketing.mqls") == 1
    assert m.value("sla_months_kept") == 3


def test_only_whole_calendar_months_are_judged() -> None:
    """The period begins on 5 January: the rest of January is not judged, nor all year by it."""
    edges = np.array([0.0, 27 * DAY, 55 * DAY, 86 * DAY])
    p = with_clause(MQLS, day_zero=plan().day_zero + 4, month_start_h=edges, end_h=86 * DAY)
    passes = [{"lead": 0, "pass": k, "started": edges[1 + k % 2]} for k in range(6)]

    m = measure(p, ledger(leads=[{}], passes=passes))

    assert math.isnan(kept(m, "marketing.mqls")[0])
    assert kept(m, "marketing.mqls")[1:] == [1, 1]
    assert m.value("sla_kept", part="marketing.mqls") == 1
    assert m.value("sla_months_judged") == 2


def test_without_clauses_nothing_is_kept_or_judged() -> None:
    m = measure(plan(), ledger())

    assert m.value("sla_months_kept") == 0
    assert m.value("sla_months_judged") == 0


def test_too_few_leads_breach_by_volume_and_poorer_leads_by_mix() -> None:
    volume = mqls(3, 3, 1, leads=(6, 6, 2))
    mix = mqls(3, 3, 1, leads=(6, 6, 6))

    assert volume.value("sla_breaches_volume", part="marketing.mqls") == 1
    assert volume.value("sla_breaches_mix", part="marketing.mqls") == 0
    assert mix.value("sla_breaches_mix", part="marketing.mqls") == 1


def test_a_clause_may_be_about_one_channel() -> None:
    clause = Clause("marketing", "mqls", 1.0, math.inf, channel="chat")
    passes = [{"lead": 0, "started": 1.0}, {"lead": 1, "started": MARCH}]
    book = ledger(leads=[{"channel": WEB}, {"channel": CHAT}], passes=passes)

    m = measure(with_clause(clause), book)

    assert kept(m, "marketing.mqls[chat]") == [0, 0, 1]


def test_the_win_share_waits_until_the_month_has_closed() -> None:
    """January: 1 of 2 won; February: all open; March: closed, none won, none reached."""
    outcomes = (c.WON, c.LOST, c.OPEN, c.WENT_COLD)
    leads = [{"outcome": o, "closed_at": np.nan if o == c.OPEN else MARCH + 5} for o in outcomes]
    passes = [
        {"lead": k, "started": t + 1, "first_response_at": t + 2 if k < 2 else np.nan}
        for k, t in enumerate((JANUARY, JANUARY, FEBRUARY, MARCH))
    ]

    m = measure(with_clause(WIN_SHARE), ledger(leads=leads, passes=passes))

    assert kept(m, "marketing.win_share")[0] == 1
    assert math.isnan(kept(m, "marketing.win_share")[1])
    assert kept(m, "marketing.win_share")[2] == 0
    assert m.value("sla_months_judged", part="marketing.win_share") == 2


def test_a_win_share_that_only_waiting_spoilt_is_a_breach_by_capacity() -> None:
    outcomes = (c.WON, c.WENT_COLD, c.WENT_COLD)
    leads = [{"outcome": o, "closed_at": 20.0} for o in outcomes]
    passes = [{"lead": k, "started": 1.0, "first_response_at": 2.0 if k == 0 else np.nan} for k in range(3)]

    m = measure(with_clause(WIN_SHARE), ledger(leads=leads, passes=passes))

    assert m.value("sla_breaches_capacity", part="marketing.win_share") == 1


def test_acceptance_is_of_the_months_first_contacts() -> None:
    contacts = ((1.0, 1), (2.0, 0), (FEBRUARY + 1, 0))
    passes = [{"lead": 0, "started": 0.5, "first_response_at": t, "accepted": a} for t, a in contacts]

    m = measure(with_clause(ACCEPTANCE), ledger(leads=[{}], passes=passes))

    assert kept(m, "sales.acceptance")[:2] == [1, 0]
    assert math.isnan(kept(m, "sales.acceptance")[2])
    assert m.value("sla_breaches_mix", part="sales.acceptance") == 1


def joined(at: float, after: float = math.nan, left_to: int = c.P_WON) -> Row:
    times = {"started": at - 1, "handed_off_at": at, "first_response_at": at + after, "left_at": at}
    return {"lead": 0, "left_to": left_to, **times}


def test_response_counts_from_joining_the_queue_and_cold_or_balked_ones_are_misses() -> None:
    passes = [
        joined(10.0, 8.0), joined(20.0, 1.0), joined(30.0, 9.0),
        joined(FEBRUARY, 1.0), joined(FEBRUARY + 1, left_to=c.P_COLD),
    ]  # fmt: skip

    m = measure(with_clause(RESPONSE), ledger(leads=[{}], passes=passes))

    assert m.value("sla_value", part="sales.response", month=0) == pytest.approx(2 / 3)
    assert kept(m, "sales.response")[:2] == [1, 0]
    assert math.isnan(kept(m, "sales.response")[2])


def test_response_is_in_working_hours_of_the_pool() -> None:
    """Open 9 to 17 on days 3 and 4: 24 elapsed hours from noon to noon are 8 working ones."""
    p = with_clause(RESPONSE, calendars=(calendar(3, 4),), working_day_h=np.array([8.0]))

    in_time = measure(p, ledger(leads=[{}], passes=[joined(3 * DAY + 12, 24.0)]))
    late = measure(p, ledger(leads=[{}], passes=[joined(3 * DAY + 12, 24.5)]))

    assert kept(in_time, "sales.response")[0] == 1
    assert kept(late, "sales.response")[0] == 0


def test_who_may_still_be_contacted_in_time_is_not_judged() -> None:
    waiting = joined(END - 4, left_to=c.IN_PROGRESS)
    overdue = joined(END - 9, left_to=c.IN_PROGRESS)

    for row, expected in ((waiting, math.nan), (overdue, 0.0)):
        m = measure(with_clause(RESPONSE), ledger(leads=[{}], passes=[row]))
        assert str(kept(m, "sales.response")[2]) == str(expected)


def test_deals_in_the_opening_pipeline_do_not_wait_for_a_first_contact() -> None:
    row = {**joined(0.0, left_to=c.IN_PROGRESS), "accepted": 1}

    m = measure(with_clause(RESPONSE), ledger(leads=[{}], passes=[row]))

    assert math.isnan(kept(m, "sales.response")[0])


def slow_month(**changes: object) -> Measures:
    """Every month some first contacts of 1 hour, all of them late; more of them, or longer ones, in March."""
    counts, effort = changes.pop("counts", (5, 5, 5)), changes.pop("effort", (1.0, 1.0, 1.0))
    tasks, passes = [], []
    for k, month in enumerate(MONTHS):
        for n in range(counts[k]):  # type: ignore[index]
            at = month + DAY * n + 1
            task = {"pool": SDR, "rep": 0, "queued": at, "started": at + 20, "ended": at + 21, "effort": effort[k]}  # type: ignore[index]
            tasks.append(task)
            passes.append(joined(at, 144.0))
    return measure(with_clause(RESPONSE, **changes), ledger(leads=[{}], passes=passes, tasks=tasks))


def causes(m: Measures) -> dict[str, float]:
    names = ("volume", "capacity", "calendar", "mix")
    found = {name: m.value(f"sla_breaches_{name}", part="sales.response") for name in names}
    return {name: count for name, count in found.items() if count}


def test_a_month_with_many_more_leads_breaches_by_volume() -> None:
    assert causes(slow_month(counts=(5, 5, 20))) == {"capacity": 2, "volume": 1}


def test_a_month_with_longer_tasks_breaches_by_mix() -> None:
    assert causes(slow_month(effort=(1.0, 1.0, 3.0))) == {"capacity": 2, "mix": 1}


def test_a_month_with_fewer_reps_breaches_by_capacity() -> None:
    staff = roster((SDR, RUN_IN, np.inf), (SDR, RUN_IN, MARCH), (SDR, RUN_IN, MARCH))

    assert causes(slow_month(roster=staff)) == {"capacity": 3}


def test_a_month_with_fewer_open_hours_breaches_by_calendar() -> None:
    open_days = calendar(*range(-28, 59), *range(59, 90, 3))

    found = causes(slow_month(calendars=(open_days,), working_day_h=np.array([8.0])))

    assert found == {"capacity": 2, "calendar": 1}


def test_any_metric_of_the_table_may_be_promised() -> None:
    clause = Clause("other", "went_cold", -math.inf, 1.0, channel="web")
    passes = [{"lead": 0, "left_to": c.P_COLD, "left_at": t, "started": 0.5} for t in (1.0, FEBRUARY, FEBRUARY + 1)]

    m = measure(with_clause(clause), ledger(leads=[{}], passes=passes))

    assert kept(m, "other.went_cold[web]") == [1, 0, 1]


def test_a_promise_by_pool_is_judged_by_month() -> None:
    clause = Clause("other", "busy_share", -math.inf, 0.8, pool="SDR")
    reps = [{"pool": SDR, "rep": 0, "week": w, "staffed": 10.0, "busy": busy} for w, busy in ((0, 5.0), (5, 9.0))]

    m = measure(with_clause(clause), ledger(reps=reps))

    assert kept(m, "other.busy_share[SDR]")[:2] == [1, 0]


def test_a_metric_without_months_is_judged_once() -> None:
    clause = Clause("other", "open_deals", 1.0, math.inf)
    book = ledger(leads=[{"outcome": c.OPEN}], passes=[{"lead": 0, "accepted": 1}])

    m = measure(with_clause(clause), book)

    assert m.value("sla_kept", part="other.open_deals") == 1
    assert m.value("sla_value", part="other.open_deals") == 1
    assert all(math.isnan(value) for value in kept(m, "other.open_deals"))


def test_a_month_is_kept_when_every_clause_that_can_be_judged_is() -> None:
    p = plan(clauses=(Clause("marketing", "mqls", 1.0, 9.0), ACCEPTANCE))
    passes = [
        {"lead": 0, "started": 1.0, "first_response_at": 2.0, "accepted": 1},
        {"lead": 0, "pass": 2, "started": FEBRUARY, "first_response_at": FEBRUARY, "accepted": 0},
        {"lead": 0, "pass": 3, "started": MARCH},
    ]

    m = measure(p, ledger(leads=[{}], passes=passes))

    assert m.value("sla_months_kept") == 2
    assert [m.value("sla_months_kept", part=name) for name in ("marketing.mqls", "sales.acceptance")] == [3, 1]


def test_clauses_of_the_same_kind_are_numbered() -> None:
    assert clause_names((RESPONSE, RESPONSE, RESPONSE)) == ("sales.response", "sales.response #2", "sales.response #3")
