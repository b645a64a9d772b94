"""Random scores, bars, acceptance and nurture."""

from __future__ import annotations

import math
from typing import Any

from simfunnel.scenario.score import CORRELATIONS
from simfunnel.verify.funnels.sketch import Sketch, Typed, share
from simfunnel.verify.funnels.values import duration_or_none, number, patience, work


def accuracy(s: Sketch, *, by_auc: bool) -> Any:
    """How well a judgement sees quality; as an AUC only when it is known that some accuracy gives it."""
    luck = s.luck
    ways: list[Any] = ["fair", "weak", "good", "perfect", {"correlation": round(luck.real(0.0, 1.0), 2)}]
    if by_auc:
        ways += 2 * [{"auc": round(luck.real(0.51, 0.53), 3)}, {"auc_among_mqls": 0.505}]
    return luck.one_of(ways)


def score(s: Sketch, *, by_auc: bool) -> Typed:
    """Marketing's score."""
    typed: Typed = {"accuracy": accuracy(s, by_auc=by_auc)} if s.luck.flag(0.7) else {}
    mean, sd = s.score
    return typed if s.score == (50.0, 20.0) and s.luck.flag(0.5) else {"mean": mean, "sd": sd, **typed}


def threshold(s: Sketch) -> float:
    """A bar that some reach."""
    mean, sd = s.score
    return round(mean + s.luck.real(-1.5, 0.5) * sd, 1)


def bar(s: Sketch, *, by_rate: bool = True) -> Typed:
    """The threshold for all or per channel, or the MQL rate."""
    luck = s.luck
    kind = luck.one_of(("one", "each", *(("rate",) if by_rate else ())))
    if kind == "rate":
        return {"mql_rate": share(luck.real(0.3, 0.95))}
    if kind == "one":
        return {"threshold": threshold(s)}
    return {"threshold": {"default": threshold(s), s.channels[-1]: threshold(s)}}


def qualification(s: Sketch, *, nurtures: bool) -> Typed:
    """Who becomes an MQL, and where the others go."""
    luck = s.luck
    typed = bar(s)
    if luck.flag(0.6):
        typed["near_miss"] = round(luck.real(0.2, 1.2) * s.score[1], 1)
        typed["near_miss_to"] = "nurture" if nurtures and luck.flag(0.8) else "disqualified"
    if luck.flag(0.5):
        typed["below_to"] = "nurture" if nurtures and luck.flag(0.6) else "disqualified"
    return typed


def known_correlation(typed: Any) -> float | None:
    """The correlation that a typed accuracy stands for; None for an AUC."""
    if isinstance(typed, str):
        return CORRELATIONS[typed]
    found = typed.get("correlation")
    return None if found is None else float(found)


def acceptance(s: Sketch, seen: Any, *, nurtures: bool, by_auc: bool) -> Any:
    """Sales' judgement; `seen` is the typed accuracy of the score, with which an agreement must be possible."""
    luck = s.luck
    rate = share(luck.real(0.3, 0.95)) if luck.flag(0.9) else "100%"
    if luck.flag(0.1):
        return rate
    typed: Typed = {"rate": rate}
    if luck.flag(0.6):
        typed["accuracy"] = accuracy(s, by_auc=by_auc)
    if luck.flag(0.4):
        found = _agreement(s, known_correlation(seen), known_correlation(typed.get("accuracy", "fair")))
        typed |= {} if found is None else {"agreement": found}
    if luck.flag(0.7):
        typed["effort"] = luck.one_of(("25%", "0%", work(s, 0.1, 1.0)))
    if luck.flag(0.7):
        typed["rejected_to"] = "nurture" if nurtures and luck.flag(0.75) else "lost"
    return typed


def _agreement(s: Sketch, r_score: float | None, r_assessment: float | None) -> float | None:
    if r_score is None or r_assessment is None:
        return None
    reach = math.sqrt((1.0 - r_score**2) * (1.0 - r_assessment**2))
    return round(r_score * r_assessment + s.luck.real(-0.9, 0.9) * reach, 6)


def nurture(s: Sketch) -> Typed:
    """The programme for leads that are not ready."""
    luck = s.luck
    typed: Typed = {"delay": duration_or_none(s, 2.0, 120.0)}
    if luck.flag(0.85):
        typed["score_lift"] = number(luck, luck.real(0.2, 1.5) * s.score[1])
    if luck.flag(0.5):
        typed["quality_lift"] = number(luck, luck.real(0.05, 0.4)) if luck.flag(0.9) else "none"
    if luck.flag(0.5):
        typed["opt_out"] = share(luck.real(0.0, 0.4))
    if luck.flag(0.7):
        typed["cycles"] = luck.whole(1, 5)
    if luck.flag(0.2):
        typed["cost"] = 4
    if luck.flag(0.5):
        typed["patience"] = patience(s)
    return typed
