"""Many levels beside each other: each number depends on its level, seed and replication only."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import simfunnel as sf
from simfunnel.metrics import EVERYTHING, Key, Wanted
from simfunnel.study import Work, Years, levels, run
from simfunnel.study.years import table
from simfunnel.study.years.calls import packed, unpacked

SHARE = "qualification.mql_rate"
WANTED: Wanted = (("revenue", ""), ("mqls", ""), ("busy_share", "pool"))
REVENUE, MQLS, BUSY = Key("revenue"), Key("mqls"), Key("busy_share", pool="SDR")
TINY = """\
title: Tiny
period: {start: 2027-01-04, weeks: 9, run_in: 8 weeks}
channels: {web: {leads: 40 / week, deal_value: 7k}, chat: {leads: 20 / week, deal_value: 9k}}
qualification: {mql_rate: 40%}
pools:
  SDR: {stages: [discovery], reps: 2, selling_time: 50%}
stages: [{name: discovery, conversion: 50%}]
"""


@pytest.fixture
def scenario(tmp_path: Path) -> sf.Scenario:
    (tmp_path / "tiny.yaml").write_text(TINY)
    return sf.load(tmp_path / "tiny.yaml")


def swept(scenario: sf.Scenario, work: Work = Work(), seed: int = 1) -> Years[str]:  # noqa: B008 (immutable)
    changes = [{}, {SHARE: 0.2}, {SHARE: 0.3}, {SHARE: 0.3, "pools.SDR.reps": 3}]
    return levels(scenario, changes, wanted=WANTED, work=work, seed=seed)


def numbers(at: Years[str]) -> dict[str, list[bytes]]:
    return {name: [one.numerator.tobytes(), one.denominator.tobytes()] for name, one in at.samples().items()}


def test_levels_are_named_after_what_they_set(scenario: sf.Scenario) -> None:
    assert swept(scenario).names == ("today", f"{SHARE}=0.2", f"{SHARE}=0.3", f"{SHARE}=0.3, pools.SDR.reps=3")


def test_a_level_has_the_numbers_of_a_run_of_it(scenario: sf.Scenario) -> None:
    at = swept(scenario)
    assert at.extend(3)
    alone = run(scenario, replications=3).samples["today"]

    today = at.samples()["today"]

    assert today.keys == (REVENUE, MQLS, BUSY)
    for key in today.keys:
        assert today.values(key).tolist() == alone.values(key).tolist()


def test_a_stricter_bar_lets_fewer_pass_in_every_replication(scenario: sf.Scenario) -> None:
    at = swept(scenario)
    at.extend(4)
    today, strictest, *_ = at.samples().values()

    assert (strictest.values(MQLS) < today.values(MQLS)).all()
    assert at.values(MQLS).shape == (4, 4)
    assert at.values(MQLS, at.names[:2]).T.tolist() == [today.values(MQLS).tolist(), strictest.values(MQLS).tolist()]


def test_workers_chunks_and_the_order_of_work_change_nothing(
    scenario: sf.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once, in_steps = swept(scenario), swept(scenario)
    at_once.extend(6)
    in_steps.extend(2, [in_steps.names[3]])
    in_steps.extend(4)
    monkeypatch.setattr(table, "YEARS_A_CALL", 5)
    with ThreadPoolExecutor(3) as pool:
        by_three = swept(scenario, Work(pool, 3))
        by_three.extend(6)
    in_steps.extend(6)

    assert numbers(at_once) == numbers(in_steps) == numbers(by_three)


def test_some_levels_may_have_more_replications(scenario: sf.Scenario) -> None:
    at = swept(scenario)
    at.extend(2)
    at.extend(5, at.names[:2])

    assert [at.replications(name) for name in at.names] == [5, 5, 2, 2]
    assert {one.replications for one in at.samples().values()} == {2}
    few = at.samples(at.names[:2])
    assert {one.replications for one in few.values()} == {5}
    assert few["today"].values(REVENUE)[:2].tolist() == at.samples()["today"].values(REVENUE).tolist()


def test_a_stop_keeps_what_is_finished(scenario: sf.Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, int, int]] = []
    monkeypatch.setattr(table, "YEARS_A_CALL", 2)
    at = swept(scenario, Work(on_progress=lambda *step: told.append(step), stop=lambda: len(told) > 3))

    assert not at.extend(9)
    assert [at.replications(name) for name in at.names] == [2, 2, 1, 1]
    assert told[-1] == ("simulating", 6, 36)


def test_another_seed_is_other_luck_of_the_same_levels(scenario: sf.Scenario) -> None:
    at = swept(scenario)
    at.extend(2)
    fresh = at.with_seed(2)
    fresh.extend(2)

    assert at.with_seed(1).replications("today") == 0
    assert fresh.names == at.names
    assert not np.array_equal(fresh.samples()["today"].numerator, at.samples()["today"].numerator)


def test_a_change_that_does_not_fit_is_told_at_its_place(scenario: sf.Scenario) -> None:
    with pytest.raises(sf.ScenarioError, match=r"tiny.yaml:4:.*qualification.mql_rat.*did you mean mql_rate"):
        levels(scenario, [{"qualification.mql_rat": 0.3}])
    with pytest.raises(sf.ScenarioError, match=r"pools.SDR.reps: -1"):
        levels(scenario, [{"pools.SDR.reps": -1}])
    with pytest.raises(ValueError, match="two levels are the same"):
        levels(scenario, [{}, {SHARE: 0.3}, {SHARE: 0.3}])


def test_a_metric_or_a_split_that_there_is_not_is_refused(scenario: sf.Scenario) -> None:
    with pytest.raises(sf.ArgumentError, match="wanted: there is no metric revenue by stage"):
        levels(scenario, [{}], wanted=(("revenue", "stage"),))


def test_without_a_wish_everything_is_measured(scenario: sf.Scenario) -> None:
    at = levels(scenario, [{}])
    at.extend(1)

    assert len(at.samples()["today"].keys) > len(EVERYTHING)


def test_plans_travel_whole_and_equal_arrays_once(scenario: sf.Scenario) -> None:
    plans = list(swept(scenario).plans.values())
    parcel = packed(plans)

    assert [plan.sha256 for plan in unpacked(parcel)] == [plan.sha256 for plan in plans]
    assert unpacked(parcel) is unpacked(bytes(bytearray(parcel)))
    assert len(parcel) < 1.5 * len(packed(plans[:1]))
