"""Heads split into teams, by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simfunnel.errors import ScenarioError
from simfunnel.plan.arrivals import Arrivals
from simfunnel.plan.frame import frame_of
from simfunnel.plan.pools import allot, team_loads
from tests.unit.plan.scenes import planned, scene


def test_every_team_has_one_head_and_the_next_goes_where_the_load_per_head_is_largest() -> None:
    loads = {"web": 60.0, "chat": 25.0, "fair": 10.0}

    # after one each: web 60, chat 25, fair 10 -> web; web 30, chat 25 -> web; web 20, chat 25 -> chat; web 20 -> web
    assert allot(loads, 7) == ["chat", "fair", "web", "web", "web", "chat", "web"]


def test_ties_go_by_name() -> None:
    assert allot({"b": 10.0, "a": 10.0, "ab": 10.0}, 6) == ["a", "ab", "b", "a", "ab", "b"]


def test_typed_teams_are_filled_first_and_the_rest_by_load() -> None:
    loads = {"web": 60.0, "chat": 25.0, "fair": 10.0}

    assert allot(loads, 6, {"chat": 3}) == ["chat", "fair", "web", "chat", "chat", "web"]


def test_when_all_teams_are_typed_further_hires_go_by_load() -> None:
    assert allot({"a": 10.0, "b": 40.0}, 5, {"a": 2, "b": 2}) == ["a", "b", "b", "a", "b"]


@given(
    loads=st.dictionaries(st.sampled_from("abcdef"), st.floats(0.0, 1e4), min_size=1),
    heads=st.integers(0, 40),
)
def test_a_larger_headcount_only_adds_heads(loads: dict[str, float], heads: int) -> None:
    assert allot(loads, heads + 1)[:heads] == allot(loads, heads)


def test_load_is_leads_times_the_share_that_passes_times_the_work() -> None:
    scenario = scene()
    frame = frame_of(scenario)

    loads = team_loads(frame, 0, "SDR", Arrivals(frame), [0.5, 0.2])

    assert loads == pytest.approx({"chat": 52 * 30 * 0.5, "web": 52 * 70 * 0.2})


def test_heads_are_split_by_what_passes_the_phases_threshold() -> None:
    plan = planned("pools.SDR.structure=dedicated", "pools.SDR.reps=6")
    names = [plan.channels[team] for team in plan.phases[0].pools[1].team_of]

    # web: 70 x 29.8% = 20.9 a week; chat: 30 x 41% = 12.4: 20.9, 12.4 -> web 10.4 -> chat 6.2 -> web 7.0 -> web
    assert names == ["chat", "web", "web", "chat", "web", "web"]


def test_a_switch_allots_anew() -> None:
    plan = planned("pools.SDR.reps=4", what_if="{pools.SDR.structure: dedicated}")

    assert [phase.pools[1].team_of.tolist() for phase in plan.phases] == [[-1] * 4, [0, 1, 1, 0]]


def test_hires_are_the_next_heads() -> None:
    plan = planned("pools.SDR.reps=2", "pools.SDR.structure=dedicated", "pools.SDR.hires=[{on: 2027-03-01, reps: 1}]")

    assert plan.phases[0].pools[1].team_of.tolist() == [0, 1, 1]


def test_too_few_heads_to_split_is_an_error_that_says_how_many_it_takes() -> None:
    with pytest.raises(ScenarioError, match="at least 2"):
        planned("pools.SDR.reps=1", what_if="{pools.SDR.structure: dedicated}")


def test_teams_gain_on_their_own_channel_only_when_there_are_teams() -> None:
    typed = "pools.SDR.specialised={default: {odds: 1.15, time: 90%}, chat: {odds: 1.3}}"
    pooled, split = planned(typed), planned(typed, "pools.SDR.structure=dedicated")

    assert pooled.phases[0].pools[1].own_log_odds.tolist() == [0.0, 0.0]
    assert split.phases[0].pools[1].own_log_odds.tolist() == pytest.approx([0.26236426, 0.13976194])
    assert split.phases[0].pools[1].own_time.tolist() == [0.9, 0.9]


def test_hybrid_teams_help_each_other_in_the_order_typed() -> None:
    base = ("pools.SDR.structure=hybrid", "pools.SDR.overflow={after: 2 working hours}")
    everyone = planned(*base).phases[0].pools[1]
    some = planned(*base, "pools.SDR.overflow.to=[web]").phases[0].pools[1]

    assert everyone.overflow_to == ((1,), (0,))
    assert (everyone.overflow_after.a, everyone.overflow_after.working) == (2.0, True)
    assert some.overflow_to == ((1,), ())
