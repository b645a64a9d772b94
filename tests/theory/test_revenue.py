"""Mean, spread and chances of revenue (cases R20, R21): every quarter or day of a long run is a funnel of its own."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp

import numpy as np

from simfunnel.theory.waterfall import revenue_distribution
from tests.theory.cases import EXACT
from tests.theory.harness import Floats, Window, funnel, judge, replicate


def revenue_by(block_h: float) -> object:
    """Measure the won value of the leads created in each block of so many hours, in thousands."""

    def measure(seen: Window) -> Mapping[str, Floats]:
        leads = seen.ledger.leads
        won = leads["outcome"] == 1
        block = (leads["created"][won] // block_h).astype(np.int64)
        blocks = round(seen.plan.end_h / block_h)
        return {
            "revenue": np.bincount(block, weights=leads["value"][won], minlength=blocks) / 1000.0,
            "deals": np.bincount(block, minlength=blocks).astype(np.float64),
        }

    return measure


def test_r20_mean_and_spread_of_a_quarters_revenue() -> None:
    """A lead that qualifies is won at once, 5% do; the spread's own se is 1% of the sd, so 2% of the variance."""
    deal = {"median": "20k", "p90": 20_000 * exp(0.9 * 1.2815515655446004)}
    channel = {"leads": "12 / day", "deal_value": deal}
    scenario = funnel({"leads": channel}, [{"name": "win"}], days=3600, run_in=0, qualification={"mql_rate": "5%"})
    found = replicate(scenario, revenue_by(90 * 24.0), 180, after=0)
    revenue, deals, exact = found["revenue"].ravel(), found["deals"].ravel(), EXACT["R20"]
    samples = {"mean": revenue, "variance": (revenue - exact["mean"]) ** 2, "deals": deals}
    judge(samples, {"mean": exact["mean"], "variance": exact["variance"], "deals": 54.0}, loose={"variance": 0.02})


def test_r21_the_chance_of_the_target() -> None:
    """30 deals a day, each day on its own; shares of days at and below the exact quantiles, and the chance of 500."""
    prices = {"prices": {"5k": "60%", "20k": "30%", "80k": "10%"}}
    channel = {"leads": "30 / day", "deal_value": prices}
    scenario = funnel({"leads": channel}, [{"name": "win"}], days=500, run_in=0)
    revenue = replicate(scenario, revenue_by(24.0), 22, after=0)["revenue"].ravel()
    exact = EXACT["R21"]
    below = np.cumsum(revenue_distribution(30.0, (5, 20, 80), (0.6, 0.3, 0.1), 1000))
    for level, name in ((0.1, "p10"), (0.5, "p50"), (0.9, "p90")):
        at = int(exact[name])
        assert below[at - 1] < level <= below[at]
    samples = {
        "mean": revenue,
        "variance": (revenue - exact["mean"]) ** 2,
        "reaches_500": (revenue >= 499.999).astype(float),
        "above_p10": (revenue > 325.001).astype(float),
        "up_to_p50": (revenue < 500.001).astype(float),
        "up_to_p90": (revenue < 710.001).astype(float),
    }
    known = {"mean": exact["mean"], "variance": exact["sd"] ** 2, "reaches_500": exact["reaches_500"]}
    known |= {"above_p10": 1.0 - below[325], "up_to_p50": below[500], "up_to_p90": below[710]}
    judge(samples, known, loose={"variance": 0.02})
