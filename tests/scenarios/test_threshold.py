"""threshold.yaml: too strict loses by volume, too loose by load; only load makes a bar worth raising, only a score."""

from __future__ import annotations

import pytest

import simfunnel as sf
from simfunnel.study import Part, SweepResult
from tests.scenarios.shipped import compared, difference, higher, lower, scenario, value

FILE, WEAK = "threshold.yaml", "threshold_weak_score.yaml"
SDR = Part(pool="SDR")


def test_the_best_of_four_thresholds_lies_inside() -> None:
    result = compared(FILE, ("looser", "stricter", "much_stricter"), 16)

    assert lower(result, "wins", "looser")
    assert higher(result, "wins", "stricter")
    assert lower(result, "wins", "much_stricter")
    assert lower(result, "revenue", "looser")
    assert higher(result, "revenue", "stricter")
    assert lower(result, "revenue", "much_stricter")


def test_a_looser_bar_loses_by_load_and_a_stricter_one_by_volume() -> None:
    result = compared(FILE, ("looser", "stricter", "much_stricter"), 16)
    looser, much_stricter = (view for view in result.leads_view if view.plan in ("looser", "much_stricter"))

    assert higher(result, "went_cold", "looser")
    assert looser.lost_a_win.get("wait down", 0.0) > 0.9 * sum(looser.lost_a_win.values())
    assert value(result, "busy_share", "looser", SDR) > 0.98
    assert much_stricter.lost_a_win.get("score down", 0.0) > 0.9 * sum(much_stricter.lost_a_win.values())
    assert value(result, "busy_share", "much_stricter", SDR) < 0.5


def test_with_reps_to_spare_the_loosest_bar_wins() -> None:
    result = compared(FILE, ("looser", "stricter"), 8, "pools.*.reps=unlimited")

    assert higher(result, "wins", "looser")
    assert lower(result, "wins", "stricter")


def test_a_third_rep_brings_more_than_a_stricter_bar() -> None:
    result = compared(FILE, ("stricter", "three_SDRs"), 8)
    stricter, third = (difference(result, "revenue", plan) for plan in ("stricter", "three_SDRs"))

    assert third.mean - third.half_width > stricter.mean + stricter.half_width


def test_with_a_weak_score_the_same_stricter_bar_loses() -> None:
    result = compared(WEAK, ("stricter",), 16)

    assert lower(result, "wins", "stricter")
    assert lower(result, "revenue", "stricter")
    assert lower(result, "went_cold", "stricter")


def swept(file: str, *sets: str, accuracy: bool = False) -> SweepResult:
    return sf.sweep(scenario(file, *sets), ["qualification.threshold=30:75:15"], replications=40, accuracy=accuracy)


@pytest.mark.slow
def test_the_sweet_spot_lies_inside_and_fresh_seeds_agree() -> None:
    result = swept(FILE, accuracy=True)
    weak = result.accuracies[0]

    assert [each.name for each in result.levels] == ["30", "45", "50", "60", "75"]
    assert result.chosen.name == "60"
    assert result.detectable
    assert result.fresh is not None
    assert result.fresh.agrees
    assert result.fresh.gain is not None
    assert result.fresh.gain.mean > result.fresh.gain.half_width  # against today's 50
    assert (weak.word, weak.correlation) == ("weak", 0.3)
    assert weak.best is not None
    assert result.levels[weak.best].name in ("45", "50")
    assert result.most[-1].metric == "mqls"
    assert result.levels[result.most[-1].place].name == "30"


@pytest.mark.slow
def test_the_sweet_spot_is_the_loosest_bar_with_reps_to_spare_and_a_looser_one_with_a_weak_score() -> None:
    endless, weak = swept(FILE, "pools.*.reps=unlimited"), swept(WEAK)

    assert [each.name for each in endless.tied] == ["30"]
    assert weak.chosen.name in ("45", "50")
    assert "60" not in [each.name for each in weak.tied]
