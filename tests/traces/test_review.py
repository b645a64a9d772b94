"""Where features meet: found by reading the model sentence by sentence against the code."""

from __future__ import annotations

from typing import Any

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
