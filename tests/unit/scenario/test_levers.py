"""Levers: levels read in the field's own units, or as multiples of what stands there today."""

from __future__ import annotations

from typing import Any

import pytest

from simfunnel.errors import ScenarioError
from simfunnel.scenario import Lever, changes_of, lever_of, parse, phases_with
from tests.unit.scenario.building import small


def lever(text: str, **changes: Any) -> Lever:
    return lever_of(parse(small(**changes)), text)


def refusal(text: str, **changes: Any) -> str:
    with pytest.raises(ScenarioError) as caught:
        lever(text, **changes)
    assert len(caught.value.problems) == 1
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "values", "unit"),
    [
        ("qualification.threshold=40:80:20", [40, 60, 80], ""),
        ("qualification.threshold=0:0.3:0.1", [0, 0.1, 0.2, 0.3], ""),
        ("qualification.threshold=40:60:15", [40, 55], ""),
        ("qualification.threshold.chat=40:60:20", [40, 60], ""),
        ("qualification.mql_rate=20:60:20%", ["20%", "40%", "60%"], "%"),
        ("qualification.mql_rate=0.2:0.4:0.2", ["20%", "40%"], "%"),
        ("pools.SDR.reps=3:5:1", [3, 4, 5], ""),
        ("handoff.default.delay=30 minutes:1.5 h:30m", ["30 minutes", "60 minutes", "90 minutes"], "minutes"),
        ("handoff.default.delay=1:3:1 hours", ["1 hour", "2 hours", "3 hours"], "hours"),
        (
            "pools.SDR.overflow.after=1:2:1 working hours",
            ["1 working hour", "2 working hours"],
            "working hours",
        ),
        ("channels.web.volume=40:60:10 / week", ["40 / week", "50 / week", "60 / week"], "/ week"),
        ("channels.*.volume=80%:120%:20%", ["0.8 times", "1 times", "1.2 times"], "x today"),
        ("acceptance.rate=0.9x:1.1x:0.2x", ["0.9 times", "1.1 times"], "x today"),
        ("pools.SDR.cost_per_rep=70k:80k:10k / year", ["70000 / year", "80000 / year"], "/ year"),
        ("channels.web.deal_value=9k:11k:2k", [9000, 11000], ""),
        ("stages.discovery.conversion=40%:50%:10%", ["40%", "50%"], "%"),
    ],
)
def test_levels_are_what_a_what_if_would_type(text: str, values: list[Any], unit: str) -> None:
    found = lever(text)

    assert [found.value(level) for level in found.levels()] == values
    assert found.unit == unit


def test_every_level_can_be_set_in_the_scenario() -> None:
    scenario = parse(small())
    volume, bar = (
        lever_of(scenario, "channels.*.volume=50%:150%:50%"),
        lever_of(scenario, "qualification.mql_rate=20:40:10%"),
    )

    spec = phases_with(scenario, changes_of([volume, bar], [1.5, 0.3]))

    changed = spec.phases[-1][1]
    assert [str(channel.leads) for channel in changed.channels.values()] == ["90 / week", "30 / week"]
    assert changed.qualification.mql_rate == 0.3
    assert changed.qualification.threshold is None


@pytest.mark.parametrize(
    ("text", "today"),
    [
        ("qualification.threshold=40:80:5", 60),
        ("pools.SDR.reps", 5),
        ("pools.SDR.selling_time", 0.5),
        ("acceptance.rate=50:70:5%", 0.6),
        ("channels.web.volume=40:60 / week", 60),
        ("channels.*.volume", 1),
        ("channels.*.volume=40:60 / week", None),  # they differ
        ("qualification.mql_rate=20:60:20%", None),  # a threshold is typed instead
        ("handoff.default.delay=1:8 hours", None),  # a distribution
    ],
)
def test_todays_level_is_known_where_one_can_be_compared(text: str, today: float | None) -> None:
    assert lever(text).today == today


def test_a_share_that_nobody_typed_stands_at_what_is_assumed() -> None:
    pools = {"SDR": {"stages": ["discovery", "proposal"], "reps": 5}}

    assert lever("pools.SDR.selling_time=30:70:10%", pools=pools).today == 0.5


def test_todays_duration_is_told_in_the_unit_of_the_levels() -> None:
    found = lever("handoff.default.delay=30m:4h:30m", handoff={"default": {"delay": "3 hours"}})

    assert (found.today, found.unit) == (180, "minutes")


def test_a_bare_path_is_in_todays_unit_or_relative_where_there_is_no_single_number() -> None:
    varies = {"default": {"delay": {"median": "3 hours", "p90": "20 hours"}}}
    volume, all_volumes = lever("channels.web.volume"), lever("channels.*.volume")
    delay = lever("handoff.default.delay", handoff=varies)

    assert (volume.relative, volume.value(70)) == (False, "70 / week")
    assert (all_volumes.relative, all_volumes.value(1.25)) == (True, "1.25 times")
    assert (delay.relative, delay.today) == (True, 1)
    with pytest.raises(ValueError, match="no steps"):
        volume.levels()


def test_words_name_the_unit() -> None:
    assert lever("pools.SDR.reps=3:5:1").words(4) == "4"
    assert lever("qualification.mql_rate=20:60:20%").words(0.2) == "20%"
    assert lever("channels.*.volume").words(1.25) == "125% of today"


def test_a_belief_is_marked_and_a_lever_is_not() -> None:
    assert lever("stages.discovery.conversion=40:50:5%").belief
    assert not lever("acceptance.rate=40:50:5%").belief


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("target.revenue=1:2:1", "sets target, which a what-if cannot change; change it with --set"),
        ("pools.SDX.reps=3:9:1", "names 'SDX', which is not in pools; did you mean SDR?"),
        ("pools.SDR.structure=1:2:1", "is no number, so it has no levels"),
        ("pools=1:2:1", "a what-if cannot add or remove pools"),
        ("pools.SDR.reps=3:9:0.5", "are not all whole numbers"),
        ("pools.SDR.reps=50%:150%:10%", "multiplies what must stay a whole number"),
        ("pools.*.reps", "stands for no single whole number"),
        ("qualification.threshold=80:40:5", "does not go from a lower to a higher level"),
        ("qualification.threshold=40:40:5", "is one level and no range; write a lower and a higher level"),
        ("qualification.threshold=40:80:0", "step that is not above zero"),
        ("qualification.threshold=40:80:50", "a step longer than the whole way"),
        ("qualification.threshold=0:200:1", "has more than 200 levels"),
        ("qualification.threshold=40", "is no range of levels"),
        ("qualification.threshold=", "moves nothing"),
        ("=1:2:3", "moves nothing"),
        ("qualification.threshold=a:b:c", "a: is not a number"),
        ("qualification.mql_rate=20:60:5", "20: a share cannot be above 1; write 20%"),
        ("qualification.mql_rate=50:160:5%", "160%: a share cannot be above 1"),
        ("handoff.default.delay=1:8:1", "1: a duration needs a unit"),
        ("handoff.default.delay=1 hour:3 business days:1 hour", "is in two units"),
        ("channels.web.volume=80%:60 / week:5%", "mixes levels with multiples of today"),
        ("channels.*.win_rate", "no value is typed there"),
    ],
)
def test_a_wrong_lever_is_refused_with_its_path_and_the_rule(text: str, said: str) -> None:
    message = refusal(text)

    assert message.startswith(f"--lever {text.partition('=')[0]}")
    assert said in message


def test_unlimited_reps_have_no_level_of_today() -> None:
    pools = small()["pools"]
    pools["SDR"]["reps"] = "unlimited"

    assert lever("pools.SDR.reps=3:9:1", pools=pools).today is None
    assert "no single whole number" in refusal("pools.SDR.reps", pools=pools)
