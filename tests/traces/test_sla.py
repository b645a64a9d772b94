"""What marketing and sales promised each other, judged on a month worked out by hand (MODEL 13, 14).

February 2027 begins on a Monday and has 28 days: hour 0 is its first midnight, hour 672 its end.
"""

from __future__ import annotations

import pytest

from simfunnel.metrics import Measures, measure
from tests.traces.harness import TUE, Typed, at, funnel, trace

MARCH = 28 * 24


def february(leads: dict[str, Typed], days: int = 28, **more: object) -> Typed:
    return funnel(leads, start="2027-02-01", days=days, run_in_days=2 * days, **more)  # type: ignore[arg-type]


def judged(scenario: Typed) -> Measures:
    t = trace(scenario)
    return measure(t.plan, t.ledger)


def clause(found: Measures, name: str, month: int = 0) -> tuple[float, float]:
    """(value, 1 if kept) of a clause in a month; both nan when it cannot be judged."""
    return found.value("sla_value", part=name, month=month), found.value("sla_kept", part=name, month=month)


def test_response_counts_working_hours_from_joining_the_queue_and_going_cold_there_is_a_miss() -> None:
    """Four-hour calls, promise: 60% within two working hours. a 09:00 at once (kept). b 10:00, called at 13:00:
    three (missed). d 15:30, cold at 16:30 in the queue (missed). c 16:00, called on Tuesday at 09:00: one (kept).
    e goes cold before it joins: it is marketing's, not counted. Two of four: 50%, broken.
    """
    leads = {
        "a": at(9),
        "b": at(10),
        "c": at(16),
        "d": at(15.5, patience="1 hour"),
        "e": at(12, patience="2 hours"),
    }
    handoff = {"default": {"instant": True}, "e": {"delay": "3 hours"}}
    sla = {"sales": {"response": "60% within 2 working hours"}}
    scenario = february(leads, call={"effort": "4 hours"}, handoff=handoff, sla=sla)
    t = trace(scenario)
    assert [t.served(name)[1] for name in "abc"] == [9, 13, TUE + 9]
    assert (t.closed("d"), t.closed("e")) == (("went cold", 16.5), ("went cold", 14))
    assert clause(judged(scenario), "sales.response") == (0.5, 0)


MORNING = {"days": "Mon-Sun", "hours": "00:00-08:00"}


def two_at_each_opening(response: Typed | str, **more: object) -> Typed:
    """Two leads together at 00:00 of a day open until 08:00; one rep, 30 minutes each: one at once, one after 30."""
    call = {"effort": "30 minutes"}
    return february(
        {"a": at(0), "b": at(0)}, call=call, calendar=MORNING, sla={"sales": {"response": response}}, **more
    )


@pytest.mark.parametrize(
    ("promise", "in_time"),
    [
        ("45 minutes", 1.0),
        ("45 working minutes", 1.0),
        ("24 hours", 1.0),
        ("1 business day", 1.0),
        ("30 minutes", 1.0),
        ("29 minutes", 0.5),
        ("5 minutes", 0.5),
        ("5 working minutes", 0.5),
        ("30 seconds", 0.5),
        ("0 seconds", 0.5),
    ],
)
def test_a_response_promise_is_held_in_the_clock_it_was_typed_in(promise: str, in_time: float) -> None:
    found = judged(two_at_each_opening(f"95% within {promise}"))
    assert clause(found, "sales.response") == (in_time, float(in_time >= 0.95))


@pytest.mark.parametrize(
    ("promise", "in_time"), [("17 hours", 0.0), ("18 hours", 1.0), ("2 hours", 0.0), ("2 working hours", 1.0)]
)
def test_a_night_counts_by_the_clock_and_not_in_working_time(promise: str, in_time: float) -> None:
    """b is made at 16:00 of a day that closes at 17:00 and called at 10:00 on the next, after a call of three hours
    that began at 15:00: eighteen hours by the clock, two working ones.
    """
    leads = {"a": at(15), "b": at(16)}
    call = {"effort": "3 hours"}
    sla = {"sales": {"response": {"b": f"60% within {promise}"}}}
    found = judged(february(leads, call=call, sla=sla))
    assert clause(found, "sales.response[b]")[0] == in_time


def test_a_business_day_of_a_promise_is_that_of_the_team_that_answers() -> None:
    """The desk is open for 4 hours a day, others for 8: five working hours are more than a business day of the desk."""
    desk = {"calendar": {"hours": "09:00-13:00"}}
    leads = {"a": at(9), "b": at(9)}
    for promise, in_time in (("1 business day", 0.5), ("2 business days", 1.0), ("5 working hours", 1.0)):
        sla = {"sales": {"response": f"60% within {promise}"}}
        found = judged(february(leads, desk=desk, call={"effort": "5 hours"}, sla=sla))
        assert clause(found, "sales.response")[0] == in_time


def test_every_channel_may_have_a_promise_of_its_own_in_its_own_clock() -> None:
    """a waits not at all, b 24 minutes, c 48: each is held against its own promise, events are promised nothing."""
    leads = {"a": at(0), "b": at(0.1), "c": at(0.2), "events": at(0.3)}
    response = {"default": "90% within 5 minutes", "b": "95% within 30 minutes", "c": "80% within 1 working hour"}
    sla = {"sales": {"response": {**response, "events": "none"}}}
    found = judged(february(leads, call={"effort": "30 minutes"}, calendar=MORNING, sla=sla))
    names = dict.fromkeys(key.part for key in found.keys if key.metric == "sla_kept")
    assert list(names) == ["sales.response[a]", "sales.response[b]", "sales.response[c]"]
    assert [clause(found, name) for name in names] == [(1, 1)] * 3
    stricter = judged(
        february(
            leads,
            call={"effort": "30 minutes"},
            calendar=MORNING,
            sla={"sales": {"response": {"default": "90% within 5 minutes"}}},
        )
    )
    assert [clause(stricter, f"sales.response[{name}]")[0] for name in leads] == [1, 0, 0, 0]


def test_quantity_counts_every_pass_and_judges_whole_months_only() -> None:
    """Three leads in February, one of which qualifies a second time: four MQLs, within 3 to 5. March is cut short:
    not judged.
    """
    back = {"delay": "24 hours", "score_lift": 0, "opt_out": "0%", "cycles": 1, "cost": 0}
    call = {"conversion": "0%", "otherwise": {"nurture": "100%"}}
    sla = {"marketing": {"mqls": "3 to 5 / month"}}
    leads = {"a": at(10), "b": at(27 * 24 + 10, 2), "c": at(MARCH + 10, 9)}
    # a: passes on 1 and 2 February; b's two: first passes on 28 February, second ones in March
    found = judged(february(leads, days=42, call=call, calendar="always", nurture=back, sla=sla))
    assert clause(found, "marketing.mqls") == (4, 1)
    assert found.value("sla_months_judged") == 1


@pytest.mark.parametrize(("slow", "expected"), [(1, 0.9), (2, None)])
def test_quality_is_judged_when_nine_in_ten_of_a_month_are_closed(slow: int, expected: float | None) -> None:
    """Ten MQLs of February, of which one or two are still called on 31 March: nine closed are enough, eight are not."""
    leads = {"a": at(10, 10 - slow), "b": at(10, slow)}
    skills = {"desk": {"b": {"time": "1000%"}}}  # 200 hours take 2,000
    sla = {"marketing": {"win_share": "at least 5%"}}
    desk = {"reps": "unlimited"}
    found = judged(
        february(leads, days=59, call={"effort": "200 hours"}, desk=desk, skills=skills, calendar="always", sla=sla)
    )
    value, kept = clause(found, "marketing.win_share")
    if expected is None:
        assert value != value
        assert kept != kept
    else:
        assert (value, kept) == (expected, 1)


def test_acceptance_and_other_promises() -> None:
    """Everybody accepted: 100% of a promise of 60%. The rep works 8 of 160 open hours: 5%, above 4%, so `at most
    4%` fails.
    """
    other = [{"metric": "busy_share", "at_most": "4%"}]
    sla = {"sales": {"acceptance": "at least 60%"}, "other": other}
    scenario = february({"a": at(9)}, call={"effort": "8 hours"}, acceptance="100%", sla=sla)
    found = judged(scenario)
    assert clause(found, "sales.acceptance") == (1, 1)
    name = next(key.part for key in found.keys if key.part.startswith("other"))
    assert clause(found, name) == (pytest.approx(0.05), 0)


def test_money_in_and_out() -> None:
    """One win of 1,000; ten percent commission; a lead at 60; a rep at 73,000 a year, 200 a day, for fourteen
    days: 2,800.
    """
    desk = {"commission": "10%", "cost_per_rep": "73k / year"}
    t = trace(funnel({"a": at(10, cost_per_lead=60)}, desk=desk))
    found = measure(t.plan, t.ledger)
    amounts = {
        name: found.value(name) for name in ("revenue", "wins", "lead_cost", "commission_cost", "rep_cost", "cost")
    }
    expected = {"revenue": 1000, "wins": 1, "lead_cost": 60, "commission_cost": 100, "rep_cost": 2800, "cost": 2960}
    assert amounts == pytest.approx(expected)
    assert found.value("profit") == pytest.approx(1000 - 2960)


def test_a_campaign_is_paid_on_its_first_day_and_its_leads_cost_nothing_more() -> None:
    """A fair of 500 from 5 January, with leads at 60 each: only the list's one lead is paid by the lead. Stays in
    nurture: 4 each.
    """
    fair = {"fair": {"from": "2027-01-05", "to": "2027-01-06", "leads": 20, "cost": 500}}
    back = {"delay": "100 days", "score_lift": 0, "opt_out": "0%", "cycles": 1, "cost": 4}
    leads = {"a": at(274, cost_per_lead=60, campaigns=fair)}
    call = {"conversion": "0%", "otherwise": {"nurture": "100%"}}
    t = trace(funnel(leads, call=call, desk={"reps": "unlimited"}, nurture=back))
    found = measure(t.plan, t.ledger)
    assert found.value("lead_cost") == 60
    assert found.value("campaign_cost") == 500
    assert found.value("nurture_cost") == 4 * len(t.names())
    assert len(t.names()) > 5
