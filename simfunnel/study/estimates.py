"""Estimates and differences: what they are, and how they come from the samples of plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from simfunnel.errors import ArgumentError, value_text
from simfunnel.metrics import TABLE, Key
from simfunnel.metrics.table import CONCEPTS
from simfunnel.stats import estimate_ratio, holm_adjust, outcome_range, paired_ratio_difference, verdict
from simfunnel.stats.pairs import Difference as Paired
from simfunnel.study.calibrate.error import EXACT, CalibrationError, widened
from simfunnel.study.years.samples import COLUMNS_AT_ONCE, Samples


@dataclass(frozen=True)
class Part:
    """What a number is for, where a metric is split; empty fields are not split by.

    `month` is "2027-01"; "2027-01-04" where months are counted from that day, "P1 FY27/28" of a fiscal year.
    """

    channel: str = ""
    campaign: str = ""
    pool: str = ""
    stage: str = ""
    month: str = ""
    rep: int | None = None
    band: str = ""
    pass_: int | None = None

    def record(self) -> dict[str, Any]:
        """Return the fields that are split by, under their names."""
        named = {**self.__dict__, "pass": self.pass_}
        del named["pass_"]
        return {name: value for name, value in named.items() if value not in ("", None)}


WHOLE = Part()


def refuse_no_part(part: object) -> None:
    """Refuse what is no Part where one is asked for; raises ArgumentError."""
    if not isinstance(part, Part):
        rule = f"{value_text(part)} is not a Part; write e.g. simfunnel.study.Part(channel='website')"
        raise ArgumentError("part", rule)


@dataclass(frozen=True)
class Estimate:
    """One metric of one plan over the replications.

    `mean` is the ratio of means, `half_width` the half of its 95% interval, which holds `se_cal`: the standard error
    that the pilots of the calibration leave. p10, p50 and p90 are of the outcomes of single replications. Unknown
    numbers are nan.
    """

    metric: str
    unit: str
    plan: str
    part: Part
    mean: float
    half_width: float
    p10: float
    p50: float
    p90: float
    se_cal: float = 0.0

    def record(self) -> dict[str, Any]:
        """Return a tidy record in the order of the JSON output."""
        numbers = {name: getattr(self, name) for name in ("mean", "half_width", "se_cal", "p10", "p50", "p90")}
        return {"metric": self.metric, "unit": self.unit, "plan": self.plan, **self.part.record(), **numbers}


@dataclass(frozen=True)
class Difference:
    """One metric of one plan minus that of the base, replication by replication with the same luck.

    `share_better`: share of replications in which the plan is the better one (for a metric without a better side: the
    higher one), ties counted half. `verdict` is adjusted for the number of plans (Holm).
    """

    metric: str
    unit: str
    plan: str
    part: Part
    mean: float
    half_width: float
    share_better: float
    verdict: str

    def record(self) -> dict[str, Any]:
        """Return a tidy record in the order of the JSON output."""
        numbers = {name: getattr(self, name) for name in ("mean", "half_width", "share_better", "verdict")}
        return {"metric": self.metric, "unit": self.unit, "plan": self.plan, **self.part.record(), **numbers}


class Amount(NamedTuple):
    """A mean over the replications and the half-width of its 95% interval."""

    mean: float
    half_width: float


NOT_MEASURED = Amount(float("nan"), float("nan"))


def part_of(key: Key, months: Sequence[str], calendar_months: Sequence[str] = ()) -> Part:
    """Return what a key is for, its month by label: of the agreement's metrics one of `calendar_months`, if any."""
    labels = calendar_months if calendar_months and CONCEPTS[key.metric] == "agreement" else months
    return Part(
        channel=key.channel,
        campaign=key.campaign,
        pool=key.pool,
        stage=key.stage,
        month=labels[key.month] if key.month >= 0 else "",
        rep=key.rep if key.rep >= 0 else None,
        band=key.part,
        pass_=key.pass_ or None,
    )


def estimates(
    plan: str,
    samples: Samples,
    months: Sequence[str],
    error: CalibrationError = EXACT,
    calendar_months: Sequence[str] = (),
) -> list[Estimate]:
    """Estimate every key of one plan, in the order of the keys, months named as `part_of` does.

    `error`: what its base's calibration leaves.
    """
    calibrated, parts = error.of(samples), []
    for averaged, plain in zip(error.averaged(samples).by_columns(), samples.by_columns(), strict=True):
        found = estimate_ratio(*averaged.independent())
        parts.append(np.column_stack([found.mean, found.half_width, *outcome_range(plain.ratios())]))
    mean, half_width, *ranges = np.concatenate(parts).T
    numbers = np.column_stack([mean, widened(half_width, calibrated), *ranges, calibrated]).tolist()
    return [
        Estimate(key.metric, TABLE[key.metric].unit, plan, part_of(key, months, calendar_months), *row)
        for key, row in zip(samples.keys, numbers, strict=True)
    ]


def amount(samples: Samples, metric: str, error: CalibrationError) -> Amount:
    """Estimate one number of a plan that is not split; `error`: what its base's calibration leaves."""
    key = Key(metric)
    one, calibrated = samples.only([key]), error.of(samples)
    found = estimate_ratio(one.numerator, one.denominator)
    beside = calibrated[samples.keys.index(key)] if key in samples.keys else 0.0
    return Amount(float(found.mean[0]), float(widened(found.half_width[0], beside)))


def paired(first: Samples, other: Samples, keys: Sequence[Key]) -> Paired:
    """Pair some keys of two plans, a few keys at a time, so that only these are unpacked."""
    found = []
    for at in range(0, len(keys), COLUMNS_AT_ONCE):
        one, two = (samples.only(keys[at : at + COLUMNS_AT_ONCE]) for samples in (first, other))
        found.append(paired_ratio_difference(one.numerator, one.denominator, two.numerator, two.denominator))
    mean, half_width, higher, p_value = (np.concatenate(each) for each in zip(*(one[:4] for one in found), strict=True))
    return Paired(mean, half_width, higher, p_value, found[0].n)


def differences(samples: Mapping[str, Samples], months: Sequence[str]) -> list[Difference]:
    """Find the differences of each plan to the first, for every key of both that is not split by month or rep."""
    base, *others = samples
    first = samples[base]
    keys = [key for key in first.keys if key.month < 0 and key.rep < 0]
    pairs = [paired(first, samples[name], keys) for name in others]
    if not pairs or not keys:
        return []
    adjusted = holm_adjust(np.stack([pair.p_value for pair in pairs]))
    found = []
    for name, pair, p_values in zip(others, pairs, adjusted, strict=True):
        for at, key in enumerate(keys):
            metric, mean = TABLE[key.metric], float(pair.mean[at])
            share = 1 - pair.share_higher[at] if metric.better == "lower" else pair.share_higher[at]
            said = verdict(mean, float(p_values[at]), metric.better)
            numbers = (mean, float(pair.half_width[at]), float(share), said)
            found.append(Difference(metric.name, metric.unit, name, part_of(key, months), *numbers))
    return found
