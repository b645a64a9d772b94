"""What a threshold selects."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simfunnel.verify.cases.case import Case, Trial, replicated
from simfunnel.verify.exact import AUC_AT_SEPARATION_1, ROWS
from simfunnel.verify.judging import Means
from simfunnel.verify.scenes import Typed, funnel
from simfunnel.verify.window import Window

SCALE: Typed = {"mean": 0, "sd": 1}
ON_THE_WAY: Typed = {
    "default": {"delay": "3000 days"}
}  # qualified leads stay on their way: only who qualifies is asked
EVERYBODY = -1_000
GOOD = 1.0  # true quality of leads that are counted as wins


def qualified(seen: Window) -> np.ndarray:
    """[leads] whether the first score reached the threshold."""
    return np.asarray(seen.ledger.leads["passes"] > 0)


def exact_at(reference: str) -> dict[str, float]:
    """The numbers of all thresholds of a reference."""
    return {f"{name} at {bar:g}": value for bar, row in ROWS[reference].items() for name, value in row.items()}


def noisy_view_of_quality() -> Trial:
    """R15; each threshold has a channel of its own."""
    rates = {-1: 1200, 0: 160, 1: 200, 2: 2000}
    channels = {f"bar {bar}": {"leads": f"{rate} / day"} for bar, rate in rates.items()}
    scenario = funnel(
        channels, [{"name": "call"}], days=30, run_in=0, handoff=ON_THE_WAY,
        score={**SCALE, "accuracy": {"correlation": 0.6}},
        qualification={"threshold": {f"bar {bar}": bar for bar in rates}},
    )  # fmt: skip

    def measure(seen: Window) -> Mapping[str, float]:
        leads, passed = seen.ledger.leads, qualified(seen)
        good = leads["quality"] > GOOD
        found = {}
        for bar in rates:
            own = leads["channel"] == seen.plan.channels.index(f"bar {bar}")
            found[f"passed at {bar}"] = float(passed[own].mean())
            found[f"win_rate at {bar}"] = float(good[own & passed].mean())
            found[f"wins_kept at {bar}"] = float(passed[own & good].mean())
            found[f"quality at {bar}"] = float(leads["quality"][own & passed].mean())
        return found

    return Trial(replicated(scenario, measure, 20, after=0), [Means(exact_at("R15"))])


def winners_and_losers(rates: Mapping[float, float]) -> Typed:
    """Winners, 8%, are a channel that scores one sd better; both channels of a bar have it as their threshold."""
    channels: dict[str, Typed] = {}
    for bar, rate in rates.items():
        channels[f"winners {bar}"] = {"leads": f"{0.08 * rate!r} / day", "score_bias": 1}
        channels[f"losers {bar}"] = {"leads": f"{0.92 * rate!r} / day"}
    bars = {name: float(name.split()[1]) for name in channels}
    return funnel(
        channels,
        [{"name": "call"}],
        days=25,
        run_in=0,
        handoff=ON_THE_WAY,
        score=SCALE,
        qualification={"threshold": bars},
    )


def selected_by_bar(seen: Window) -> Mapping[str, float]:
    """Who passes each bar, and how well the score tells winners from losers."""
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
    """The share of pairs of a winner and a loser in which the winner scores higher."""
    passes = seen.ledger.passes
    channel = seen.ledger.leads["channel"][passes["lead"]]
    high, low = (
        passes["score"][channel == seen.plan.channels.index(f"{who} {EVERYBODY}")] for who in ("winners", "losers")
    )
    return float(np.searchsorted(np.sort(low), high).mean() / low.size)


def winners_one_sd_above() -> Trial:
    """R14."""
    scenario = winners_and_losers({-1: 400, 0: 560, 0.5: 640, 1: 900, 2: 2300, EVERYBODY: 100})
    judged = Means({**exact_at("R14"), "auc": AUC_AT_SEPARATION_1})
    return Trial(replicated(scenario, selected_by_bar, 20, after=0), [judged])


CASES = (
    Case("R14", "winners 1 sd higher", "binormal distributions", winners_one_sd_above, 1.7, "quick"),
    Case("R15", "a score with noise", "bivariate normal", noisy_view_of_quality, 1.6, "quick"),
)
