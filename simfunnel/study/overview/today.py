"""Today's years of a run, beside which more is simulated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simfunnel.metrics import TABLE
from simfunnel.scenario import Scenario
from simfunnel.stats import Difference as Paired
from simfunnel.stats import holm_adjust, verdict
from simfunnel.study.estimates import WHOLE, Difference
from simfunnel.study.years.plans import Start
from simfunnel.study.years.samples import Samples
from simfunnel.study.years.work import Work


@dataclass(frozen=True)
class Today:
    """How many years of today there are, with which luck, and their samples where these serve (no input was drawn)."""

    scenario: Scenario
    years: int
    seed: int
    start: Start
    work: Work
    samples: Samples | None = None


def differences_to_today(metric: str, names: Sequence[str], pairs: Sequence[Paired]) -> list[Difference]:
    """Name the differences of a whole metric, verdicts adjusted for their number (Holm)."""
    adjusted = holm_adjust(np.array([pair.p_value for pair in pairs])) if pairs else ()
    unit, better = TABLE[metric].unit, TABLE[metric].better
    return [
        Difference(
            metric,
            unit,
            name,
            WHOLE,
            float(pair.mean),
            float(pair.half_width),
            float(pair.share_higher),
            verdict(float(pair.mean), float(p_value), better),
        )
        for name, pair, p_value in zip(names, pairs, adjusted, strict=True)
    ]
