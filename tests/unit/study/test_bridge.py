"""Bridges: parts that add up, groups that can be told apart, leaks that are exactly 0, what is left to a target."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import pytest

from simfunnel import study
from simfunnel.errors import ScenarioError, StoppedError
from simfunnel.scenario import Scenario, Setting, parse, set_value
from simfunnel.study import REMAINDER, BridgeResult
from simfunnel.study.bridge.split import Group, groups_of, spec_maker
from tests.unit.study.test_leaks import LEAKY, SOUND

pytestmark = pytest.mark.usefixtures("few_pilots")

WHAT_IFS: dict[str, Any] = {
    "faster": {"handoff.default.delay": "30 minutes"},
    "one_more": {"pools.SDR.reps": "1 more"},
    "plugged": {"handoff.default.leak": "0%"},
    "as_it_is": {"pools.SDR.reps": 1},
    "both": ["faster", "one_more"],
    "mixed": ["faster", {"qualification.threshold": 50, "pools.AE.reps": 3}],
    "of_paths": {"handoff.default.delay": "30 minutes", "pools.SDR.reps": 2},
    "twice": ["one_more", {"from": "2027-01-18", "pools.SDR.reps": "1 more"}],
    "many": {
        "handoff.default.delay": "30 minutes",
        "handoff.default.leak": "0%",
        "pools.SDR.reps": 2,
        "pools.AE.reps": 3,
        "qualification.threshold": 50,
        "stages.proposal.no_show": "0%",
    },
    "teams": {"pools.SDR.reps": 2, "pools.SDR.structure": "dedicated", "pools.SDR.teams": {"web": 2}},
    "own_team": {"pools.SDR.structure": "dedicated", "pools.SDR.teams": {"web": 1}},
    "of_two": {"pools.SDR.teams.web": 2},
    "needing": ["own_team", "of_two", "one_more"],
}
SCENARIO = parse({**LEAKY, "what_ifs": WHAT_IFS})


def bridged(what_ifs: Sequence[str], **asked: Any) -> BridgeResult:
    return study.bridge(SCENARIO, what_ifs, **{"replications": 4, **asked})


@cache
def to_target() -> BridgeResult:
    return bridged([], to=1e6)


def names(*what_ifs: str) -> list[str]:
    return [group.name for group in groups_of(SCENARIO, what_ifs)]


def sums_to_total(result: BridgeResult) -> bool:
    return all(
        math.isclose(
            math.fsum(part.mean for part in result.parts if part.metric == total.metric),
            total.after.mean - total.before.mean,
            rel_tol=1e-12,
            abs_tol=1e-9,
        )
        for total in result.totals
    )


def test_parts_of_every_metric_add_up_to_the_difference_that_compare_finds() -> None:
    result = bridged(["both"])
    compared = study.compare(SCENARIO, ["both"], replications=4)

    assert result.exact
    assert sums_to_total(result)
    assert {"revenue", "wins", "win_rate"} <= {total.metric for total in result.totals}
    for total in result.totals:
        difference = compared.difference(total.metric, "both")
        assert difference is not None
        assert tuple(total.difference) == pytest.approx((difference.mean, difference.half_width))


def test_with_more_than_five_groups_random_orders_add_up_as_well() -> None:
    result = bridged(["many"])

    assert not result.exact
    assert len({part.part for part in result.parts}) == 6
    assert sums_to_total(result)
    assert "win_rate" not in {total.metric for total in result.totals}
    assert result.parts == bridged(["many"], executor=ThreadPoolExecutor(2), workers=2).parts


def test_a_part_that_changes_nothing_brings_exactly_nothing() -> None:
    result = bridged(["as_it_is", "faster"])

    for metric in ("revenue", "wins", "mqls"):
        part = result.part("as_it_is", metric)
        assert part is not None
        assert (part.mean, part.half_width, part.verdict) == (0.0, 0.0, "no detectable difference")


def test_groups_are_what_ifs_or_the_named_parts_of_one_or_its_paths() -> None:
    assert names("faster", "plugged") == ["faster", "plugged"]
    assert names("both") == ["faster", "one_more"]
    assert names("mixed") == ["faster", "qualification.threshold", "pools.AE.reps"]
    assert names("of_paths") == ["handoff.default.delay", "pools.SDR.reps"]


def test_paths_that_cannot_be_set_without_each_other_are_one_group() -> None:
    assert names("teams") == ["pools.SDR"]


def test_named_parts_that_do_not_hold_without_each_other_are_refused_by_name() -> None:
    with pytest.raises(
        ScenarioError, match=r"with only own_team and .* of the plan.*name the parts that need each other"
    ):
        names("needing")


def test_changes_are_made_in_the_order_in_which_they_are_typed_and_from_their_dates() -> None:
    groups = groups_of(SCENARIO, ["twice"])
    made = spec_maker(SCENARIO, groups, "period")

    def reps(*chosen: int) -> list[int | str]:
        return [phase.pools["SDR"].reps for _, phase in made(frozenset(chosen)).phases]

    assert [group.changes for group in groups] == [
        ("pools.SDR.reps: 1 more",),
        ("pools.SDR.reps: 1 more (from 2027-01-18)",),
    ]
    assert reps(0, 1) == [1, 2, 3]
    assert reps(1) == [1, 2]


def test_an_unknown_what_if_is_answered_with_the_nearest() -> None:
    with pytest.raises(ScenarioError, match="did you mean faster"):
        bridged(["fastr"])


def test_the_repair_of_a_leak_is_the_difference_that_compare_finds() -> None:
    found = to_target().leak("leaked")
    compared = study.compare(SCENARIO, ["plugged"], replications=4).difference("revenue", "plugged")

    assert found is not None
    assert compared is not None
    assert (found.revenue.mean, found.revenue.half_width) == pytest.approx((compared.mean, compared.half_width))
    assert found.counted.mean > 0


def test_repairs_together_bring_what_they_bring_one_by_one_and_what_is_beyond() -> None:
    result = to_target()
    total = result.total()

    assert total is not None
    assert result.beyond is not None
    alone = math.fsum(each.revenue.mean for each in result.leaks if not each.leak.of)
    assert total.difference.mean == pytest.approx(alone + result.beyond.mean)
    assert result.beyond.half_width > 0


def test_the_ledger_is_ranked_by_money_and_ends_with_what_does_not_exist() -> None:
    ledger = to_target().leaks
    money = [each.revenue.mean for each in ledger if each.leak.exists]

    assert money == sorted(money, reverse=True)
    assert [each.leak.exists for each in ledger] == sorted((each.leak.exists for each in ledger), reverse=True)


def test_a_leak_that_does_not_exist_brings_exactly_nothing() -> None:
    found = to_target().leak("not_nurtured")

    assert found is not None
    assert (found.revenue.mean, found.revenue.half_width) == (0.0, 0.0)
    assert found.revenue.verdict == "no detectable difference"


def test_today_the_parts_and_the_remainder_make_the_target() -> None:
    result = to_target()
    total, to = result.total(), result.to

    assert total is not None
    assert to is not None
    parts = math.fsum(part.mean for part in result.parts if part.metric == "revenue")
    assert total.before.mean + parts + to.remainder.mean == pytest.approx(1e6)
    assert total.before.mean + to.gap.mean == pytest.approx(1e6)
    assert (to.reached_today, to.reached_repaired) == (0.0, 0.0)
    assert sums_to_total(result)


def test_a_repair_may_leave_a_team_behind_for_good() -> None:
    crowded = set_value(set_value(LEAKY, "channels.web.leads", "150 / week"), "pools.SDR.queue_limit", "none")
    endless = {"channels.web.patience": "none", "nurture.patience": "none"}
    told = study.compare(parse({**crowded, "what_ifs": {"endless": endless}}), ["endless"], replications=1).warnings
    assert any("cannot keep up" in warning and "endless" in warning for warning in told)

    found = study.bridge(parse(crowded), replications=1).leak("went_cold")

    assert found is not None
    assert math.isfinite(found.revenue.mean)


def test_the_target_is_the_scenarios_when_none_is_given() -> None:
    typed = parse({**SOUND, "target": {"revenue": "300k"}})
    found = study.bridge(typed, replications=1).to

    assert found is not None
    assert found.revenue == 300_000
    assert study.bridge(parse(SOUND), replications=1).to is None


def test_in_a_sound_funnel_all_of_the_gap_is_left_to_leads_and_closing() -> None:
    result = study.bridge(parse(SOUND), to=1e6, replications=3)

    assert result.parts == ()
    assert {each.revenue.mean for each in result.leaks} == {0.0}
    assert result.to is not None
    assert result.to.remainder == result.to.gap
    assert result.as_dict()["target"]["remainder"]["name"] == REMAINDER


def test_more_replications_keep_those_that_there_were(monkeypatch: pytest.MonkeyPatch) -> None:
    few, many = bridged(["both"], replications=3), bridged(["both"], replications=4)

    assert few.replications == 3
    assert few.parts != many.parts
    monkeypatch.setattr("simfunnel.study.years.work.replication_checks", lambda rule: (3, 4))
    auto = bridged(["both"], replications="auto", precision=1e-9)
    assert (auto.replications, auto.auto, auto.parts) == (4, True, many.parts)


def test_a_stop_keeps_the_years_that_are_complete() -> None:
    asked = iter([False] * 2 + [True] * 1000)
    result = bridged(["both"], replications=40, stop=lambda: next(asked))

    assert result.cancelled
    assert 0 < result.replications < 40
    assert sums_to_total(result)
    assert any("stopped early" in warning for warning in result.warnings)
    with pytest.raises(StoppedError):
        bridged(["both"], stop=lambda: True)


def test_a_bridge_leads_to_one_end() -> None:
    with pytest.raises(ValueError, match="not to both"):
        bridged(["both"], to=1e6)


def test_amounts_of_a_year_are_those_of_the_period_stretched() -> None:
    result = to_target()

    row = next(row for row in result.table() if row["kind"] == "leak")
    assert result.yearly == pytest.approx(365 / 42)
    assert row["a_year"] == pytest.approx(row["mean"] * 365 / 42)
    year: Scenario = parse(set_value(set_value(SOUND, "period.weeks", 52), "period.run_in", "0 days"))
    assert study.bridge(year, replications=1).yearly == 1.0


def test_records_are_tidy_and_json_is_one_object() -> None:
    result = to_target()

    assert {tuple(row) for row in result.table()} == {result.columns}
    kinds = {"value", "difference", "part", "leak", "beyond one by one", "gap", "remainder"}
    rows = {row["kind"]: row for row in result.table()}
    assert set(rows) == kinds
    assert result.beyond is not None
    assert rows["beyond one by one"]["mean"] == result.beyond.mean
    cold = result.leak("went_cold")
    assert cold is not None
    counted = [row["leads_a_year"] for row in result.table() if (row["kind"], row["part"]) == ("leak", "went_cold")]
    assert counted == [pytest.approx(cold.counted.mean * 365 / 42)]
    found = result.as_dict()
    assert (found["schema"], found["before"], found["after"]) == ("simfunnel.bridge/1", "today", "all repaired")
    assert {each["owner"] for each in found["leaks"]} <= {"marketing", "sales", "both"}
    assert "<table>" in result._repr_html_()


def test_random_orders_and_all_subsets_agree_within_their_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    every = bridged(["mixed"], replications=40)
    monkeypatch.setattr(sys.modules["simfunnel.study.bridge.split"], "EXACT_GROUPS", 2)
    random = bridged(["mixed"], replications=40)

    assert (every.exact, random.exact) == (True, False)
    assert random.total() == every.total()
    for one in random.parts:
        other = every.part(one.part, one.metric)
        assert other is not None
        assert abs(one.mean - other.mean) <= math.hypot(one.half_width, other.half_width)


def test_a_change_of_several_values_is_told_as_a_file_would_hold_it() -> None:
    found = Setting(None, "pools.SDR.teams", {"web": 2, "chat": 1})

    assert Group("teams", (found,), (0,)).changes == ("pools.SDR.teams: {web: 2, chat: 1}",)
