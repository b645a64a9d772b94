"""One draw: the uniform number of a key, and the quantile function of each family on top of it.

Every benchmark draws 100,000 keyed numbers in one compiled loop; `ns_a_draw` among the extra figures is per number.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simfunnel.distributions import (
    DISCRETE,
    Dist,
    discrete,
    exponential,
    gamma,
    lognormal,
    normal,
    triangular,
    uniform,
    weibull,
)
from simfunnel.distributions.quantiles import discrete_quantile, logit, ndtri
from simfunnel.jit import compiled
from simfunnel.plan.model import Floats
from simfunnel.streams import EFFORT
from simfunnel.streams import uniform as keyed_uniform
from simfunnel.streams import variate as keyed_variate

DRAWS, FEW = 100_000, 1_000
SHARES = [0.4, 0.35, 0.15, 0.1]
DISTS = {
    "exponential": exponential(2.0),
    "lognormal": lognormal(mean=2.0, cv=0.8),
    "weibull": weibull(2.0, 0.8),
    "uniform": uniform(1.0, 3.0),
    "triangular": triangular(1.0, 2.0, 4.0),
    "normal": normal(2.0, 0.5),
    "gamma, shape 0.4": gamma(2.0, 1.58),
    "gamma, shape 1.6": gamma(2.0, 0.8),
    "gamma, shape 25": gamma(2.0, 0.2),
    "discrete, 4 values": discrete([1.0, 2.0, 5.0, 9.0], SHARES),
    "discrete, 64 values": discrete([float(k) for k in range(64)], [1 / 64] * 64),
}


@compiled
def sum_of_uniforms(seed: int, n: int) -> float:
    """The sum of the uniform numbers of `n` leads."""
    total = 0.0
    for lead in range(n):
        total += keyed_uniform(seed, 0, lead, EFFORT, 7, 1)
    return total


@compiled
def sum_of_normals(seed: int, n: int) -> float:
    """The sum of the standard normal numbers of `n` leads."""
    total = 0.0
    for lead in range(n):
        total += ndtri(keyed_uniform(seed, 0, lead, EFFORT, 7, 1))
    return total


@compiled
def sum_of_logistics(seed: int, n: int) -> float:
    """The sum of the standard logistic numbers of `n` leads."""
    total = 0.0
    for lead in range(n):
        total += logit(keyed_uniform(seed, 0, lead, EFFORT, 7, 1))
    return total


@compiled
def sum_of_variates(seed: int, n: int, family: int, a: float, b: float, c: float) -> float:
    """The sum of the values of a scalar family for `n` leads."""
    total = 0.0
    for lead in range(n):
        total += keyed_variate(seed, 0, lead, EFFORT, 7, 1, family, a, b, c)
    return total


@compiled
def sum_of_discretes(seed: int, n: int, values: Floats, cumulative: Floats) -> float:
    """The sum of the values of a discrete distribution for `n` leads."""
    total = 0.0
    for lead in range(n):
        total += discrete_quantile(keyed_uniform(seed, 0, lead, EFFORT, 7, 1), values, cumulative)
    return total


def timed(benchmark: Any, n: int, call: Any, *given: Any) -> None:
    """Time a loop of `n` draws that is compiled already."""
    call(1, n, *given)
    benchmark.group = "per draw"
    total = benchmark(call, 1, n, *given)
    if benchmark.stats is not None:
        benchmark.extra_info["ns_a_draw"] = round(1e9 * benchmark.stats.stats.median / n, 2)
    assert np.isfinite(total)


@pytest.mark.parametrize("call", [sum_of_uniforms, sum_of_normals, sum_of_logistics], ids=lambda call: call.__name__)
def test_a_draw_without_parameters(benchmark: Any, tiny: bool, call: Any) -> None:
    timed(benchmark, FEW if tiny else DRAWS, call)


@pytest.mark.parametrize("name", DISTS)
def test_a_draw_of_a_family(benchmark: Any, tiny: bool, name: str) -> None:
    dist: Dist = DISTS[name]
    n = FEW if tiny else DRAWS
    if dist.family == DISCRETE:
        timed(benchmark, n, sum_of_discretes, np.array(dist.values), np.array(dist.cumulative))
    else:
        timed(benchmark, n, sum_of_variates, dist.family, dist.a, dist.b, dist.c)
