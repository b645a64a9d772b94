"""Fields that do nothing where they stand are told, and left alone where they do or may do something."""

from __future__ import annotations

from typing import Any

import pytest

from simfunnel.errors import path_text
from simfunnel.scenario import check, parse
from tests.unit.scenario.building import small, with_paths

HIRE = {"on": "2027-03-01", "reps": 1}


def idle(values: dict[str, Any], **sections: Any) -> dict[str, str]:
    """What is said to do nothing, by path."""
    found = check(with_paths(values, **sections))
    return {path_text(p.path): p.rule for p in found if p.rule.startswith("does nothing")}


@pytest.mark.parametrize(
    ("values", "path", "why"),
    [
        ({"stages.discovery.wait": "3 days"}, "stages.discovery.wait", "joining the queue"),
        ({"stages.discovery.wait": "none"}, "stages.discovery.wait", "joining the queue"),
        ({"stages.proposal.no_show_effort": "30%"}, "stages.proposal.no_show_effort", "no_show is 0"),
        ({"stages.proposal.postponed_for": "30 days"}, "stages.proposal.postponed_for", "nobody is postponed"),
        (
            {"stages.discovery.conversion": "100%", "stages.discovery.quality_odds": 2},
            "stages.discovery.quality_odds",
            "all decisions are the same",
        ),
        (
            {"stages.discovery.conversion": "100%", "stages.discovery.otherwise": {"lost": "100%"}},
            "stages.discovery.otherwise",
            "every decision advances",
        ),
        ({"qualification.near_miss_to": "disqualified"}, "qualification.near_miss_to", "near_miss is 0"),
        ({"acceptance": {"rate": "100%", "effort": "30 minutes"}}, "acceptance.effort", "accepts everyone"),
        ({"acceptance": {"rate": "100%", "accuracy": "good"}}, "acceptance.accuracy", "accepts everyone"),
        ({"pools.SDR.teams": {"web": 3, "chat": 2}}, "pools.SDR.teams", "the structure is pooled"),
        ({"pools.SDR.specialised": {"web": {"odds": 1.2}}}, "pools.SDR.specialised", "the structure is pooled"),
        ({"pools.AE.routing": "round robin"}, "pools.AE.routing", "new leads"),
        ({"pools.AE.discipline": "newest first"}, "pools.AE.discipline", "new leads"),
        ({"pools.AE.queue_limit": 5}, "pools.AE.queue_limit", "new leads"),
        ({"pools.AE.open_deals": "last"}, "pools.AE.open_deals", "new leads"),
        ({"pools.AE.overflow": "2 hours"}, "pools.AE.overflow", "new leads"),
        ({"pools.SDR.open_deals": "last"}, "pools.SDR.open_deals", "only new leads"),
        ({"pools.SDR.reps": 1, "pools.SDR.routing": "random"}, "pools.SDR.routing", "one rep"),
        ({"pools.SDR.ownership": "rep"}, "pools.SDR.ownership", "one task"),
        ({"pools.SDR.commission": "5%"}, "pools.SDR.commission", "who wins"),
        (
            {"pools.SDR.reps": "unlimited", "pools.SDR.cost_per_rep": "75k / year"},
            "pools.SDR.cost_per_rep",
            "unlimited",
        ),
        ({"pools.SDR.reps": "unlimited", "pools.SDR.discipline": "newest first"}, "pools.SDR.discipline", "unlimited"),
        (
            {"pools.SDR.hires": [HIRE | {"ramp": "3 months", "start_at": "100%"}]},
            "pools.SDR.hires[0].ramp",
            "start_at is 100%",
        ),
        (
            {"pools.SDR.hires": [HIRE | {"ramp": "0 days", "start_at": "30%"}]},
            "pools.SDR.hires[0].start_at",
            "there is no ramp",
        ),
        ({"channels.web.value_quality": 0.3}, "channels.web.value_quality", "the same value"),
        ({"calendar": {"always": True, "holidays": "US"}}, "calendar.holidays", "round the clock"),
        (
            {"pools.SDR.calendar": {"always": True, "hours": "08:00-20:00"}},
            "pools.SDR.calendar.hours",
            "round the clock",
        ),
        (
            {"handoff": {"default": {"delay": "1 day"}, "web": {"instant": True}, "chat": {"batch": "daily 09:00"}}},
            "handoff.default.delay",
            "a way of its own",
        ),
        (
            {"handoff": {"default": {"leak": "5%"}, "web": {"leak": "1%"}, "chat": {"leak": "2%"}}},
            "handoff.default.leak",
            "a leak of its own",
        ),
    ],
)
def test_a_field_without_effect_at_its_place_is_told(values: dict[str, Any], path: str, why: str) -> None:
    assert why in idle(values)[path]


def test_what_shapes_leads_and_visits_does_nothing_for_lists() -> None:
    lists = {"lists": {"every": "30 days", "size": 200}, "deal_value": "9k", "season": {"jul": "50%"}, "growth": "5%"}
    found = idle({}, channels={"fair": lists | {"hours_of_week": "business", "day_to_day_swing": 0}})

    assert set(found) == {"channels.fair.season", "channels.fair.growth", "channels.fair.hours_of_week"}


def test_the_quality_of_the_only_channel_is_measured_against_itself() -> None:
    web = {"leads": "60 / week", "deal_value": "9k", "quality": 0.5, "score_bias": 5}

    assert set(idle({}, channels={"web": web})) == {"channels.web.quality"}
    by_rate = idle({}, channels={"web": web}, qualification={"mql_rate": "30%"})
    assert set(by_rate) == {"channels.web.quality", "channels.web.score_bias"}


def test_skills_for_leads_that_a_team_never_gets_do_nothing() -> None:
    pools = {
        "SDR": {"stages": ["discovery"], "channels": ["web"], "reps": 5, "selling_time": "50%"},
        "Desk": {"stages": ["discovery"], "channels": ["chat"], "reps": 2, "selling_time": "50%"},
        "AE": {"stages": ["proposal"], "reps": 4, "selling_time": "50%"},
    }

    assert set(idle({}, pools=pools, skills={"SDR": {"chat": {"odds": 1.2}}})) == {"skills.SDR.chat"}


def test_patience_does_nothing_where_nobody_has_to_answer() -> None:
    web = {"leads": "60 / week", "deal_value": "9k", "patience": "3 days"}
    bare = {"channels": {"web": web}, "pools": {}, "handoff": {"default": {"instant": True}}}

    assert set(idle({}, **bare)) == {"channels.web.patience"}


@pytest.mark.parametrize(
    "values",
    [
        {
            "stages.discovery.no_show": "20%",
            "stages.discovery.wait": "3 days",
            "stages.discovery.no_show_effort": "30%",
        },
        {"qualification.near_miss": 10, "qualification.near_miss_to": "disqualified"},
        {"pools.SDR.structure": "dedicated", "pools.SDR.specialised": {"web": {"odds": 1.2}}},
        {"pools.SDR.routing": "round robin", "pools.SDR.discipline": "newest first", "pools.SDR.queue_limit": 5},
        {"pools.AE.commission": "5%"},
        {"channels.web.deal_value": {"median": "9k", "p90": "30k"}, "channels.web.value_quality": 0.3},
        {"channels.web.quality": 0.5, "channels.web.score_bias": 5},
    ],
)
def test_a_field_that_does_something_is_left_alone(values: dict[str, Any]) -> None:
    assert idle(values) == {}


def test_a_field_that_a_what_if_needs_is_left_alone() -> None:
    raw = small(what_ifs={"teams": {"pools.*.structure": "dedicated"}, "shows": {"stages.discovery.no_show": "10%"}})
    raw["pools"]["SDR"]["specialised"] = {"web": {"odds": 1.2}}
    raw["stages"][0]["wait"] = "3 days"

    assert [problem.rule for problem in check(parse(raw)) if problem.rule.startswith("does nothing")] == []
