"""Levels beside the best: figures as of all years, where other metrics are highest, ties within a row."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

from simfunnel.metrics import Key
from simfunnel.study.sweep.search import Curves, Search
from simfunnel.study.years.samples import Samples
from simfunnel.study.years.table import Years
from tests.unit.study.test_search import PROFIT, Table, curve

REVENUE, WINS, RATE = Key("revenue"), Key("wins"), Key("win_rate")
LEVELS = 17


class Measured(Table):
    """A table of profits; revenue is highest two levels above, wins move with profit, the win rate is a ratio."""

    def of(self, name: str) -> Samples:
        """Samples of one level over the years that it has."""
        profit = self.table[: self.n[name], int(name)]
        revenue = profit + 3 * int(name)
        over = np.column_stack([profit, revenue, profit, 3 * np.ones(len(profit))])
        under = np.column_stack([np.ones((len(profit), 3)), np.full(len(profit), 12.0)])
        return Samples((PROFIT, REVENUE, WINS, RATE), over, under)


@pytest.fixture
def curves() -> Curves:
    levels = cast("Years[str]", Measured(curve()))  # values that are known stand in for simulated ones
    search = Search(levels, PROFIT, 1.0, 0.5, (15, 40, 100), 10_000)
    search.run()
    return Curves(search)


def test_levels_that_left_early_are_told_as_if_they_had_all_years(curves: Curves) -> None:
    best, far = curves.best, 16
    means = [figure.mean for figure in curves.figures(far)]

    assert curves.years[far] == 15
    assert curves.years[best] > 15
    assert means[0] == pytest.approx(curves.figures(best)[0].mean + float(curves.gap(far).mean))
    assert means[3] == 0.25  # a ratio is its own


def test_the_most_of_another_metric_is_told_with_what_it_costs(curves: Curves) -> None:
    (found,) = curves.most()  # wins move as profit does, which is told already

    assert found.metric == "revenue"
    assert found.place > curves.best
    assert found.detectable
    assert found.lead > 0
    assert found.costs.metric == "profit"
    assert found.costs.mean < 0


def test_of_some_levels_the_best_and_those_tied_with_it(curves: Curves) -> None:
    best, tied = curves.best_of([0, 1, 15, 16])

    assert best == 1
    assert set(tied) <= {0, 1}
