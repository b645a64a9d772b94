"""Dedicated and hybrid teams, specialists and skills (MODEL 7)."""

from __future__ import annotations

import math

import pytest

from simfunnel.plan.model import DEDICATED, POOLED
from tests.traces.harness import TUE, at, funnel, pool, stage, trace

FOUR = {"effort": "4 hours"}
SIX = {"effort": "6 hours"}


def test_further_heads_go_to_the_team_with_the_largest_load_per_head() -> None:
    """a brings four leads for b's two. One head each (rep 0 to a, rep 1 to b); the third: a has 4 / 1, b 2 / 1: to a.

    a's four are served two and two by reps 0 and 2, b's one after the other by rep 1.
    """
    t = trace(
        funnel(
            {"a": at(10, 4), "b": at(10, 2)}, call=FOUR, desk={"reps": 3, "structure": "dedicated"}, calendar="always"
        )
    )
    assert [t.served(f"a{k}") for k in (1, 2, 3, 4)] == [(0, 10, 14), (2, 10, 14), (0, 14, 18), (2, 14, 18)]
    assert [t.served(f"b{k}") for k in (1, 2)] == [(1, 10, 14), (1, 14, 18)]


def test_equal_loads_are_split_by_channel_name() -> None:
    """Three of each: one head each, and the third to the first by name, wherever it stands in the file."""
    leads = {"beta": at(10, 3), "alpha": at(10, 3)}
    t = trace(funnel(leads, call=FOUR, desk={"reps": 3, "structure": "dedicated"}, calendar="always"))
    assert sorted(t.served(f"alpha{k}")[1] for k in (1, 2, 3)) == [10, 10, 14]
    assert sorted(t.served(f"beta{k}")[1] for k in (1, 2, 3)) == [10, 14, 18]


def test_typed_teams_override_the_split() -> None:
    """teams: one for a, two for b, although a brings twice the leads."""
    desk = {"reps": 3, "structure": "dedicated", "teams": {"a": 1, "b": 2}}
    t = trace(funnel({"a": at(10, 4), "b": at(10, 2)}, call=FOUR, desk=desk, calendar="always"))
    assert [t.served(f"a{k}")[1] for k in (1, 2, 3, 4)] == [10, 14, 18, 22]
    assert [t.served(f"b{k}")[1] for k in (1, 2)] == [10, 10]


def test_a_hire_joins_the_team_with_the_largest_load_per_head() -> None:
    """Two reps, one each; the hire of Tuesday is the third head and goes to a: a's third lead is taken at 24:00."""
    desk = {"reps": 2, "structure": "dedicated", "hires": [{"on": "2027-01-05", "reps": 1}]}
    t = trace(funnel({"a": at(10, 4), "b": at(10, 2)}, call={"effort": "20 hours"}, desk=desk, calendar="always"))
    assert [t.served(f"a{k}") for k in (1, 2, 3, 4)] == [(0, 10, 30), (2, 24, 44), (0, 30, 50), (2, 44, 64)]
    assert [t.served(f"b{k}") for k in (1, 2)] == [(1, 10, 30), (1, 30, 50)]


def test_a_dedicated_rep_gains_speed_and_odds_on_its_own_channel() -> None:
    """Default: odds 2 and half the time; b's time is a quarter, its odds the default's. Four hours take two and one."""
    special = {"default": {"odds": 2, "time": "50%"}, "b": {"time": "25%"}}
    desk = {"reps": 2, "structure": "dedicated", "specialised": special}
    t = trace(funnel({"a": at(10), "b": at(10)}, call={**FOUR, "quality_odds": 1}, desk=desk))
    assert t.served("a")[1:] == (10, 12)
    assert t.served("b")[1:] == (10, 11)
    assert t.work("a")[0].x == t.work("b")[0].x == pytest.approx(math.log(2), abs=1e-12)
    desk = {"reps": 2, "specialised": special}
    pooled = trace(funnel({"a": at(10), "b": at(10)}, call={**FOUR, "quality_odds": 1}, desk=desk))
    assert pooled.served("a")[1:] == (10, 14)
    assert pooled.work("a")[0].x == 0


def test_skills_change_time_and_odds_of_a_channel_in_a_pool() -> None:
    """Odds 2 and one and a half times the time, for every rep of the pool, for a and not for b."""
    t = trace(
        funnel(
            {"a": at(10), "b": at(10)},
            call={"effort": "2 hours", "quality_odds": 1},
            desk={"reps": 2},
            skills={"desk": {"a": {"odds": 2, "time": "150%"}}},
        )
    )
    assert t.served("a")[1:] == (10, 13)
    assert t.served("b")[1:] == (10, 12)
    assert (t.work("a")[0].x, t.work("b")[0].x) == (pytest.approx(math.log(2), abs=1e-12), 0)


def hybrid(**typed: object) -> dict[str, object]:
    return {"reps": 2, "structure": "hybrid", "overflow": {"after": "2 working hours"}, **typed}


def test_dedicated_teams_do_not_help_out() -> None:
    """a's second lead waits for its own rep until 16:00 although b's rep is idle all day."""
    desk = {"reps": 2, "structure": "dedicated"}
    t = trace(funnel({"a": at(10, 2), "b": at(200, 2)}, call=SIX, desk=desk, calendar="always"))
    assert t.served("a2") == (0, 16, 22)


def test_a_lead_that_waited_long_enough_may_be_taken_by_a_sister_team() -> None:
    """a1 rep 0, 10-16. a2 may spill from 12:00: rep 1 takes it, five hours on Monday, one on Tuesday."""
    t = trace(funnel({"a": at(10, 2), "b": at(200, 2)}, call=SIX, desk=hybrid()))
    assert t.served("a1") == (0, 10, 16)
    assert t.served("a2") == (1, 12, TUE + 10)


def test_the_overflow_clock_counts_working_hours() -> None:
    """Joined at 16:00: one hour until closing, one on Tuesday: spills at 10:00. a1: one hour on Monday, five on
    Tuesday.
    """
    t = trace(funnel({"a": at(16, 2), "b": at(200, 2)}, call=SIX, desk=hybrid()))
    assert t.served("a1") == (0, 16, TUE + 14)
    assert t.served("a2") == (1, TUE + 10, TUE + 16)


def test_at_the_instant_of_overflow_the_home_rep_comes_first() -> None:
    """Two hours of work: rep 0 frees at 12:00, the very instant at which a2 may spill to rep 1, idle for weeks:
    rep 0.
    """
    t = trace(funnel({"a": at(10, 2), "b": at(200, 2)}, call={"effort": "2 hours"}, desk=hybrid()))
    assert t.served("a2") == (0, 12, 14)


def test_a_helper_serves_its_own_queue_first() -> None:
    """a: 8-14 by rep 0; a2, a3 wait since 8 and may spill from 10. b1: rep 1, 9-15; b2 waits since 9.

    14: rep 0 takes a2. 15: rep 1 takes b2, though a3 has waited longer. 20: rep 0 takes a3.
    """
    t = trace(funnel({"a": at(8, 3), "b": at(9, 2)}, call=SIX, desk=hybrid(teams={"a": 1, "b": 1}), calendar="always"))
    assert [t.served(name) for name in ("a1", "b1")] == [(0, 8, 14), (1, 9, 15)]
    assert [t.served(name) for name in ("a2", "b2", "a3")] == [(0, 14, 20), (1, 15, 21), (0, 20, 26)]


def test_a_lead_on_offer_keeps_its_rank_at_home() -> None:
    """a1 rep 0, 10-16. 12: all spill; rep 1 takes a2, 12-18. 16: rep 0 takes a3, the first in rank; 18: rep 1
    takes a4.
    """
    t = trace(funnel({"a": at(10, 4), "b": at(200, 4)}, call=SIX, desk=hybrid(), calendar="always"))
    assert [t.served(f"a{k}") for k in (1, 2, 3, 4)] == [(0, 10, 16), (1, 12, 18), (0, 16, 22), (1, 18, 24)]


def test_a_specialist_gains_nothing_on_spill() -> None:
    """Six hours take a's own rep three, with odds 2; the helper six, with odds 1. a1 10-13, a2 spills at 12, 12-18."""
    desk = hybrid(specialised={"default": {"odds": 2, "time": "50%"}})
    t = trace(funnel({"a": at(10, 2), "b": at(200, 2)}, call={**SIX, "quality_odds": 1}, desk=desk, calendar="always"))
    assert (t.served("a1"), t.served("a2")) == ((0, 10, 13), (1, 12, 18))
    assert (t.work("a1")[0].x, t.work("a2")[0].x) == (pytest.approx(math.log(2), abs=1e-12), 0)


def test_overflow_goes_to_the_listed_teams_only_or_else_to_all_in_order() -> None:
    """Three teams, reps 0 (a), 1 (b), 2 (c). To all: a2 rep 1, a3 rep 2 at 12:00. To c only: a2 rep 2, a3 at 16:00 by
    rep 0.
    """
    leads = {"a": at(10, 3), "b": at(200, 3), "c": at(250, 3)}
    t = trace(funnel(leads, call=SIX, desk=hybrid(reps=3), calendar="always"))
    assert [t.served(f"a{k}") for k in (1, 2, 3)] == [(0, 10, 16), (1, 12, 18), (2, 12, 18)]
    only_c = hybrid(reps=3, overflow={"after": "2 working hours", "to": ["c"]})
    t = trace(funnel(leads, call=SIX, desk=only_c, calendar="always"))
    assert [t.served(f"a{k}") for k in (1, 2, 3)] == [(0, 10, 16), (2, 12, 18), (0, 16, 22)]


def test_each_team_has_a_queue_limit() -> None:
    """Limit 1: a's third and fourth balk although b's team has nobody waiting."""
    desk = {"reps": 2, "structure": "dedicated", "queue_limit": 1}
    t = trace(funnel({"a": at(10, 4), "b": at(10, 4)}, call=FOUR, desk=desk, calendar="always"))
    for team in "ab":
        assert [t.closed(f"{team}{k}") for k in (3, 4)] == [("balked", 10)] * 2
        assert [t.served(f"{team}{k}")[1] for k in (1, 2)] == [10, 14]


def test_round_robin_inside_a_team_deals_only_to_its_reps() -> None:
    """a's team is reps 0 and 2: its four leads go to 0, 2, 0, 2; b's to rep 1."""
    desk = {"reps": 3, "structure": "dedicated", "routing": "round robin"}
    t = trace(funnel({"a": at(10, 4), "b": at(10, 2)}, call=FOUR, desk=desk, calendar="always"))
    assert [t.served(f"a{k}")[0] for k in (1, 2, 3, 4)] == [0, 2, 0, 2]
    assert [t.served(f"b{k}")[0] for k in (1, 2)] == [1, 1]


def test_later_stages_stay_in_the_team() -> None:
    """Two stages, a team each: a's demos are done by a's rep, b's by b's."""
    steps = [stage("call"), stage("demo")]
    t = trace(funnel({"a": at(10, 2), "b": at(10, 2)}, stages=steps, desk={"reps": 2, "structure": "dedicated"}))
    # one rep each, open deals first: call 10-11, demo 11-12, call 12-13, demo 13-14
    for rep, team in enumerate("ab"):
        assert [row[1:5] for row in t.tasks(f"{team}1")] == [(rep, 10, 10, 11), (rep, 11, 11, 12)]
        assert [row[1:5] for row in t.tasks(f"{team}2")] == [(rep, 10, 12, 13), (rep, 13, 13, 14)]


def test_a_pool_that_serves_nobody_has_no_teams_until_it_does() -> None:
    """`spare`, split by channel, serves nobody until 0, then everybody: rep 0 is a's, rep 1 b's, rep 2 c's. Before that
    desk's one rep does a -10 to -6; then b and c are called at once, each by its team.
    """
    pools = {"desk": pool("call"), "spare": pool("call", channels=[], reps=2, structure="dedicated")}
    change = {"pools.desk.channels": [], "pools.spare.channels": ["a", "b", "c"], "pools.spare.reps": 3}
    leads = {"a": at(-10), "b": at(10), "c": at(10)}
    scenario = funnel(leads, pools=pools, call=FOUR, calendar="always", what_ifs={"change": change})
    t = trace(scenario, ["change"])
    assert t.served("a") == (0, -10, -6)
    assert [(row.pool, row.rep, row.started) for name in "bc" for row in t.work(name)] == [(1, 1, 10), (1, 2, 10)]
    assert [rules.pools[1].structure for rules in t.plan.phases] == [POOLED, DEDICATED]
