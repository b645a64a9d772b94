"""Mean, spread and chances of revenue: every quarter or day of a long run is a funnel of its own."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp

import numpy as np

from simfunnel.distributions.families import NORMAL_P90
from simfunnel.ledger.columns import WON
from simfunnel.theory.waterfall import revenue_distribution
from simfunnel.verify.cases.case import Case, Trial, replicated
from simfunnel.verify.exact import EXACT
from simfunnel.verify.figures import Figure, at_least
from simfunnel.verify.judging import Floats, Means
from simfunnel.verify.scenes import funnel
from simfunnel.verify.window import Window


def by_block(seen: Window, block_h: float) -> tuple[Floats, Floats]:
    """Won value in thousands, and deals, of the leads created in each block of so many hours; [blocks] each."""
    leads = seen.ledger.leads
    won = leads["outcome"] == WON
    block = (leads["created"][won] // block_h).astype(np.int64)
    blocks = round(seen.plan.end_h / block_h)
    revenue = np.bincount(block, weights=leads["value"][won], minlength=blocks) / 1000.0
    return revenue, np.bincount(block, minlength=blocks).astype(np.float64)


def quarters_revenue() -> Trial:
    """R20; a lead that qualifies is won at once, 5% do; the spread's own se is 1% of the sd, so 2% of the variance."""
    deal = {"median": "20k", "p90": 20_000 * exp(0.9 * NORMAL_P90)}
    channel = {"leads": "12 / day", "deal_value": deal}
    scenario = funnel({"leads": channel}, [{"name": "win"}], days=3600, run_in=0, qualification={"mql_rate": "5%"})
    exact = EXACT["R20"]

    def measure(seen: Window) -> Mapping[str, Floats]:
        revenue, deals = by_block(seen, 90 * 24.0)
        return {"mean": revenue, "variance": (revenue - exact["mean"]) ** 2, "deals": deals}

    known = {"mean": exact["mean"], "variance": exact["variance"], "deals": 54.0}
    return Trial(replicated(scenario, measure, 180, after=0), [Means(known, loose={"variance": 0.02})])


def chance_of_the_target() -> Trial:
    """R21: 30 deals a day, each day on its own; days at and below the exact quantiles, and the chance of 500."""
    prices = {"prices": {"5k": "60%", "20k": "30%", "80k": "10%"}}
    channel = {"leads": "30 / day", "deal_value": prices}
    scenario = funnel({"leads": channel}, [{"name": "win"}], days=500, run_in=0)
    exact = EXACT["R21"]

    def measure(seen: Window) -> Mapping[str, Floats]:
        revenue, _ = by_block(seen, 24.0)
        return {
            "mean": revenue,
            "variance": (revenue - exact["mean"]) ** 2,
            "reaches_500": (revenue >= 499.999).astype(float),
            "above_p10": (revenue > 325.001).astype(float),
            "up_to_p50": (revenue < 500.001).astype(float),
            "up_to_p90": (revenue < 710.001).astype(float),
        }

    below = np.cumsum(revenue_distribution(30.0, (5, 20, 80), (0.6, 0.3, 0.1), 1000))
    known = {"mean": exact["mean"], "variance": exact["sd"] ** 2, "reaches_500": exact["reaches_500"]}
    known |= {"above_p10": 1.0 - below[325], "up_to_p50": below[500], "up_to_p90": below[710]}
    judged = Means(known, loose={"variance": 0.02})
    return Trial(replicated(scenario, measure, 22, after=0), [judged], quantiles(below))


def quantiles(below: Floats) -> list[Figure]:
    """The exact quantiles are the smallest revenues at which the distribution function reaches their level."""
    found = []
    for level, name in ((0.1, "p10"), (0.5, "p50"), (0.9, "p90")):
        at = int(EXACT["R21"][name])
        found.append(at_least(f"up to the exact {name}", float(below[at]), level))
        found.append(at_least(f"from the exact {name} on", 1.0 - float(below[at - 1]), np.nextafter(1.0 - level, 1.0)))
    return found


CASES = (
    Case("R20", "a quarter's revenue", "compound Poisson", quarters_revenue, 3.8),
    Case("R21", "chance of the target", "Panjer 1981", chance_of_the_target, 0.5, "quick"),
)
