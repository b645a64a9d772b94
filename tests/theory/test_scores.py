"""What a threshold selects in the simulation (cases R14, R15); `test_formulas` asks `simfunnel.theory` the same."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tests.theory.cases import AUC_AT_SEPARATION_1, ROWS
from tests.theory.harness import Typed, Window, funnel, judge, replicate

SCALE: Typed = {"mean": 0, "sd": 1}
ON_THE_WAY: Typed = {
    "default": {"delay": "3000 days"}
}  # qualified leads stay on their way: only who qualifies is asked
EVERYBODY = -1_000


def qualified(seen: Window) -> np.ndarray:
    """[leads] whether the first score reached the threshold."""
    return np.asarray(seen.ledger.leads["passes"] > 0)


def test_r15_a_score_that_sees_quality_through_noise() -> None:
    """Each threshold has a channel of its own; `good` are leads whose true quality lies above 1."""
    rates = {-1: 1200, 0: 160, 1: 200, 2: 2000}
    channels = {f"bar {bar}": {"leads": f"{rate} / day"} for bar, rate in rates.items()}
    scenario = funnel(
        channels, [{"name": "call"}], days=30, run_in=0, handoff=ON_THE_WAY,
        score={**SCALE, "accuracy": {"correlation": 0.6}},
        qualification={"threshold": {f"bar {bar}": bar for bar in rates}},
    )  # fmt: skip

    def measure(seen: Window) -> Mapping[str, float]:
        leads, passed = seen.ledger.leads, qualified(seen)
        good = leads["quality"] > 1.0
        found = {}
        for bar in rates:
            own = leads["channel"] == seen.plan.channels.index(f"bar {bar}")
            found[f"passed at {bar}"] = float(passed[own].mean())
            found[f"win_rate at {bar}"] = float(good[own & passed].mean())
            found[f"wins_kept at {bar}"] = float(passed[own & good].mean())
            found[f"quality at {bar}"] = float(leads["quality"][own & passed].mean())
        return found

    exact = {f"{name} at {bar}": value for bar, row in ROWS["R15"].items() for name, value in row.items()}
    judge(replicate(scenario, measure, 20, after=0), exact)


def test_r14_a_score_by_which_winners_lie_one_sd_above_losers() -> None:
    """The model draws who wins from quality, not the score from who wins: winners are a channel that scores better."""
    rates = {-1: 400, 0: 560, 0.5: 640, 1: 900, 2: 2300, EVERYBODY: 100}
    channels: dict[str, Typed] = {}
    for bar, rate in rates.items():
        channels[f"winners {bar}"] = {"leads": f"{0.08 * rate!r} / day", "score_bias": 1}
        channels[f"losers {bar}"] = {"leads": f"{0.92 * rate!r} / day"}
    bars = {name: float(name.split()[1]) for name in channels}
    scenario = funnel(
        channels,
        [{"name": "call"}],
        days=25,
        run_in=0,
        handoff=ON_THE_WAY,
        score=SCALE,
        qualification={"threshold": bars},
    )

    def measure(seen: Window) -> Mapping[str, float]:
        passed, channel = qualified(seen), seen.ledger.leads["channel"]
        found = {}
        for bar in ROWS["R14"]:
            winners = channel == seen.plan.channels.index(f"winners {bar}")
            both = winners | (channel == seen.plan.channels.index(f"losers {bar}"))
            found[f"passed at {bar}"] = float(passed[both].mean())
            found[f"win_rate at {bar}"] = float(winners[both & passed].mean())
            found[f"wins_kept at {bar}"] = float(passed[winners].mean())
        return {**found, "auc": area(seen)}

    def area(seen: Window) -> float:
        passes = seen.ledger.passes
        channel = seen.ledger.leads["channel"][passes["lead"]]
        high, low = (
            passes["score"][channel == seen.plan.channels.index(f"{who} {EVERYBODY}")] for who in ("winners", "losers")
        )
        return float(np.searchsorted(np.sort(low), high).mean()) / low.size

    exact = {f"{name} at {bar}": value for bar, row in ROWS["R14"].items() for name, value in row.items()}
    judge(replicate(scenario, measure, 20, after=0), {**exact, "auc": AUC_AT_SEPARATION_1})
