"""The leads of the plan before are kept: the next plan has the leads that it would have had alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simfunnel.engine import creation as sheets
from simfunnel.engine import simulate
from simfunnel.engine.creation import forget_leads, leads_in_order
from simfunnel.plan import Plan, compile_plan, static_calibration
from simfunnel.plan.model import Source
from simfunnel.scenario import parse, phases_of
from tests.engines.agree import assert_same_ledger
from tests.properties.funnels import BUSY, changed

FAIR = {"from": "2027-01-11", "to": "2027-01-22", "leads": 40}
OTHERS: dict[str, dict[str, Any]] = {
    "threshold": {"qualification__threshold": 45},
    "volume": {"channels__web__leads": "70 / week"},
    "hours of the week": {"channels__web__hours_of_week": "business"},
    "swing": {"channels__web__day_to_day_swing": 0.9},
    "season": {"channels__web__season": {"Jan": 0.5}},
    "campaign": {"channels__web__campaigns": {"fair": FAIR}},
    "list": {"channels__post": {"lists": {"every": "2 weeks", "size": 50}, "deal_value": "5k"}},
    "run-in": {"period__run_in": "5 weeks"},
    "start": {"period__start": "2027-01-11"},
}


def plan_of(values: dict[str, Any], *what_ifs: str) -> Plan:
    scenario = parse(values)
    return compile_plan(phases_of(scenario, what_ifs), static_calibration(scenario))


def alone(plan: Plan, seed: int = 1, replication: int = 0) -> list[list[float]]:
    forget_leads()
    return [column.tolist() for column in leads_in_order(plan, seed, replication)]


def after(first: Plan, plan: Plan) -> list[list[float]]:
    forget_leads()
    leads_in_order(first, 1, 0)
    return [column.tolist() for column in leads_in_order(plan, 1, 0)]


@pytest.mark.parametrize("what", OTHERS)
def test_a_plan_after_another_has_its_own_leads(what: str) -> None:
    today, other = plan_of(BUSY), plan_of(changed(BUSY, **OTHERS[what]))

    assert after(today, other) == alone(other)
    assert after(other, today) == alone(today)
    assert (alone(today) == alone(other)) == (what == "threshold")


def test_a_volume_that_changes_on_a_date_is_another_volume() -> None:
    values = changed(BUSY, what_ifs={"more": {"channels.web.leads": "90 / week"}, "fewer": {"pools.SDR.reps": 2}})
    today, more, fewer = plan_of(values), plan_of(values, "more"), plan_of(values, "fewer")

    assert after(today, more) == alone(more) != alone(today)
    assert after(today, fewer) == alone(fewer) == alone(today)


def test_another_seed_or_replication_has_leads_of_its_own() -> None:
    plan = plan_of(BUSY)
    first = alone(plan)

    assert [column.tolist() for column in leads_in_order(plan, 1, 1)] == alone(plan, 1, 1) != first
    assert [column.tolist() for column in leads_in_order(plan, 2, 0)] == alone(plan, 2, 0) != first


def test_lists_of_other_sizes_are_other_leads() -> None:
    small, large = (
        plan_of(changed(BUSY, channels__post={"lists": {"every": "2 weeks", "size": size}, "deal_value": "5k"}))
        for size in (50, 60)
    )

    assert after(small, large) == alone(large) != alone(small)


def test_the_same_leads_are_not_made_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    usual = sheets.arrivals_of_source

    def counted(plan: Plan, source: Source, *rest: Any) -> Any:
        asked.append(plan.channels[source.channel])
        return usual(plan, source, *rest)

    monkeypatch.setattr(sheets, "arrivals_of_source", counted)
    forget_leads()
    for plan in (plan_of(BUSY), plan_of(changed(BUSY, **OTHERS["threshold"]))):
        leads_in_order(plan, 1, 0)

    assert sorted(asked) == ["chat", "web"]


def test_more_leads_than_may_be_kept_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of(BUSY)
    many = len(alone(plan)[0])
    for most, kept in ((many, 1), (many - 1, 0)):
        monkeypatch.setattr(sheets, "MOST_KEPT", most)
        leads_in_order(plan, 1, 0)
        assert sheets._made.cache_info().currsize == kept


def test_a_ledger_that_is_written_to_changes_no_later_one() -> None:
    plan = plan_of(BUSY)
    first = simulate(plan, 1, 0, "compiled")
    before = first.leads["created"].copy()
    for column in ("id", "channel", "campaign", "created"):
        first.leads[column][:] = 0

    again = simulate(plan, 1, 0, "compiled")
    assert np.array_equal(again.leads["created"], before)
    forget_leads()
    assert_same_ledger(simulate(plan, 1, 0, "compiled"), again, plan)
