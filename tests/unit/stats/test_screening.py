"""Inputs that matter, told from those that do not, by elementary effects."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from scipy import special

from simfunnel.errors import SimfunnelError
from simfunnel.stats import can_screen, screening_design, screening_effects


def test_a_design_moves_one_input_at_a_time_between_the_ends_of_the_ranges() -> None:
    design = screening_design(6, trajectories=10)

    assert design.shape == (70, 6)
    assert (design.min(), design.max()) == pytest.approx((0.05, 0.95))
    moves = np.diff(design.reshape(10, 7, 6), axis=1) != 0
    assert (moves.sum(axis=2) == 1).all()
    assert (moves.sum(axis=1) == 1).all()


def test_the_same_seed_gives_the_same_design() -> None:
    assert screening_design(5, 8, seed=3).tolist() == screening_design(5, 8, seed=3).tolist()
    assert screening_design(5, 8, seed=3).tolist() != screening_design(5, 8, seed=4).tolist()


def test_effects_that_add_up_are_found_exactly_and_without_spread() -> None:
    """A move through the whole range of 0.9 in the uniforms, times the slope."""
    slope = np.array([3.0, 0.0, -7.0, 1.0])
    design = screening_design(4)
    luck = np.random.default_rng(1).normal(size=(1, 8))

    found = screening_effects(design, (design @ slope)[:, None] + luck)

    assert found.effect == pytest.approx(0.9 * np.abs(slope))
    assert found.direction == pytest.approx(0.9 * slope)
    assert found.spread == pytest.approx(0, abs=1e-9)
    assert found.order.tolist() == [2, 0, 3, 1]


def test_inputs_that_only_matter_together_show_by_their_spread() -> None:
    design = screening_design(3, 40)

    found = screening_effects(design, ((design[:, 0] - 0.5) * (design[:, 1] - 0.5))[:, None])

    assert found.effect[2] == pytest.approx(0, abs=1e-12)
    assert (found.spread[:2] > 3 * np.abs(found.direction[:2])).all()


def test_the_three_inputs_of_twenty_that_matter_come_first() -> None:
    """A product of two and a curve of a third, by 10 trajectories: 210 rows."""
    design = screening_design(20, 10)
    rate = special.expit(special.ndtri(design[:, 4]) / 3 - 1)
    deal = np.exp(special.ndtri(design[:, 11]) / 6 + 2.3)
    hours = np.exp(special.ndtri(design[:, 17]))
    revenue = 100 * rate * deal - 2 * np.log(hours)

    found = screening_effects(design, revenue[:, None] + np.random.default_rng(1).normal(0, 5, (1, 4)))

    assert set(found.order[:3].tolist()) == {4, 11, 17}
    assert found.effect[found.order[3]] == pytest.approx(0, abs=1e-9)


def test_without_salib_nothing_can_be_screened(monkeypatch: pytest.MonkeyPatch) -> None:
    assert can_screen()
    monkeypatch.setitem(sys.modules, "SALib", None)
    assert not can_screen()


def test_without_salib_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "SALib.sample.morris", None)

    with pytest.raises(SimfunnelError, match="pip install SALib"):
        screening_design(3)
