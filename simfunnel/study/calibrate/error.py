"""What the luck of the pilots leaves in the figures of a base, beside the luck of the simulated years themselves.

More simulated years do not make it smaller, since all of them meet the same constants. Plans on one base share it, so
differences between them carry none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot, nan

import numpy as np
from numpy.typing import ArrayLike

from simfunnel.arrays import Floats
from simfunnel.distributions import normal, quantiles_of
from simfunnel.metrics import Key
from simfunnel.metrics.table import BEFORE, Before, stages_before
from simfunnel.plan import Calibration, Plan, passing_of
from simfunnel.scenario import Scenario
from simfunnel.stats import normal_half_width
from simfunnel.study.years.samples import Samples

QUANTILES = 9  # of the normal factor over which the chance of a target is averaged
TARGET = Key("target_reached")
REVENUE = Key("revenue")


@dataclass(frozen=True)
class CalibrationError:
    """Standard errors of a base's typed rates, each as a share of the rate.

    `rejection`: of the share that is not accepted; `first`: the first stage that each pool serves. `passed`
    [acceptance and stages, stages and won]: of those who get to a stage (or win), the share that met a rate in the
    period; leads that were open further on at its start did not. None: all.
    """

    acceptance: float
    rejection: float
    stages: Mapping[str, float]
    first: Mapping[str, int]
    target: float
    passed: Floats | None = None

    @property
    def revenue(self) -> float:
        """Relative standard error of revenue and wins."""
        return self._before(self.acceptance, range(len(self.stages)))

    def _before(self, acceptance: float, stages: range) -> float:
        """Relative standard error that acceptance and some stages leave in what comes after the last of them."""
        errors = list(self.stages.values())
        if self.passed is None:
            return hypot(acceptance, *(errors[k] for k in stages))
        met = self.passed[:, stages.stop]
        return hypot(acceptance * float(met[0]), *(errors[k] * float(met[k + 1]) for k in stages))

    @property
    def half_width(self) -> float:
        """Half-width of mean revenue, as a share of it, that no simulated year makes smaller."""
        return float(normal_half_width(self.revenue))

    def of(self, samples: Samples) -> Floats:
        """Return [keys] standard error of every figure that samples show, in its own unit."""
        if not self.revenue:
            return np.zeros(len(samples.keys))
        sums = [(some.numerator.sum(axis=0), some.denominator.sum(axis=0)) for some in samples.by_columns()]
        over, under = (np.concatenate(each) for each in zip(*sums, strict=True))
        mean = np.divide(over, under, out=np.zeros_like(over), where=under != 0).tolist()
        at = {key: place for place, key in enumerate(samples.keys)}
        return np.array([self._error(key, mean[place], mean, at) for place, key in enumerate(samples.keys)])

    def averaged(self, samples: Samples) -> Samples:
        """Return the samples with the chance of the target averaged over what its revenue may be off by."""
        if TARGET not in samples.keys or REVENUE not in samples.keys or not self.revenue:
            return samples
        values = samples.values(REVENUE)
        return samples.with_numerator(TARGET, share_above(values, self.target, values * self.revenue))

    def _error(self, key: Key, mean: float, means: list[float], at: Mapping[Key, int]) -> float:
        before = BEFORE[key.metric]

        def beside(metric: str, otherwise: float = 0.0) -> float:
            place = at.get(key._replace(metric=metric))
            return otherwise if place is None else means[place]

        if before is Before.NONE:
            return 0.0
        if before is Before.REJECTION:
            return mean * self.rejection
        commission = beside("commission_cost")
        if before is Before.COSTS:
            return commission * self.revenue
        if before is Before.PROFIT:
            revenue = beside("revenue", mean + beside("cost")) - commission
            return abs(revenue / (beside("cost") or 1.0) if key.metric == "roi" else revenue) * self.revenue
        if before is Before.COST_PER_WIN:
            cost = beside("cost")
            return mean * (1.0 - commission / cost if cost else 1.0) * self.revenue
        work = before in (Before.WORK, Before.SPARE)
        stages = stages_before(Before.WORK if work else before, key, tuple(self.stages), self.first)
        own = before is Before.OWN
        relative = tuple(self.stages.values())[stages.start] if own else self._before(self.acceptance, stages)
        busy = max(0.0, beside("rep_hours") - mean) if before is Before.SPARE else mean
        return abs(busy) * relative


EXACT = CalibrationError(0.0, 0.0, {}, {}, nan)
"""Of a base whose constants have no error."""


def error_of(calibration: Calibration, plan: Plan, base: Scenario) -> CalibrationError:
    """Return what a calibration leaves in the figures of a plan on its base."""
    rate, error = calibration.acceptance_rate, calibration.acceptance_error
    homes = plan.phases[0].home_pool
    first: dict[str, int] = {}
    for stage in range(homes.shape[1]):
        for pool in homes[:, stage][homes[:, stage] >= 0].tolist():
            first.setdefault(plan.pools[pool], stage)
    return CalibrationError(
        acceptance=error / rate if error else 0.0,
        rejection=error / (1.0 - rate) if error else 0.0,
        stages={
            name: e / r if e else 0.0
            for name, r, e in zip(calibration.stages, calibration.rates, calibration.rate_errors, strict=True)
        },
        first=first,
        target=plan.target_revenue,
        passed=_passed(base, calibration) if base.opening_pipeline else None,
    )


def _passed(base: Scenario, calibration: Calibration) -> Floats:
    """[acceptance and stages, stages and won] who of those that get to a stage met a rate in the period."""
    count, accepted = len(calibration.stages), calibration.acceptance_rate
    opened = [sum(row.count for row in base.opening_pipeline or () if row.stage == k) for k in calibration.stages]
    passing, weeks = passing_of(base, calibration), base.period.n_days / 7.0
    new = sum(base.channels[name].weekly_volume * weeks * share for name, share in passing.items())
    come = np.zeros(count + 1)  # new leads, then those open at each stage
    come[:2] = new * accepted, opened[0] * accepted
    found = np.ones((count + 1, count + 1))
    for at in range(count + 1):
        come *= calibration.rates[at - 1] if at else 1.0
        if 0 < at < count:
            come[at + 1] = opened[at]
        met = [float(come[: max(2, rate + 1)].sum()) for rate in range(count + 1)]
        found[:, at] = np.array(met) / met[-1] if met[-1] > 0.0 else 1.0
    return found


def share_above(values: Floats, wanted: float, error: float | Floats) -> Floats:
    """Return [replications] share of nine normal quantiles at which a value, with its error, is the wanted one."""
    quantiles = quantiles_of(normal(0.0, 1.0), (np.arange(QUANTILES) + 0.5) / QUANTILES)
    moved = np.asarray(values)[..., None] + np.asarray(error)[..., None] * quantiles
    return np.asarray((moved >= wanted).mean(axis=-1), np.float64)


def widened(half_width: ArrayLike, error: ArrayLike) -> Floats:
    """Widen half-widths by a standard error added in quadrature, at 95%."""
    return np.asarray(np.hypot(half_width, normal_half_width(error)))
