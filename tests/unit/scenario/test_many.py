"""A file of many what-ifs is read in time that is small, and grows as they do."""

from __future__ import annotations

import pickle
import time
from pathlib import Path

import pytest

from simfunnel.errors import ScenarioError
from simfunnel.scenario import parse, phases_of

SHIPPED = (Path(__file__).parents[3] / "scenarios" / "b2b.yaml").read_text().partition("what_ifs:")[0]
MINIMAL = (Path(__file__).parents[3] / "scenarios" / "minimal.yaml").read_text().partition("what_ifs:")[0]


def seconds(count: int) -> float:
    lines = [f"  w{k}: {{qualification.mql_rate: {20 + k % 30}.{k}%}}\n" for k in range(count)]
    text = MINIMAL + "what_ifs:\n" + "".join(lines)
    began = time.process_time()
    assert len(parse(text).what_ifs) == count
    return time.process_time() - began


def test_what_ifs_are_judged_in_time_that_grows_as_their_number() -> None:
    seconds(20)

    few, many = min(seconds(150) for _ in range(3)), min(seconds(600) for _ in range(2))

    assert many < 4 * 1.35 * few
    assert many / 600 < 0.005


def test_a_what_if_costs_a_small_part_of_the_scenario_that_it_changes() -> None:
    """Only the blocks that it changes are read, and what is worked out of the others is kept."""
    changes = ("pools.SDR.reps: 6", "channels.chat.quality: 0.4", "stages.demo.conversion: 50%", "nurture.cycles: 1")
    lines = [f"  w{at}: {{{changes[at % len(changes)]}}}\n" for at in range(200)]
    many, alone = SHIPPED + "what_ifs:\n" + "".join(lines), SHIPPED

    def cost(text: str) -> float:
        began = time.process_time()
        parse(text)
        return time.process_time() - began

    cost(alone)
    plain = min(cost(alone) for _ in range(5))
    assert min(cost(many) for _ in range(3)) < plain + 200 * plain / 8


def test_blocks_that_what_ifs_leave_alone_are_those_of_today() -> None:
    today = parse(SHIPPED + "what_ifs:\n  more: {pools.SDR.reps: 6}\n  ranged: {channels.chat.quality: 0.1 to 0.3}\n")

    more, ranged = (phases_of(today, [name]).phases[-1][1] for name in ("more", "ranged"))

    assert more.pools["SDR"].reps == 6
    assert more.channels["chat"] is today.channels["chat"]
    assert ranged.channels["website"] is today.channels["website"]
    assert ranged.channels["chat"].quality == pytest.approx(0.2)


def test_many_mistakes_are_each_told_at_their_place() -> None:
    lines = [f"  w{at}: {{pools.SDR.reps: -{at + 1}}}\n" for at in range(40)]

    with pytest.raises(ScenarioError) as caught:
        parse(SHIPPED + "what_ifs:\n" + "".join(lines))

    first = SHIPPED.count("\n") + 2
    assert [problem.line for problem in caught.value.problems] == list(range(first, first + 40))
    assert all(problem.remedy for problem in caught.value.problems)


def test_a_block_is_read_anew_where_another_takes_its_place() -> None:
    """What was read is known by the block itself: one that is typed alike, or has its memory, is another."""
    scenario = parse(SHIPPED)
    copy = pickle.loads(pickle.dumps(scenario))

    assert copy.readings.of(type(copy.nurture), copy.raw["nurture"]) is copy.nurture
    assert copy.readings.of(type(copy.nurture), dict(copy.raw["nurture"])) is None
    assert copy.readings.of(type(copy.nurture), scenario.raw["nurture"]) is None


def test_a_value_that_cannot_be_read_is_told_once_in_a_file_of_many() -> None:
    text = MINIMAL + "what_ifs:\n" + "".join(f"  w{k}: [bad, {{qualification.mql_rate: 20%}}]\n" for k in range(30))

    with pytest.raises(ScenarioError) as caught:
        parse(text + "  bad: {channels.all leads.growth: never}\n")

    assert len(caught.value.problems) == 1
    assert "what_ifs.bad" in str(caught.value)
