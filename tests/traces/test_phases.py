"""What-ifs that begin with the pipeline in flight (MODEL 1). The switch is at hour 0; the run-in is today's world."""

from __future__ import annotations

from datetime import date

from simfunnel.ledger.columns import ADVANCED, MOVED
from tests.traces.harness import TUE, at, funnel, pool, stage, trace

FOUR = {"effort": "4 hours"}
TWELVE = {"effort": "12 hours"}


def switch(**path_values: object) -> dict[str, object]:
    return {"change": {path.replace("__", "."): value for path, value in path_values.items()}}


def test_a_new_threshold_holds_for_passes_that_start_from_the_switch_on() -> None:
    """a qualified at -1 and is served to the end; b, made at the very instant of the switch, meets the new threshold;
    so does c.
    """
    leads = {"a": at(-1), "b": at(0), "c": at(1)}
    scenario = funnel(leads, call=FOUR, calendar="always", what_ifs=switch(qualification__threshold=1000))
    t = trace(scenario, ["change"])
    assert t.closed("a") == ("won", 3)
    assert (t.closed("b"), t.closed("c")) == (("disqualified", 0), ("disqualified", 1))
    assert trace(scenario).closed("c") == ("won", 11)  # a -1 to 3, b to 7, c to 11


def test_the_task_in_hand_keeps_its_effort_and_the_next_has_the_new_one() -> None:
    """a -1 to 3 as begun; b, waiting since -0.5, is begun at 3 with an hour."""
    scenario = funnel(
        {"a": at(-1), "b": at(-0.5)}, call=FOUR, calendar="always", what_ifs=switch(stages__call__effort="1 hour")
    )
    t = trace(scenario, ["change"])
    assert (t.served("a"), t.served("b")) == ((0, -1, 3), (0, 3, 4))


def test_a_task_that_ends_at_the_switch_is_done_under_the_old_rules_and_the_next_begins_under_the_new() -> None:
    """a -4 to 0; b waits since -1: completion (0), switch (1), assignment (3): one hour."""
    scenario = funnel(
        {"a": at(-4), "b": at(-1)}, call=FOUR, calendar="always", what_ifs=switch(stages__call__effort="1 hour")
    )
    t = trace(scenario, ["change"])
    assert (t.served("a"), t.served("b")) == ((0, -4, 0), (0, 0, 1))


def test_a_new_hand_off_holds_for_passes_that_start_from_the_switch_on() -> None:
    """a, made at -1, keeps its three hours: joins at 2. b, made at 0, is handed over in half an hour: served first."""
    scenario = funnel(
        {"a": at(-1), "b": at(0)},
        calendar="always",
        handoff={"default": {"delay": "3 hours"}},
        what_ifs=switch(handoff__default__delay="30 minutes"),
    )
    t = trace(scenario, ["change"])
    assert t.tasks("b") == [("call", 0, 0.5, 0.5, 1.5, "advanced")]
    assert t.tasks("a") == [("call", 0, 2, 2, 3, "advanced")]


def test_queued_leads_stand_in_the_new_order_with_their_waits_and_patience() -> None:
    """The rep is busy -10 to 2. a waits since -4 with 15 hours of patience, b since -3, c since -2. Newest first from
    0: c 2-14, then b 14-26; a's patience ended at 11, counted from -4.
    """
    leads = {"z": at(-10), "a": at(-4, patience="15 hours"), "b": at(-3), "c": at(-2)}
    scenario = funnel(leads, call=TWELVE, calendar="always", what_ifs=switch(pools__desk__discipline="newest first"))
    t = trace(scenario, ["change"])
    assert (t.served("c"), t.served("b")) == ((0, 2, 14), (0, 14, 26))
    assert t.tasks("a") == [("call", -1, -4, None, 11, "went cold")]


def test_a_patience_drawn_under_the_old_rules_stays() -> None:
    """Two hours from -1 for a, whatever the what-if says; b, made at 0, has none to lose. The rep is busy -10 to 2."""
    leads = {"z": at(-10), "a": at(-1, patience="2 hours"), "b": at(0, patience="2 hours")}
    scenario = funnel(
        leads,
        call=TWELVE,
        calendar="always",
        what_ifs=switch(channels__b__patience="9 hours", channels__a__patience="9 hours"),
    )
    t = trace(scenario, ["change"])
    assert t.closed("a") == ("went cold", 1)
    assert t.served("b") == (0, 2, 14)


def test_more_reps_join_at_the_switch_and_take_who_waits() -> None:
    """Rep 0 busy -10 to 2; a, waiting since -3, is taken by the new rep 1 at 0."""
    scenario = funnel(
        {"z": at(-10), "a": at(-3)}, call=TWELVE, calendar="always", what_ifs=switch(pools__desk__reps="1 more")
    )
    t = trace(scenario, ["change"])
    assert t.served("a") == (1, 0, 12)
    assert t.rep_week("desk", 1).staffed == 168


def test_fewer_reps_leave_at_the_switch_the_last_hired_first_finishing_what_they_do() -> None:
    """Both busy -10 to 2; rep 1 leaves at 0 and finishes at 2: a is rep 0's at 2, b too at 14."""
    leads = {"z": at(-10, 2), "a": at(-3), "b": at(-2)}
    scenario = funnel(leads, call=TWELVE, desk={"reps": 2}, calendar="always", what_ifs=switch(pools__desk__reps=1))
    t = trace(scenario, ["change"])
    assert (t.served("z1"), t.served("z2")) == ((0, -10, 2), (1, -10, 2))
    assert (t.served("a"), t.served("b")) == ((0, 2, 14), (0, 14, 26))
    assert t.rep_week("desk", 1).staffed == 2


def test_queued_leads_go_to_the_new_teams_and_tasks_in_hand_finish_where_they_are() -> None:
    """Pooled: a1, a2 by reps 0 and 1, -5 to 7; a3, a4 (since -5) and b (since -4) wait. Dedicated from 0: rep 0 a's,
    rep 1 b's.

    At 7: a3 by rep 0, b by rep 1, though a4 has waited longer; a4 at 19.
    """
    leads = {"a": at(-5, 4), "b": at(-4)}
    scenario = funnel(
        leads, call=TWELVE, desk={"reps": 2}, calendar="always", what_ifs=switch(pools__desk__structure="dedicated")
    )
    t = trace(scenario, ["change"])
    assert (t.served("a1"), t.served("a2")) == ((0, -5, 7), (1, -5, 7))
    assert (t.served("a3"), t.served("b"), t.served("a4")) == ((0, 7, 19), (1, 7, 19), (0, 19, 31))
    base = trace(scenario)
    assert (base.served("a3"), base.served("a4"), base.served("b")) == ((0, 7, 19), (1, 7, 19), (0, 19, 31))


def test_round_robin_that_begins_at_the_switch_deals_out_the_queue_in_lead_order_from_the_lowest() -> None:
    """Three wait while reps 0 and 1 work -10 to 2 (z); at 0 they are dealt: a rep 0, b rep 1, c rep 0. d, at 1:
    rep 1.
    """
    leads = {"z": at(-10, 2), "a": at(-4), "b": at(-3), "c": at(-2), "d": at(1)}
    scenario = funnel(
        leads, call=TWELVE, desk={"reps": 2}, calendar="always", what_ifs=switch(pools__desk__routing="round robin")
    )
    t = trace(scenario, ["change"])
    assert [t.served(name) for name in "abcd"] == [(0, 2, 14), (1, 2, 14), (0, 14, 26), (1, 14, 26)]


def test_a_wait_that_has_begun_stays_as_drawn() -> None:
    """a's ten hours began at -1: its demo is at 9. b's begin at 1 and are one hour: 2."""
    steps = [stage("call"), stage("demo", wait="10 hours")]
    scenario = funnel(
        {"a": at(-2), "b": at(0)}, stages=steps, calendar="always", what_ifs=switch(stages__demo__wait="1 hour")
    )
    t = trace(scenario, ["change"])
    assert t.tasks("a")[1] == ("demo", 0, 9, 9, 10, "advanced")
    assert t.tasks("b")[1] == ("demo", 0, 2, 2, 3, "advanced")


def test_a_nurture_delay_that_has_begun_stays_and_the_look_uses_todays_threshold() -> None:
    """a near miss of -10 with a delay of 24 hours is looked at at 14, although the delay is an hour now, against
    -2,000.
    """
    scenario = funnel(
        {"a": at(-10)},
        calendar="always",
        qualification={"threshold": 1000, "near_miss": 3000},
        nurture={"delay": "24 hours", "score_lift": 0, "opt_out": "0%", "cycles": 1, "cost": 0},
        what_ifs={"change": {"qualification.threshold": -2000, "nurture.delay": "1 hour"}},
    )
    t = trace(scenario, ["change"])
    assert t.entries("a") == [("near miss", -10, 14, "new pass")]
    assert t.closed("a") == ("won", 15)
    assert trace(scenario).closed("a") == ("disqualified", 14)


def test_a_what_if_may_begin_on_a_date() -> None:
    """From Tuesday: leads of Monday 23:00 still qualify, those of midnight do not."""
    dated = {"change": {"from": date(2027, 1, 5), "qualification.threshold": 1000}}
    scenario = funnel({"a": at(23), "b": at(TUE)}, calendar="always", what_ifs=dated)
    t = trace(scenario, ["change"])
    assert t.closed("a") == ("won", 24)
    assert t.closed("b") == ("disqualified", TUE)


def test_what_ifs_without_a_date_may_be_told_one() -> None:
    """start = Tuesday does the same to a what-if that has no `from`."""
    scenario = funnel({"a": at(23), "b": at(TUE)}, calendar="always", what_ifs=switch(qualification__threshold=1000))
    t = trace(scenario, ["change"], start=date(2027, 1, 5))
    assert (t.closed("a")[0], t.closed("b")[0]) == ("won", "disqualified")


def test_settled_means_from_the_start_of_the_run_in() -> None:
    """A lead of the run-in, ten hours before the period, meets the new threshold already."""
    scenario = funnel({"a": at(-10)}, calendar="always", what_ifs=switch(qualification__threshold=1000))
    assert trace(scenario, ["change"], start="settled").closed("a") == ("disqualified", -10)
    assert trace(scenario, ["change"]).closed("a") == ("won", -9)


def test_a_belief_in_a_what_if_holds_from_the_start_of_the_run_in() -> None:
    """Conversion is a belief: typed as 0% it says that today nobody advances, also ten hours before the period."""
    scenario = funnel({"a": at(-10)}, calendar="always", what_ifs=switch(stages__call__conversion="0%"))
    assert trace(scenario, ["change"]).closed("a") == ("lost", -9)


def test_what_ifs_apply_in_order_each_from_its_own_date() -> None:
    """Two reps from hour 0, an hour's work instead of twelve from Tuesday."""
    scenario = funnel(
        {"a": at(1, 2), "b": at(TUE + 1)},
        call=TWELVE,
        calendar="always",
        what_ifs={"more": {"pools.desk.reps": 2}, "faster": {"from": date(2027, 1, 5), "stages.call.effort": "1 hour"}},
    )
    t = trace(scenario, ["more", "faster"])
    assert [t.served(name)[1:] for name in ("a1", "a2", "b")] == [(1, 13), (1, 13), (TUE + 1, TUE + 2)]


def test_the_base_constants_stay_under_levers() -> None:
    """A typed rate describes today: a stricter threshold keeps the intercept and the cut, so the rate it shows may
    move.
    """
    scenario = funnel(
        {"a": at(10)},
        call={"conversion": "45%"},
        acceptance="60%",
        qualification={"threshold": 50},
        what_ifs=switch(qualification__threshold=65),
    )
    base, stricter = trace(scenario).plan.phases[0], trace(scenario, ["change"]).plan.phases
    assert [phase.stages[0].intercept for phase in stricter] == [base.stages[0].intercept] * 2
    assert [phase.cut for phase in stricter] == [base.cut] * 2
    assert [phase.threshold[0] for phase in stricter] == [50, 65]


def test_a_new_place_of_open_deals_reorders_who_waits() -> None:
    """Last until 0, first from then on. Calls: z -20 to -8, y -8 to 4. At 4 wait: z's demo since -8, a since -3, y's
    demo now.

    First: z's demo 4-16, y's 16-28, a 28-40. Last, as in the base: a at 4.
    """
    steps = [stage("call", **TWELVE), stage("demo", **TWELVE)]
    leads = {"z": at(-20), "y": at(-15), "a": at(-3)}
    rules = {"open_deals": "last"}
    scenario = funnel(
        leads, stages=steps, desk=rules, calendar="always", what_ifs=switch(pools__desk__open_deals="first")
    )
    t = trace(scenario, ["change"])
    assert t.tasks("z")[1] == ("demo", 0, -8, 4, 16, "advanced")
    assert t.tasks("y")[1] == ("demo", 0, 4, 16, 28, "advanced")
    assert t.served("a") == (0, 28, 40)
    assert trace(scenario).served("a") == (0, 4, 16)


def test_a_queue_moves_with_its_stage_to_another_pool() -> None:
    """Call and demo change pools at 0. z is called by `one` -10 to 2, as begun; a, waiting there since -4, b since
    -3, are taken by `two`, idle all along: a 0-12, b 12-24. z's demo is at home in `one` now: 2-14.
    """
    steps = [stage("call", **TWELVE), stage("demo", **TWELVE)]
    pools = {"one": pool("call"), "two": pool("demo")}
    change = {"pools.one.stages": ["demo"], "pools.two.stages": ["call"]}
    leads = {"z": at(-10), "a": at(-4), "b": at(-3)}
    t = trace(funnel(leads, stages=steps, pools=pools, calendar="always", what_ifs={"change": change}), ["change"])
    assert t.served("z") == (0, -10, 2)
    calls = {name: [row for row in t.work(name) if row.stage == 0][-1] for name in "ab"}
    assert [(row.pool, row.started, row.ended) for row in calls.values()] == [(1, 0, 12), (1, 12, 24)]
    demo = t.work("z")[-1]
    assert (demo.pool, demo.queued, demo.started, demo.ended) == (0, 2, 2, 14)


def test_who_moves_to_another_pool_keeps_the_rank_and_overtakes_nobody_there_already() -> None:
    """Two pools swap channels at 0. `one` calls x from -10 to 2 while z waits since -6; `two` calls y from -4 to 8
    while w waits since -3. Then z is first in `two`: y -4 to 8, z 8 to 20; w goes to `one`: 2 to 14.
    """
    pools = {"one": pool("call", channels=["x", "z"]), "two": pool("call", channels=["w", "y"])}
    change = {"pools.one.channels": ["w", "y"], "pools.two.channels": ["x", "z"]}
    leads = {"x": at(-10), "z": at(-6), "y": at(-4), "w": at(-3)}
    t = trace(funnel(leads, pools=pools, call=TWELVE, calendar="always", what_ifs={"change": change}), ["change"])
    assert t.served("y") == (0, -4, 8)
    assert [(row.pool, row.queued, row.started, row.decision) for row in t.work("z")] == [
        (0, -6, None, MOVED),
        (1, -6, 8, ADVANCED),
    ]
    assert [(row.pool, row.queued, row.started) for row in t.work("w")] == [(1, -3, None), (0, -3, 2)]


def test_a_calendar_may_change_with_the_phase() -> None:
    """Round the clock until hour 0, 09:00 to 17:00 from then on: a is served at night, b waits; the task in hand goes
    on as begun.
    """
    office = {"days": "Mon-Fri", "hours": "09:00-17:00"}
    scenario = funnel(
        {"a": at(-3), "b": at(0.5)},
        pools={"desk": pool("call", calendar="always")},
        call=FOUR,
        what_ifs={"change": {"pools.desk.calendar": office}},
    )
    t = trace(scenario, ["change"])
    assert t.served("a") == (0, -3, 1)
    assert t.served("b") == (0, 9, 13)


def test_reps_without_number_are_never_staffed() -> None:
    """Unlimited reps round the clock until 0, one rep 09:00 to 17:00 from then on. The task in hand goes on -3 to 9 as
    begun, by nobody on the headcount; the new rep is staffed 40 hours.
    """
    office = {"days": "Mon-Fri", "hours": "09:00-17:00"}
    scenario = funnel(
        {"a": at(-3)},
        pools={"desk": pool("call", reps="unlimited", calendar="always")},
        call=TWELVE,
        what_ifs={"change": {"pools.desk.calendar": office, "pools.desk.reps": 1}},
    )
    t = trace(scenario, ["change"])
    assert t.served("a") == (-1, -3, 9)
    assert [(t.rep_week("desk", -1, week).staffed, t.rep_week("desk", -1, week).busy) for week in (-1, 0)] == [
        (0, 3),
        (0, 9),
    ]
    assert (t.rep_week("desk", 0).staffed, t.rep_week("desk", 0).busy) == (40, 0)
