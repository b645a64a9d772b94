"""Speed to lead and the sweep of a threshold, with the model's own win rule.

As published, R22 multiplies the chance to win by exp(-0.7 x wait) and R25 draws a win iff quality exceeds a cut, with a
hand-off that uses up no patience. The model adds to log-odds, and patience runs from the start of the pass. So both are
asked with the logistic rule and instant hand-off. The exact values come from quadrature here, written apart from
`theory.selection`, by which the plan finds its constants.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import pairwise
from math import erfc, exp, log, sqrt

import numpy as np

from simfunnel.ledger.columns import WENT_COLD, WON
from simfunnel.theory.erlang import erlang_c
from simfunnel.theory.quadrature import density, legendre
from simfunnel.verify.cases.case import Case, Trial, replicated
from simfunnel.verify.cases.controls import of_input
from simfunnel.verify.exact import ROWS
from simfunnel.verify.figures import at_least, within
from simfunnel.verify.judging import Floats, Means
from simfunnel.verify.scenes import Typed, desk, hours, minutes, plan_of
from simfunnel.verify.window import Window

# ------------------------------------------------------------------ R22

REPLY_H, ODDS, STRENGTH = np.array([0.0, 0.25, 1.0, 3.0]), np.array([1.0, 0.6, 0.3, 0.1]), 0.8
MISLEADING = 0.03


def chances(wait: Floats, b: float) -> Floats:
    """P(win) after so many hours: logistic(b + 0.8 ln f(wait))."""
    return np.asarray(1.0 / (1.0 + np.exp(-b - STRENGTH * np.log(np.interp(wait, REPLY_H, ODDS)))))


def win_rate_by_wait(b: float, waits: float, drain: float) -> float:
    """E[P(win)] when the wait is exponential with rate `drain` with probability `waits`, else 0."""
    nodes = legendre(60)
    last = float(REPLY_H[-1])
    late = float(chances(np.array([last]), b)[0]) * exp(-drain * last)
    for low, high in pairwise(REPLY_H.tolist()):
        at = low + (high - low) * nodes.at
        late += (high - low) * float(nodes.weights @ (chances(at, b) * drain * np.exp(-drain * at)))
    return (1.0 - waits) * float(chances(np.zeros(1), b)[0]) + waits * late


def replies(seen: Window) -> Mapping[str, float]:
    """Waits, wins among those answered, and the controls of the input."""
    tasks = seen.joined()
    decided = np.isin(seen.ledger.leads["id"], seen.ledger.leads["id"][tasks.lead])
    return {
        "wait": float(tasks.wait.mean()),
        "win_rate": float((seen.ledger.leads["outcome"][decided] == WON).mean()),
        "leads_per_hour": tasks.queued.size / seen.until,
        "effort": float(tasks.effort.mean()),
        "twin": seen.twin(5),
    }


def speed_to_lead() -> Trial:
    """R22: 8 leads an hour, 5 reps, 30 minutes each; the wait is 0 or exponential."""
    table = {f"{hour!r} hours": odd for hour, odd in zip(REPLY_H.tolist(), ODDS.tolist(), strict=True)}
    speed = {"default": {"strength": STRENGTH, "odds": table}}
    scenario = desk("8 / hour", 5, minutes(30), days=36, run_in=6, call={"conversion": "20%"}, speed_to_lead=speed)
    b = plan_of(scenario).phases[0].stages[0].intercept
    waits, drain = erlang_c(5, 4.0), 5 * 2.0 - 8.0
    exact = {"wait": waits / drain, "win_rate": win_rate_by_wait(b, waits, drain)}
    averaged = float(chances(np.array([waits / drain]), b)[0])  # the wait of the average lead would mislead
    gap = at_least("gap to the average wait", abs(averaged / exact["win_rate"] - 1.0), MISLEADING)
    return Trial(replicated(scenario, replies, 24), [Means(exact, of_input(8.0, 0.5, 5))], [gap])


# ------------------------------------------------------------------ R25

CORRELATION, SLOPE, BASE_BAR, BASE_RATE = 0.5, log(3.0), 0.5, 0.2
DEAL = 15.0
REACH, NODES = 12.0, 600  # sd of quality on both sides, nodes between
INTERCEPT_TOLERANCE = 5e-6


def win_rate_above(bar: float, b: float) -> float:
    """E[logistic(b + ln(3) Q) | S > bar] of standard normals with correlation 0.5."""
    nodes = legendre(NODES)
    q = REACH * (2.0 * nodes.at - 1.0)
    rest = sqrt(1.0 - CORRELATION**2)
    above = np.array([erfc((bar - CORRELATION * each) / rest / sqrt(2.0)) / 2.0 for each in q.tolist()])
    chance = 1.0 / (1.0 + np.exp(-b - SLOPE * q))
    both = 2.0 * REACH * float(nodes.weights @ (chance * above * density(q)))
    return both / (erfc(bar / sqrt(2.0)) / 2.0)


def intercept_of_the_base() -> float:
    """The constant at which 20% of those above the base's bar win, by bisection."""
    low, high = -20.0, 20.0
    while high - low > 1e-12:
        middle = (low + high) / 2.0
        low, high = (middle, high) if win_rate_above(BASE_BAR, middle) < BASE_RATE else (low, middle)
    return (low + high) / 2.0


def whole_funnel(seen: Window) -> Mapping[str, float]:
    """Who passes, gives up and wins, and what is earned."""
    tasks, per_day = seen.joined(), seen.until / 24.0
    return {
        "passed": tasks.queued.size / seen.created(),
        "reneged": seen.outcomes(WENT_COLD) / tasks.queued.size,
        "busy": seen.busy(6),
        "wins_per_day": seen.outcomes(WON) / per_day,
        "revenue_per_day": won_value(seen) / 1000.0 / per_day,
    }


def won_value(seen: Window) -> float:
    """Value of the deals won in the window."""
    leads = seen.ledger.leads
    inside = (leads["outcome"] == WON) & (leads["closed_at"] >= 0.0) & (leads["closed_at"] < seen.until)
    return float(leads["value"][inside].sum())


def sweep(bar: float, days: int, judged: tuple[str, ...]) -> Trial:
    """R25 at one threshold; the constants stay those of the base, whose threshold is 0.5."""
    sections: Typed = {
        "score": {"mean": 0, "sd": 1, "accuracy": {"correlation": CORRELATION}},
        "qualification": {"threshold": BASE_BAR},
        "what_ifs": {"bar": {"qualification.threshold": bar}},
        "call": {"conversion": f"{BASE_RATE:.0%}", "quality_odds": 3},
        "patience": {"mean": "1 day"},
    }
    leads = {"leads": {"leads": "50 / day", "deal_value": f"{DEAL:g}k"}}
    scenario = desk(leads, 6, hours(12), days=days, run_in=30, **sections)
    plan = plan_of(scenario, () if bar == BASE_BAR else ("bar",), "settled")
    b = intercept_of_the_base()
    found = within("intercept", plan.phases[-1].stages[0].intercept, b, INTERCEPT_TOLERANCE)
    row = ROWS["R25"][bar]
    wins = 50.0 * row["passed"] * (1.0 - row["reneged"]) * win_rate_above(bar, b)
    exact = {**{name: row[name] for name in judged}, "wins_per_day": wins, "revenue_per_day": DEAL * wins}
    return Trial(replicated(scenario, whole_funnel, 24, plan=plan), [Means(exact)], [found])


LOGISTIC = "M/M/6+M, Palm 1957; quadrature"
ALL, RARE = ("passed", "reneged", "busy"), ("passed", "busy")

# not judged: who gives up at 1 and 1.5 (1% would need millions of leads), and the idle 6 x 10^-7 of the time at -0.5
CASES = (
    Case("R22", "speed to lead", "M/M/5; quadrature", speed_to_lead, 0.5, "quick"),
    Case("R25 -0.5", "whole funnel, bar -0.5", LOGISTIC, partial(sweep, -0.5, 420, ALL[:2]), 3.3),
    Case("R25 0", "whole funnel, bar 0", LOGISTIC, partial(sweep, 0.0, 360, ALL), 0.8, "quick"),
    Case("R25 0.5", "whole funnel, bar 0.5", LOGISTIC, partial(sweep, 0.5, 460, ALL), 0.8, "quick"),
    Case("R25 1", "whole funnel, bar 1", LOGISTIC, partial(sweep, 1.0, 360, RARE), 0.6, "quick"),
    Case("R25 1.5", "whole funnel, bar 1.5", LOGISTIC, partial(sweep, 1.5, 1000, RARE), 1, "quick"),
)
