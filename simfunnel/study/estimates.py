"""From the samples of the plans to estimates, differences and changed outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from simfunnel.metrics import TABLE, Key
from simfunnel.metrics.table import CONCEPTS
from simfunnel.stats import estimate_ratio, holm_adjust, outcome_range, paired_ratio_difference, verdict
from simfunnel.stats.pairs import Difference as Paired
from simfunnel.study.calibrate.error import EXACT, CalibrationError, widened
from simfunnel.study.run.result import Amount, Difference, Estimate, Part
from simfunnel.study.years.samples import COLUMNS_AT_ONCE, Samples


def part_of(key: Key, months: Sequence[str], calendar_months: Sequence[str] = ()) -> Part:
    """What a key is for, its month by label: of the agreement's metrics one of `calendar_months`, if there are any."""
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
    """Estimates of every key of one plan, in the order of the keys, months named as `part_of` does.

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
    """One number of a plan that is not split; `error`: what its base's calibration leaves."""
    key = Key(metric)
    one, calibrated = samples.only([key]), error.of(samples)
    found = estimate_ratio(one.numerator, one.denominator)
    beside = calibrated[samples.keys.index(key)] if key in samples.keys else 0.0
    return Amount(float(found.mean[0]), float(widened(found.half_width[0], beside)))


def _paired(first: Samples, other: Samples, keys: Sequence[Key]) -> Paired:
    """Differences of some keys between two plans, worked out a few keys at a time, so that only these are unpacked."""
    found = []
    for at in range(0, len(keys), COLUMNS_AT_ONCE):
        one, two = (samples.only(keys[at : at + COLUMNS_AT_ONCE]) for samples in (first, other))
        found.append(paired_ratio_difference(one.numerator, one.denominator, two.numerator, two.denominator))
    mean, half_width, higher, p_value = (np.concatenate(each) for each in zip(*(one[:4] for one in found), strict=True))
    return Paired(mean, half_width, higher, p_value, found[0].n)


def differences(samples: Mapping[str, Samples], months: Sequence[str]) -> list[Difference]:
    """Differences of each plan to the first, for every key that both have and that is not split by month or rep."""
    base, *others = samples
    first = samples[base]
    keys = [key for key in first.keys if key.month < 0 and key.rep < 0]
    pairs = [_paired(first, samples[name], keys) for name in others]
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
