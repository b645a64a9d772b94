"""A file of many what-ifs is read in time that is small, and grows as they do."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from simfunnel.errors import ScenarioError
from simfunnel.scenario import parse

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


def test_a_value_that_cannot_be_read_is_told_once_in_a_file_of_many() -> None:
    text = MINIMAL + "what_ifs:\n" + "".join(f"  w{k}: [bad, {{qualification.mql_rate: 20%}}]\n" for k in range(30))

    with pytest.raises(ScenarioError) as caught:
        parse(text + "  bad: {channels.all leads.growth: never}\n")

    assert len(caught.value.problems) == 1
    assert "what_ifs.bad" in str(caught.value)
