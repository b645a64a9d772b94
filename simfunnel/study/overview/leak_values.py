"""What repairing each leak alone brings to revenue: today beside today repaired, the same leads with the same luck."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from simfunnel.metrics import TABLE, Key, Wanted
from simfunnel.plan import Calibration
from simfunnel.scenario import PlanSpec, Scenario, phases_with
from simfunnel.stats import paired_difference
from simfunnel.study.estimates import NOT_MEASURED, WHOLE, Amount, Difference
from simfunnel.study.overview.leaks import Leak, leaks_of, together
from simfunnel.study.overview.today import Today, differences_to_today
from simfunnel.study.years.plans import Start, prepare_specs
from simfunnel.study.years.samples import Samples
from simfunnel.study.years.table import Years
from simfunnel.study.years.work import Work

REVENUE = "revenue"
MOST_YEARS = 20  # of a run's leaks: its main answer must not wait for them
ONLY_REVENUE: Wanted = ((REVENUE, ""),)

Subset = frozenset[int]
"""Numbers of the leaks that are repaired, or of the changes that are made, from 0."""

TODAY: Subset = frozenset()


@dataclass(frozen=True)
class LeakValue:
    """A leak, how many leads it takes, and what its repair alone brings to revenue in the period.

    `counted`: leads a replication, nan where none are counted. A leak that does not exist brings exactly 0 +/- 0.
    Verdicts are adjusted for the number of leaks (Holm). `years`: replications behind it.
    """

    leak: Leak
    counted: Amount
    revenue: Difference
    years: int

    def record(self) -> dict[str, Any]:
        """Return the JSON object, amounts of the period."""
        leak, found = self.leak, self.revenue
        return {
            "leak": leak.name,
            **{name: getattr(leak, name) for name in ("of", "group", "owner")},
            "lever": list(leak.lever),
            "exists": leak.exists,
            "repair": dict(leak.changes),
            "replications": self.years,
            "leads": self.counted._asdict(),
            "revenue": {name: getattr(found, name) for name in ("mean", "half_width", "share_better", "verdict")},
        }


def leak_values(today: Today, calibration: Calibration, counts: Mapping[str, Amount]) -> tuple[LeakValue, ...]:
    """Value the leaks that leads are counted in, over the same years (at most 20) with the same luck.

    `counts`: by metric; a leak that has no count here, or 0, is left out, and so are all when the work is stopped.
    """
    count, every = min(today.years, MOST_YEARS), leaks_of(today.scenario, calibration)
    leaks = [leak for leak in every if leak.exists and counts.get(leak.counted, NOT_MEASURED)[0] > 0]
    if count < 2 or not leaks:
        return ()
    alone = [frozenset((at,)) for at in range(len(leaks))]
    years = repaired_years(today.scenario, leaks, alone, today.start, today.seed, ONLY_REVENUE, today.work)
    wanted = alone if today.samples is not None else [*alone, TODAY]
    if not years.fill((subset, number) for number in range(count) for subset in wanted):
        return ()
    return ranked(leaks, today.samples or years.of(TODAY), [years.of(subset, count) for subset in alone], counts)


def repaired_years(
    scenario: Scenario,
    leaks: Sequence[Leak],
    subsets: Iterable[Subset],
    start: Start,
    seed: int,
    wanted: Wanted,
    work: Work,
) -> Years[Subset]:
    """Compile today and today with some subsets of the leaks repaired; nothing is simulated yet."""
    spec_of, subsets = repairs(scenario, leaks, start), [TODAY, *subsets]
    prepared = prepare_specs(scenario, [spec_of(subset) for subset in subsets], work, check_load=False)
    return Years(dict(zip(subsets, prepared.plans, strict=True)), seed, wanted, work)


def repairs(scenario: Scenario, leaks: Sequence[Leak], start: Start) -> Callable[[Subset], PlanSpec]:
    """Return a function from numbers of leaks to the plan in which they are repaired."""

    def made(subset: Subset) -> PlanSpec:
        chosen = [leaks[at] for at in sorted(subset)]
        spec = phases_with(scenario, together(chosen), start)
        return replace(spec, name="without " + " + ".join(map(_name, chosen))) if chosen else spec

    return made


def ranked(
    leaks: Sequence[Leak], today: Samples, repaired: Sequence[Samples | None], counts: Mapping[str, Amount]
) -> tuple[LeakValue, ...]:
    """Rank the leaks by falling revenue; `repaired` None: of a leak that does not exist, which comes last with 0.

    `today` may have more replications than `repaired`, the same ones first.
    """
    years = min([samples.replications for samples in repaired if samples is not None] or [today.replications])
    base = today.values(Key(REVENUE))[:years]
    known = [(leak, each) for leak, each in zip(leaks, repaired, strict=True) if each is not None]
    pairs = [paired_difference(base, each.values(Key(REVENUE))[:years]) for _, each in known]
    found = iter(differences_to_today(REVENUE, [f"without {_name(leak)}" for leak, _ in known], pairs))
    values = []
    for leak, each in zip(leaks, repaired, strict=True):
        nothing = (f"without {_name(leak)}", WHOLE, 0.0, 0.0, 0.5, "no detectable difference")
        revenue = Difference(REVENUE, TABLE[REVENUE].unit, *nothing) if each is None else next(found)
        values.append(LeakValue(leak, counts.get(leak.counted, NOT_MEASURED), revenue, years))
    return tuple(sorted(values, key=lambda each: (not each.leak.exists, -each.revenue.mean)))


def _name(leak: Leak) -> str:
    return f"{leak.name} {leak.of}".strip()
