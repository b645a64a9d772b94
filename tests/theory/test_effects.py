"""Speed to lead and the sweep of a threshold, with the model's own win rule (cases R22, R25, restated).

As published, R22 multiplies the chance to win by exp(-0.7 x wait) and R25 draws a win iff quality exceeds a cut, with a
hand-off that uses up no patience. The model adds to log-odds, and patience runs from the start of the pass. So both are
asked with the logistic rule and instant hand-off, and the exact values come from quadrature here.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, log, sqrt

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import expit, ndtr

from simfunnel.ledger.columns import WENT_COLD, WON
from simfunnel.theory.erlang import erlang_c
from simfunnel.theory.queues import mg1_wait
from tests.theory.cases import ROWS
from tests.theory.harness import Floats, Typed, Window, compiled, desk, hours, judge, minutes, replicate

# ------------------------------------------------------------------ R22


def test_r22_the_chance_to_win_falls_while_leads_wait() -> None:
    """8 leads an hour, 5 reps, 30 minutes each: W is 0 or exponential, the chance logistic(b + 0.8 ln f(W))."""
    at, odds = np.array([0.0, 0.25, 1.0, 3.0]), np.array([1.0, 0.6, 0.3, 0.1])
    table = {f"{hour!r} hours": odd for hour, odd in zip(at.tolist(), odds.tolist(), strict=True)}
    speed = {"default": {"strength": 0.8, "odds": table}}
    call = {"conversion": "20%"}
    scenario = desk("8 / hour", 5, minutes(30), days=36, run_in=6, call=call, speed_to_lead=speed)
    plan = compiled(scenario)
    b = plan.phases[0].stages[0].intercept

    def chance(wait: float) -> float:
        return float(expit(b + 0.8 * log(np.interp(wait, at, odds))))

    waits, drain = erlang_c(5, 4.0), 5 * 2.0 - 8.0
    late, _ = quad(lambda w: chance(w) * drain * exp(-drain * w), 0.0, 3.0, points=at[1:3].tolist(), epsabs=1e-13)
    late += chance(3.0) * exp(-drain * 3.0)
    exact = {"wait": waits / drain, "win_rate": (1.0 - waits) * chance(0.0) + waits * late}

    def measure(seen: Window) -> Mapping[str, float]:
        tasks = seen.joined()
        decided = np.isin(seen.ledger.leads["id"], seen.ledger.leads["id"][tasks.lead])
        return {
            "wait": float(tasks.wait.mean()),
            "win_rate": float((seen.ledger.leads["outcome"][decided] == WON).mean()),
            "leads_per_hour": tasks.queued.size / seen.until,
            "effort": float(tasks.effort.mean()),
            "twin": seen.twin(5),
        }

    known = {"leads_per_hour": 8.0, "effort": 0.5, "twin": mg1_wait(8.0, 0.1, 0.02)}
    judge(replicate(scenario, measure, 24), exact, control=known)
    averaged = chance(waits / drain)
    assert abs(averaged - exact["win_rate"]) > 0.03 * exact["win_rate"]  # the wait of the average lead would mislead


# ------------------------------------------------------------------ R25

CORRELATION, SLOPE, BASE_BAR, BASE_RATE = 0.5, log(3.0), 0.5, 0.2
DEAL = 15.0


def win_rate_above(bar: float, b: float) -> float:
    """E[logistic(b + ln(3) Q) | S > bar] of standard normals with correlation 0.5."""
    left = sqrt(1.0 - CORRELATION**2)

    def inside(q: float) -> float:
        above = ndtr((CORRELATION * q - bar) / left)
        return float(expit(b + SLOPE * q) * above * exp(-q * q / 2.0)) / sqrt(2.0 * np.pi)

    both, _ = quad(inside, -12.0, 12.0, epsabs=1e-13, epsrel=1e-12, limit=400)
    return both / float(ndtr(-bar))


# not judged: who gives up at 1 and 1.5 (1% would need millions of leads), and the idle 6 x 10^-7 of the time at -0.5
@pytest.mark.parametrize(
    ("bar", "days", "judged"),
    [
        (-0.5, 420, ("passed", "reneged")),
        (0.0, 360, ("passed", "reneged", "busy")),
        pytest.param(0.5, 460, ("passed", "reneged", "busy"), marks=pytest.mark.slow),
        (1.0, 360, ("passed", "busy")),
        (1.5, 1000, ("passed", "busy")),
    ],
)
def test_r25_a_sweep_of_the_threshold_keeps_the_constants_of_the_base(
    bar: float, days: int, judged: tuple[str, ...]
) -> None:
    sections: Typed = {
        "score": {"mean": 0, "sd": 1, "accuracy": {"correlation": CORRELATION}},
        "qualification": {"threshold": BASE_BAR},
        "what_ifs": {"bar": {"qualification.threshold": bar}},
        "call": {"conversion": f"{BASE_RATE:.0%}", "quality_odds": 3},
        "patience": {"mean": "1 day"},
    }
    leads = {"leads": {"leads": "50 / day", "deal_value": f"{DEAL:g}k"}}
    scenario = desk(leads, 6, hours(12), days=days, run_in=30, **sections)
    plan = compiled(scenario, () if bar == BASE_BAR else ("bar",), "settled")
    b = float(brentq(lambda x: win_rate_above(BASE_BAR, x) - BASE_RATE, -20.0, 20.0, xtol=1e-12))
    assert plan.phases[-1].stages[0].intercept == pytest.approx(b, abs=5e-6)

    def measure(seen: Window) -> Mapping[str, float]:
        tasks, per_day = seen.joined(), seen.until / 24.0
        wins = seen.outcomes(WON)
        value = won_value(seen)
        return {
            "passed": tasks.queued.size / seen.created(),
            "reneged": seen.outcomes(WENT_COLD) / tasks.queued.size,
            "busy": seen.busy(6),
            "wins_per_day": wins / per_day,
            "revenue_per_day": value / 1000.0 / per_day,
        }

    row = ROWS["R25"][bar]
    worked = 50.0 * row["passed"] * (1.0 - row["reneged"])
    wins = worked * win_rate_above(bar, b)
    exact = {**{name: row[name] for name in judged}, "wins_per_day": wins, "revenue_per_day": DEAL * wins}
    judge(replicate(scenario, measure, 24, plan=plan), exact)


def won_value(seen: Window) -> float:
    """Value of the deals won in the window."""
    leads = seen.ledger.leads
    inside = (leads["outcome"] == WON) & (leads["closed_at"] >= 0.0) & (leads["closed_at"] < seen.until)
    values: Floats = leads["value"][inside]
    return float(values.sum())
