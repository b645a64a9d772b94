"""Independent mistakes are told in one go, in the order of the lines; what follows from another is not told."""

from __future__ import annotations

import pytest

from simfunnel.errors import Problem, ScenarioError, path_text
from simfunnel.scenario import parse

GOOD = """\
title: A funnel
period: {start: 2027-01-04}
channels:
  web: {leads: 60 / week, deal_value: 9k}
  chat: {leads: 20 / week, deal_value: 7k}
qualification: {threshold: 60}
acceptance: 60%
pools:
  SDR: {stages: [discovery], reps: 5, selling_time: 50%}
  AE: {stages: [proposal], reps: 4, selling_time: 50%}
stages:
  - {name: discovery, conversion: 45%}
  - {name: proposal, conversion: 25%}
what_ifs:
  stricter: {qualification.threshold: 65}
"""

CHANGES = {  # what is typed well, what is typed instead, and the path that must be told
    "reading": ("title: A funnel", "title: A funnel\ntitle: Another", "title"),
    "field": ("60 / week", "60 / wek", "channels.web.leads"),
    "unknown field": ("deal_value: 7k", "deal_value: 7k, colour: red", "channels.chat.colour"),
    "meaning": ("acceptance: 60%", "acceptance: 0%", "acceptance"),
    "head count": ("reps: 5", "reps: five", "pools.SDR.reps"),
    "name": ("[proposal]", "[propsal]", "pools.AE.stages"),
    "what-if": ("qualification.threshold: 65", "qualification.treshold: 65", "what_ifs.stricter"),
}


def told(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ScenarioError) as caught:
        parse(text)
    return caught.value.problems


def with_mistakes(*kinds: str) -> str:
    text = GOOD
    for kind in kinds:
        text = text.replace(*CHANGES[kind][:2], 1)
    return text


def test_mistakes_of_every_step_are_told_in_one_go_in_the_order_of_lines() -> None:
    problems = told(with_mistakes(*CHANGES))

    assert len(problems) == len(CHANGES), "\n".join(map(str, problems))
    for problem, (_, _, path) in zip(problems, CHANGES.values(), strict=True):
        assert path_text(problem.path).startswith(path)
    assert [problem.line for problem in problems] == sorted(problem.line or 0 for problem in problems)


@pytest.mark.parametrize("kind", CHANGES)
def test_one_mistake_is_told_once(kind: str) -> None:
    (problem,) = told(with_mistakes(kind))

    assert path_text(problem.path).startswith(CHANGES[kind][2])


@pytest.mark.parametrize(
    ("typed", "instead"),
    [
        ("channels:", "chanels:"),
        ("pools:", "pols:"),
        ("stages:\n", "stags:\n"),
        ("{stages: [discovery]", "{stages: discovery 1"),
        ("name: discovery", "nam: discovery"),
        ("leads: 60 / week", "leeds: 60 / week"),
        ("reps: 5", "heads: 5"),
        ("threshold: 60}", "mql_rate: 130%}"),
        ("acceptance: 60%", "acceptance:"),
        ("leads: 60 / week", "leads: 1,000 / week"),
        ("conversion: 45%", "conversion: 145%"),
        ("start: 2027-01-04", "start: 4 January"),
    ],
)
def test_what_follows_from_a_mistake_is_not_told(typed: str, instead: str) -> None:
    assert typed in GOOD
    problems = told(GOOD.replace(typed, instead, 1))

    assert len(problems) == 1, "\n".join(map(str, problems))


def test_a_wrong_set_is_told_with_the_mistakes_of_the_file() -> None:
    with pytest.raises(ScenarioError) as caught:
        parse(with_mistakes("field", "meaning"), ["pools.SDR.rep=3"])

    assert [problem.file for problem in caught.value.problems].count("scenario") == 2
    assert len(caught.value.problems) == 3


def test_a_text_that_cannot_be_read_to_its_end_is_told_alone() -> None:
    (problem,) = told(with_mistakes("field", "meaning") + "sources: [\n")

    assert problem.path == ()
