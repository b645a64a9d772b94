"""Families of distributions: one uniform, one value, by the quantile function.

The compiled scalars, which the luck of an engine goes through, are in `simfunnel.distributions.quantiles`; they are not
imported here, so that reading a scenario needs no numba. They, and all that a plan is made of, are built on the
functions of `simfunnel.distributions.elementary`, which have the same bits on every machine.
"""

from simfunnel.distributions.families import (
    CONSTANT,
    DISCRETE,
    EXPONENTIAL,
    FAMILY_NAMES,
    GAMMA,
    LOGNORMAL,
    NEVER,
    NORMAL,
    TRIANGULAR,
    UNIFORM,
    WEIBULL,
    Dist,
    constant,
    discrete,
    exponential,
    gamma,
    lognormal,
    never,
    normal,
    triangular,
    uniform,
    weibull,
)
from simfunnel.distributions.moments import cdf, mean, probability_of, quantile_of, quantiles_of, sd, variance

__all__ = [
    "CONSTANT",
    "DISCRETE",
    "EXPONENTIAL",
    "FAMILY_NAMES",
    "GAMMA",
    "LOGNORMAL",
    "NEVER",
    "NORMAL",
    "TRIANGULAR",
    "UNIFORM",
    "WEIBULL",
    "Dist",
    "cdf",
    "constant",
    "discrete",
    "exponential",
    "gamma",
    "lognormal",
    "mean",
    "never",
    "normal",
    "probability_of",
    "quantile_of",
    "quantiles_of",
    "sd",
    "triangular",
    "uniform",
    "variance",
    "weibull",
]
