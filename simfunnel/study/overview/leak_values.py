"""What repairing each leak alone brings to revenue: today beside today repaired, the same leads with the same luck."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from simfunnel.metrics import TABLE, Key, Wanted
from simfunnel.plan import Calibration
from simfunnel.scenario import PlanSpec, Scenario, phases_with
from simfunnel.stats import holm_adjust, paired_difference, verdict
from simfunnel.study.overview.leaks import Leak, leaks_of, together
from simfunnel.study.run.result import WHOLE, Amount, Difference, LeakValue
from simfunnel.study.years.levels import TODAY, Subset, Subsets
from simfunnel.study.years.plans import Start
from simfunnel.study.years.replicate import Work
from simfunnel.study.years.samples import Samples

REVENUE = "revenue"
UNCOUNTED = Amount(float("nan"), float("nan"))
MOST_YEARS = 20  # of a run's leaks: its main answer must not wait for them
ONLY_REVENUE: Wanted = ((REVENUE, ""),)


def leaks_from(
    scenario: Scenario,
    calibration: Calibration,
    counts: Mapping[str, Amount],
    years: int,
    seed: int,
    start: Start,
    work: Work,
    today: Samples | None = None,
) -> tuple[LeakValue, ...]:
    """The leaks that leads are counted in, valued over the same years (at most 20) with the same luck.

    `counts`: by metric; a leak that has no count here, or 0, is left out, and so are all when `work` is stopped.
    `today`: samples of today in these years, where there are any.
    """
    years = min(years, MOST_YEARS)
    leaks = [
        leak for leak in leaks_of(scenario, calibration) if leak.exists and counts.get(leak.counted, UNCOUNTED)[0] > 0
    ]
    if years < 2 or not leaks:
        return ()
    plans = Subsets(scenario, repairs(scenario, leaks, start), seed, ONLY_REVENUE, work, check_load=False)
    wanted = [frozenset((at,)) for at in range(len(leaks))] + ([TODAY] if today is None else [])
    if not plans.extend([(subset, number) for number in range(years) for subset in wanted]):
        return ()
    base = today if today is not None else plans.samples(TODAY, years)
    repaired = [plans.samples(frozenset((at,)), years) for at in range(len(leaks))]
    return leak_values(leaks, base, repaired, counts)


def repairs(scenario: Scenario, leaks: Sequence[Leak], start: Start) -> Callable[[Subset], PlanSpec]:
    """A function from numbers of leaks to the plan in which they are repaired."""

    def made(subset: Subset) -> PlanSpec:
        chosen = [leaks[at] for at in sorted(subset)]
        name = " + ".join(f"{leak.name} {leak.of}".strip() for leak in chosen)
        spec = phases_with(scenario, together(chosen), start)
        return replace(spec, name=f"without {name}") if chosen else spec

    return made


def leak_values(
    leaks: Sequence[Leak], today: Samples, repaired: Sequence[Samples | None], counts: Mapping[str, Amount]
) -> tuple[LeakValue, ...]:
    """The leaks by falling revenue; `repaired` None stands for a leak that does not exist, which comes last with 0.

    `today` may have more replications than `repaired`, the same ones first.
    """
    years = min([samples.replications for samples in repaired if samples is not None] or [today.replications])
    key = Key(REVENUE)
    base = today.values(key)[:years]
    pairs = [paired_difference(base, base if each is None else each.values(key)[:years]) for each in repaired]
    known = [at for at, leak in enumerate(leaks) if leak.exists]
    adjusted = np.ones(len(leaks))
    if known:
        adjusted[known] = holm_adjust(np.array([pairs[at].p_value for at in known]))
    unit, better = TABLE[REVENUE].unit, TABLE[REVENUE].better
    found = []
    for leak, pair, p_value in zip(leaks, pairs, adjusted, strict=True):
        mean, width = float(pair.mean), float(pair.half_width) if leak.exists else 0.0
        said = verdict(mean, float(p_value), better)
        name = f"without {leak.name} {leak.of}".strip()
        difference = Difference(REVENUE, unit, name, WHOLE, mean, width, float(pair.share_higher), said)
        found.append(LeakValue(leak, counts.get(leak.counted, UNCOUNTED), difference, years))
    return tuple(sorted(found, key=lambda each: (not each.leak.exists, -each.revenue.mean)))
