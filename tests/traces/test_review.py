"""Where features meet: found by reading the model sentence by sentence against the code."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from simfunnel import engine
from simfunnel.plan import compile_plan, static_calibration
from simfunnel.scenario import parse
from tests.traces.harness import TUE, at, funnel, pool, stage, trace

TWO_STEPS = [stage("call"), stage("demo", wait="10 hours")]


def _opening(*ages: str) -> dict[str, Any]:
    rows = [{"channel": "a", "stage": "demo", "count": 1, "age": age} for age in ages]
    return funnel({"a": at(200)}, stages=TWO_STEPS, run_in_days=0, opening_pipeline=rows, calendar="always")


def test_open_leads_of_one_stage_and_several_ages_are_different_leads() -> None:
    """Ten hours of wait: five gone, ready at 5:00; four gone, ready at 6:00."""
    t = trace(_opening("4 hours", "5 hours"))
    assert [t.tasks(name)[0][2] for name in ("a1", "a2")] == [5, 6]
    assert t.lead("a1").id != t.lead("a2").id


def test_the_order_of_open_leads_in_the_file_does_not_matter() -> None:
    one, other = trace(_opening("4 hours", "5 hours")), trace(_opening("5 hours", "4 hours"))
    assert one.lead("a1").id == other.lead("a1").id
    assert one.plan.sha256 == other.plan.sha256


def test_open_leads_may_have_any_identity_of_64_bits() -> None:
    """The numbers of sources are hashes: half of them lie above 2^63, and both halves meet in one replication."""
    rows = [{"channel": name, "stage": "demo", "count": 1, "age": "4 hours"} for name in "abcdefgh"]
    leads = {name: at(200) for name in "abcdefgh"}
    t = trace(funnel(leads, stages=TWO_STEPS, run_in_days=0, opening_pipeline=rows, calendar="always"))
    ids = t.ledger.leads["id"][:8]
    assert ids.min() < 2**63 < ids.max()
    assert sorted(t.ledger.leads["closed_at"][:8].tolist()) == [7, 8, 9, 10, 11, 12, 13, 14]


def test_a_what_if_may_begin_to_buy_lists() -> None:
    """Lists every 100 hours from the period's start: at hours 100, 200 and 300 of two weeks (336 hours)."""
    typed = funnel(
        {"a": at(9), "b": {"leads": "0 / week"}},
        what_ifs={"buy": {"channels.b.lists": {"every": "100 hours", "size": 2}}},
    )
    t = trace(typed, ["buy"])
    assert [t.lead(f"b{k}").created for k in range(1, 7)] == [100, 100, 200, 200, 300, 300]
    assert [t.lead(name).created for name in t.names() if name == "a"] == [9]


def test_a_what_if_may_stop_and_start_to_buy_lists() -> None:
    """Every 100 hours from the run-in's start (hour -504): the last one before the stop at hour 0 comes at -4, the
    gap under way ends in nothing, and lists begin again 100 hours after the second switch at hour 48.
    """
    typed = funnel(
        {"b": {"leads": "0 / week", "lists": {"every": "100 hours", "size": 1}}},
        what_ifs={
            "stop": {"channels.b.lists": "none"},
            "again": {"from": "2027-01-06", "channels.b.lists": {"every": "100 hours", "size": 1}},
        },
    )
    t = trace(typed, ["stop", "again"])
    created = sorted(t.ledger.leads["created"].tolist())
    assert created == [-404, -304, -204, -104, -4, 96, 196, 296]


def test_a_wait_after_a_hand_off_is_that_of_the_phase_in_which_it_begins() -> None:
    """Call 9-10, a hundred hours of hand-off until 110; the switch at hour 48 has made waits one hour: ready at 111."""
    typed = funnel(
        {"a": at(9)},
        stages=[stage("call"), stage("demo", wait="10 hours", handoff={"delay": "100 hours"})],
        pools={"desk": pool("call"), "closers": pool("demo")},
        calendar="always",
        what_ifs={"quicker": {"from": "2027-01-06", "stages.demo.wait": "1 hour"}},
    )
    assert trace(typed, ["quicker"]).tasks("a")[1][2:5] == (111, 111, 112)


def test_business_days_at_a_stage_without_a_pool_are_as_many_of_the_scenarios_days() -> None:
    """Five business days of eight hours in a week of five are seven elapsed days, not forty hours."""
    typed = funnel(
        {"a": at(9)},
        stages=[stage("call"), {"name": "trial", "wait": "5 business days", "conversion": "100%"}],
        pools={"desk": pool("call")},
    )
    assert trace(typed).closed("a") == ("won", 10 + 7 * 24)


def test_a_business_day_in_nurture_is_one_of_the_pool_that_will_call() -> None:
    """The desk is open 08-20. One business day of nurture from Monday 9:00 are its twelve hours: Tuesday 9:00, not
    Monday 17:00.
    """
    typed = funnel(
        {"a": at(9)},
        desk={"calendar": {"hours": "08:00-20:00"}},
        qualification={"threshold": 60, "near_miss": 1000, "near_miss_to": "nurture"},
        score={"mean": 50, "sd": 1e-6},
        nurture={"delay": "1 business day", "score_lift": 20, "cycles": 1, "opt_out": "0%"},
    )
    assert trace(typed).entries("a") == [("near miss", 9, TUE + 9, "new pass")]


def test_leads_of_reps_who_leave_together_are_given_again_in_lead_order() -> None:
    """Eight leads for four reps, eight hours each; reps 2 and 3 leave on Tuesday, before the second call of each. The
    seventh waits for rep 2, the eighth for rep 3: the seventh is given to rep 0, the eighth to rep 1.
    """
    desk = {"reps": 4, "routing": "round robin", "hires": [{"on": "2027-01-05", "reps": -2}]}
    t = trace(funnel({"x": at(8, 8)}, desk=desk, call={"effort": "8 hours"}))
    assert [t.served(f"x{k}")[:2] for k in (5, 6, 7, 8)] == [(0, TUE + 9), (1, TUE + 9), (0, 57), (1, 57)]


def test_who_waited_for_a_leaver_is_given_again_among_those_who_join_at_that_midnight_too() -> None:
    """Two reps with a lead in hand and one waiting each. On Tuesday the second leaves and a third joins: the lead that
    waited for the second is next in turn, for the third.
    """
    desk = {
        "reps": 2,
        "routing": "round robin",
        "hires": [{"on": "2027-01-05", "reps": -1}, {"on": "2027-01-05", "reps": 1}],
    }
    t = trace(funnel({"x": at(8, 4)}, desk=desk, call={"effort": "8 hours"}))
    assert [t.served(f"x{k}")[:2] for k in (3, 4)] == [(0, TUE + 9), (2, TUE + 9)]


def test_open_leads_are_drawn_from_those_of_their_channel_at_their_stage_then_of_the_stage_then_by_luck() -> None:
    """The base's open leads at the demo are known of a (Q = 1) and b (Q = 2), not of c; nobody's at the call."""
    rows = [{"channel": name, "stage": "demo", "count": 20, "age": "4 hours"} for name in "abc"]
    rows.append({"channel": "a", "stage": "call", "count": 20, "age": "4 hours"})
    leads = {name: at(200) for name in "abc"}
    scenario = parse(funnel(leads, stages=TWO_STEPS, run_in_days=0, opening_pipeline=rows, calendar="always"))
    known = np.array([[1.0, 0.1, 0.0, 1.0, 0.0], [2.0, 0.2, 0.0, 1.0, 1.0]])
    plan = compile_plan(scenario, replace(static_calibration(scenario), open_leads=known))
    table = engine.simulate(plan, 1, 0).leads
    quality, source = table["quality"], table["id"] >> np.uint64(40)
    found = [set(quality[source == plan.sources[group.source].key].tolist()) for group in plan.opening]
    of = {
        (plan.channels[group.channel], plan.stages[group.stage]): q
        for group, q in zip(plan.opening, found, strict=True)
    }
    assert (of["a", "demo"], of["b", "demo"], of["c", "demo"]) == ({1.0}, {2.0}, {1.0, 2.0})
    assert len(of["a", "call"]) == 20


def test_who_waits_for_the_customer_is_open_work_of_the_pool_that_serves_the_stage_from_the_switch_on() -> None:
    """Called -5 to -4; the demo's customer wants ten hours, until 6. At 0 the demo goes over from `one` to `two`: five
    open hours of `one`, then eight of `two`, which signs at 8.
    """
    steps = [stage("call"), stage("demo", wait="10 hours"), stage("sign")]
    pools = {"one": pool("call", "demo"), "two": pool("sign")}
    change = {"pools.one.stages": ["call"], "pools.two.stages": ["demo", "sign"]}
    typed = funnel({"a": at(-5)}, stages=steps, pools=pools, calendar="always", what_ifs={"change": change})
    t = trace(typed, ["change"])
    demo = [(row.pool, row.entered, row.queued, row.started, row.ended) for row in t.work("a") if row.stage == 1]
    assert demo == [(0, -4, None, None, 0), (1, 0, 6, 6, 7)]
    assert t.rep_week("one", -1, -1).open_hours == 5
    assert t.rep_week("two", -1, 0).open_hours == 8


def test_who_waits_at_a_stage_that_gets_a_pool_is_open_work_from_the_switch_on() -> None:
    """A trial of ten hours from -4 to 6; from 0 on closers decide it, who sell as well: their open work from 0 to 8."""
    steps = [
        stage("call"),
        {"name": "trial", "wait": "10 hours", "conversion": "100%"},
        stage("sign"),
    ]
    pools = {"desk": pool("call"), "closers": pool("sign")}
    change = {"pools.closers.stages": ["trial", "sign"], "stages.trial.effort": "1 hour"}
    typed = funnel({"a": at(-5)}, stages=steps, pools=pools, calendar="always", what_ifs={"change": change})
    assert trace(typed, ["change"]).rep_week("closers", -1, 0).open_hours == 8


def test_who_waits_for_the_customer_at_the_end_is_open_work_of_the_pool_to_come() -> None:
    steps = [stage("call"), stage("demo", wait="1000 hours")]
    t = trace(funnel({"a": at(9)}, stages=steps, pools={"desk": pool("call"), "closers": pool("demo")}))
    assert [(row.pool, row.entered) for row in t.work("a")] == [(1, 9), (0, 10)]
    assert t.rep_week("desk", -1).open_hours == 1


def test_a_stage_that_loses_its_pool_lets_its_queue_go_when_tasks_become_ready_and_not_before() -> None:
    """Two wait for a call over the weekend; from Monday 0:00 nobody needs to call. They are ready for the demo
    after that midnight's hire has joined: in turn one is given to rep 0 and one to the new rep 1.
    """
    hire = [{"on": "2027-01-04", "reps": 1}]
    closers = pool("demo", routing="round robin", calendar="always", hires=hire)
    typed = funnel(
        {"a": at(-30, 2)},
        stages=[{"name": "call", "conversion": "100%"}, stage("demo"), stage("sign")],
        pools={"desk": pool("call", "sign"), "closers": closers},
        what_ifs={"change": {"pools.desk.stages": ["sign"]}},
    )
    t = trace(typed, ["change"])
    assert [t.tasks(name)[0][5] for name in ("a1", "a2")] == ["moved to another pool"] * 2
    assert [t.tasks(name)[2] for name in ("a1", "a2")] == [
        ("demo", 0, 0, 0, 1, "advanced"),
        ("demo", 1, 0, 0, 1, "advanced"),
    ]


def test_a_stage_without_a_pool_in_between_makes_no_hand_off_back_to_the_same_pool() -> None:
    """Called 9-10, a trial of one elapsed hour, then a demo whose hand-off takes two hours: none within the desk, at
    11; to the closers at 13.
    """
    steps = [
        stage("call"),
        {"name": "trial", "wait": "1 hour", "conversion": "100%"},
        stage("demo", handoff={"delay": "2 hours"}),
    ]
    same = trace(funnel({"a": at(9)}, stages=steps, pools={"desk": pool("call", "demo")}))
    other = trace(funnel({"a": at(9)}, stages=steps, pools={"desk": pool("call"), "closers": pool("demo")}))
    assert (same.tasks("a")[2][2], other.tasks("a")[2][2]) == (11, 13)


def test_an_open_lead_at_a_stage_without_a_pool_comes_from_the_pool_before_it() -> None:
    """The trial of ten hours is four hours old: over at 6. The demo at the desk is no hand-off."""
    steps = [
        stage("call"),
        {"name": "trial", "wait": "10 hours", "conversion": "100%"},
        stage("demo", handoff={"delay": "2 hours"}),
    ]
    rows = [{"channel": "a", "stage": "trial", "count": 1, "age": "4 hours"}]
    typed = {"stages": steps, "run_in_days": 0, "opening_pipeline": rows, "calendar": "always"}
    same = trace(funnel({"a": at(200)}, pools={"desk": pool("call", "demo")}, **typed))
    assert same.tasks("a1")[1][2] == 6


def test_a_business_day_of_a_rejected_contact_is_one_of_the_pool_that_calls() -> None:
    """The desk is open 08-20: a business day of its work are twelve hours, not the eight of the scenario."""
    typed = funnel(
        {"a": at(8)},
        desk={"calendar": {"hours": "08:00-20:00"}},
        acceptance={"rate": "0.0000001%", "effort": "1 business day"},
    )
    assert trace(typed).tasks("a") == [("call", 0, 8, 8, 20, "rejected")]


def test_round_robin_goes_on_where_it_was_when_only_other_pools_change() -> None:
    """a is rep 0's before the switch; the closers swap stages at 0, and b, after it, is rep 1's."""
    steps = [stage("call"), stage("demo"), stage("sign")]
    pools = {"desk": pool("call", reps=2, routing="round robin"), "one": pool("demo"), "two": pool("sign")}
    change = {"pools.one.stages": ["sign"], "pools.two.stages": ["demo"]}
    leads = {"a": at(-10), "b": at(1)}
    typed = funnel(leads, stages=steps, pools=pools, calendar="always", what_ifs={"change": change})
    t = trace(typed, ["change"])
    assert [t.served(name)[0] for name in "ab"] == [0, 1]
