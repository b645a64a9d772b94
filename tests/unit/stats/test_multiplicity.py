"""Points that hold for many differences at once: against scipy's own, and the tables."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats as oracle

from simfunnel.stats.pairs import dunnett_point, tukey_point


@pytest.mark.parametrize(("rivals", "df"), [(2, 5), (4, 9), (9, 30)])
def test_dunnetts_point_is_that_of_the_multivariate_t(rivals: int, df: int) -> None:
    """scipy integrates it by quasi-Monte Carlo: to 3 decimals of probability."""
    point = np.full(rivals, dunnett_point(rivals, df))
    shape = np.full((rivals, rivals), 0.5) + 0.5 * np.eye(rivals)

    below = oracle.multivariate_t.cdf(point, shape=shape, df=df, maxpts=40_000, random_state=1)

    assert below == pytest.approx(0.95, abs=1e-3)


@pytest.mark.parametrize(("levels", "df"), [(2, 5), (3, 20), (10, 171), (200, 100)])
def test_tukeys_point_is_the_studentized_range_over_root_two(levels: int, df: int) -> None:
    exact = oracle.studentized_range.ppf(0.95, levels, df) / np.sqrt(2)

    assert tukey_point(levels, df) == pytest.approx(exact, abs=5e-4)


def test_one_rival_is_a_t_test() -> None:
    assert dunnett_point(1, 12) == pytest.approx(oracle.t.ppf(0.95, 12))


def test_points_of_200_levels_lie_below_bonferronis_and_above_those_of_20() -> None:
    assert dunnett_point(19, 500) < dunnett_point(199, 500) < oracle.t.ppf(1 - 0.05 / 199, 500)


@pytest.mark.parametrize(("rivals", "df"), [(0, 5), (3, 0)])
def test_nothing_to_compare_is_refused(rivals: int, df: int) -> None:
    with pytest.raises(ValueError, match="degree of freedom"):
        dunnett_point(rivals, df)
    with pytest.raises(ValueError, match="degree of freedom"):
        tukey_point(rivals + 1, df)
