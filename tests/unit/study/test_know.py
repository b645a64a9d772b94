"""Which of the inputs that nobody typed moves revenue most: told only when it is detected, and kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simfunnel import study
from simfunnel.scenario import Scenario, parse, set_value
from simfunnel.study import overview as know

RAW: dict[str, Any] = {
    "period": {"start": "2027-01-04", "weeks": 9, "run_in": "8 weeks"},
    "channels": {"web": {"leads": "80 / week", "deal_value": "7k", "patience": "1 day"}},
    "score": {"accuracy": "good"},
    "qualification": {"mql_rate": "60%"},
    "handoff": {"default": {"instant": True}},
    "pools": {"SDR": {"stages": ["discovery"], "reps": 1}},
    "stages": [{"name": "discovery", "conversion": "50%", "effort": "2 hours", "quality_odds": 2}],
}


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMFUNNEL_CACHE", str(tmp_path))  # answers are kept there too


def funnel(**values: Any) -> Scenario:
    raw = RAW
    for path, value in values.items():
        raw = set_value(raw, path.replace("__", "."), value)
    return parse(raw)


def test_the_assumed_selling_time_of_a_team_that_is_too_small_moves_revenue_most() -> None:
    found = study.run(funnel(), replications=12, know=True).known

    assert found is not None
    assert [bar.path for bar in found.most] == ["pools.SDR.selling_time"]
    assert found.most[0].low.mean < 0 < found.most[0].high.mean


def test_where_nothing_is_detected_nothing_is_said_to_move_revenue() -> None:
    found = study.run(funnel(pools__SDR={"stages": ["discovery"], "reps": 9}), replications=3, know=True).known

    assert found is not None
    assert found.most == ()


def test_typed_ranges_count_among_what_is_not_known() -> None:
    scenario = funnel(pools__SDR__selling_time="50%", stages__discovery__conversion="20% to 80%")

    found = study.run(scenario, replications=10, know=True).known

    assert found is not None
    assert found.most[0].path == "stages.discovery.conversion"


def test_nothing_is_asked_where_everything_is_typed() -> None:
    scenario = funnel(pools__SDR__selling_time="50%", channels__web__day_to_day_swing=0.3)

    assert study.run(scenario, replications=2, know=True).known is None


def test_the_answer_is_kept_and_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = study.run(funnel(), replications=6, know=True).known
    monkeypatch.setattr(know, "around", None)

    assert study.run(funnel(), replications=6, know=True).known == first


def test_another_seed_or_another_price_is_another_question(monkeypatch: pytest.MonkeyPatch) -> None:
    study.run(funnel(), replications=4, know=True)
    asked = []
    monkeypatch.setattr(know, "moving_most", lambda *args: asked.append(1))

    study.run(funnel(), replications=4, know=True, seed=2)
    study.run(funnel(channels__web__deal_value="8k"), replications=4, know=True)

    assert len(asked) == 2


def test_a_file_that_cannot_be_read_is_asked_anew(tmp_path: Path) -> None:
    first = study.run(funnel(), replications=4, know=True).known
    (kept,) = (tmp_path / "inputs").iterdir()
    kept.write_text("{")

    assert study.run(funnel(), replications=4, know=True).known == first


def test_five_years_name_no_input_however_far_it_moves_revenue() -> None:
    found = study.run(funnel(), replications=5, know=True).known

    assert found is not None
    assert found.too_few
    assert found.most == ()
