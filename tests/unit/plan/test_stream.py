"""Leads on their way through the stages, and the list of what else knows this way in closed form."""

from __future__ import annotations

import importlib
import re
from math import inf

import numpy as np
import pytest

from simfunnel.plan.today import stream
from simfunnel.plan.today.stream import Stream
from simfunnel.theory.selection import Sample
from simfunnel.theory.visit import Visit

HALVES = Sample(np.zeros((2, 1)), np.ones((2, 1)))  # two channels of equal leads


def through(opening: np.ndarray | None = None, postponed: tuple[float, ...] = (0.0, 0.0)) -> Stream:
    return Stream(HALVES, (0.0, 0.0), [Visit(0.0, 0.5, 0.0, share) for share in postponed], np.zeros((2, 2)), opening)


def test_what_knows_a_stages_flow_is_where_the_list_says() -> None:
    named = re.findall(r"^- `([\w.]+)`", stream.__doc__ or "", re.MULTILINE)

    assert len(named) >= 5
    for name in named:
        home, _, last = name.rpartition(".")
        assert hasattr(importlib.import_module(f"simfunnel.{home}"), last), name


def test_intercepts_make_each_rate_come_out_of_those_who_reach_the_stage() -> None:
    intercepts = through().intercepts((0.5, 0.2))

    assert through().wins(intercepts) == pytest.approx([0.1, 0.1])


def test_a_visit_says_how_many_no_shows_a_meeting_costs_and_how_many_leads_come_again() -> None:
    visit = Visit(no_show=0.2, no_show_effort=0.5, nurture_below=0.3, postponed_below=0.5)

    assert (visit.no_shows, visit.met) == (0.25, 1.0)
    assert visit.again(0.5) == pytest.approx(0.1)
    assert visit.onward(np.array([0.5])) == pytest.approx([0.5 / 0.9])


def test_open_leads_join_at_their_stage_and_postponed_ones_come_again() -> None:
    opening = np.array([[0.0, 3.0], [0.0, 0.0]])

    assert through(opening).wins((0.0, 0.0)) == pytest.approx([0.5 * 0.5 + 3.0 * 0.5, 0.25])
    assert through(opening, (0.5, 0.0)).wins((0.0, inf)) == pytest.approx([2.0 / 3.0 + 3.0, 2.0 / 3.0])
