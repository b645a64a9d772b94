"""Cases of stages, scores, revenue and effects, whose numbers are known exactly."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import pairwise
from math import erfc, exp, expm1, log, pi, sqrt

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.distributions.families import NORMAL_P90
from simfunnel.errors import EngineError
from simfunnel.ledger.columns import OPEN, WENT_COLD, WON
from simfunnel.theory.erlang import erlang_c
from simfunnel.theory.queues import mg1_wait
from simfunnel.theory.selection import density, legendre
from simfunnel.theory.waterfall import revenue_distribution
from simfunnel.verify.exact import AUC_AT_SEPARATION_1, EXACT, ROWS
from simfunnel.verify.judging import (
    Case,
    Figure,
    Means,
    Measure,
    Trial,
    above_if_nobody_waited,
    at_least,
    of_input,
    replicated,
    within,
)
from simfunnel.verify.small_funnels import Tasks, Typed, Window, desk, funnel, hours, minutes, plan_of

DAY = 24.0


# ------------------------------------------------------------------ desks in a row


def two_desks(seen: Window) -> Mapping[str, float]:
    """Return waits at both desks, leads in contract and in all, and the controls of each desk's input."""
    leads, days = seen.ledger.leads, seen.until / DAY
    found = {}
    for stage, name, reps in ((0, "sdr", 4), (1, "ae", 5)):
        tasks = seen.joined(stage)
        found[f"wait_{name}"] = float(tasks.wait.mean()) / DAY
        found[f"p_wait_{name}"] = float((tasks.wait > 0.0).mean())
        found[f"{name}_per_day"] = tasks.queued.size / days
        found[f"effort_{name}"] = float(tasks.effort.mean()) / DAY
        found[f"twin_{name}"] = seen.twin(reps, stage) / DAY
    contracts = seen.ledger.tasks["stage"] == 2
    found["in_contract"] = seen.average(*(seen.ledger.tasks[name][contracts] for name in ("entered", "started")))
    found["in_process"] = seen.average(leads["created"], leads["closed_at"])
    inside = (leads["created"] >= 0.0) & (leads["created"] < seen.until)
    found["days_in_process"] = float((leads["closed_at"] - leads["created"])[inside].mean()) / DAY
    found["contracts_per_day"] = seen.outcomes(WON) / days
    return found


def desks_in_a_row() -> Trial:
    """Build R16."""
    stages: list[Typed] = [
        {"name": "qualify", "effort": hours(12), "conversion": "50%"},
        {"name": "sell", "effort": hours(30), "conversion": "40%"},
        {"name": "contract", "wait": {"mean": "4 days", "cv": 0.5}},
    ]
    pools = {
        "SDR": {"stages": ["qualify"], "reps": 4, "selling_time": "100%"},
        "AE": {"stages": ["sell"], "reps": 5, "selling_time": "100%"},
    }
    scenario = funnel({"leads": {"leads": "6 / day"}}, stages, days=1900, run_in=60, pools=pools)
    sdr = {"sdr_per_day": 6.0, "effort_sdr": 0.5, "twin_sdr": mg1_wait(6.0, 0.125, 2 * 0.125**2)}
    # what leaves the first desk is Poisson, too (Burke 1956)
    ae = {"ae_per_day": 3.0, "effort_ae": 1.25, "twin_ae": mg1_wait(3.0, 0.25, 2 * 0.25**2)}
    exact = EXACT["R16"]
    of_sdr = {name: exact[name] for name in ("wait_sdr", "p_wait_sdr")}
    others = {name: value for name, value in exact.items() if name not in of_sdr}
    return Trial(replicated(scenario, two_desks, 24, after=60), [Means(of_sdr, sdr), Means(others, ae)])


# ------------------------------------------------------------------ nurture

MOST_H = 500 * DAY  # a nurtured lead's story is over by then


def nurture_loop(seen: Window) -> Mapping[str, float]:
    """Return visits of leads that come back, the queue they meet, and the controls of its input."""
    leads, entries, days = seen.ledger.leads, seen.ledger.entries, seen.until / DAY
    tasks, everything = seen.joined(), seen.tasks()
    order = np.lexsort((everything.queued, everything.lead))
    full, above = seen.without_queue(*never_waiting(everything.where(order)), 8)
    told = leads["created"] < seen.plan.end_h - MOST_H
    if (leads["outcome"][told] == OPEN).any():
        raise EngineError("a lead is still open 500 days after it came")
    return {
        "visits_per_day": tasks.queued.size / days,
        "busy": seen.busy(6),
        "wait": float(tasks.wait.mean()) / DAY,
        "p_wait": float((tasks.wait > 0.0).mean()),
        "in_nurture": seen.average(entries["entered"], entries["left_at"]),
        "wins_per_day": seen.outcomes(WON) / days,
        "visits_per_lead": tasks.queued.size / seen.created(),
        "win_share": seen.outcomes(WON) / seen.created(),
        "variance_of_visits": float(leads["passes"][told].var()),
        "effort": float(tasks.effort.mean()) / DAY,
        "full_without_queue": full,
        "above_without_queue": above,
    }


def never_waiting(tasks: Tasks) -> tuple[Floats, Floats]:
    """Return (joined, effort) of every visit if no visit before it had waited; tasks by lead, then time."""
    begun = ~np.isnan(tasks.started)
    wait = np.where(begun, tasks.started - tasks.queued, 0.0)
    before = np.cumsum(wait) - wait
    first = np.flatnonzero(np.concatenate(([True], tasks.lead[1:] != tasks.lead[:-1])))
    of_lead = np.repeat(before[first], np.diff(np.append(first, tasks.lead.size)))
    return (tasks.queued - (before - of_lead))[begun], tasks.effort[begun]


def nurture_and_come_back() -> Trial:
    """Build R17."""
    call = {"conversion": "10%", "otherwise": {"nurture": "50%", "lost": "50%"}}
    nurture = {"delay": {"mean": "30 days", "cv": 0.5}, "opt_out": "40%", "cycles": 1000, "patience": "none"}
    scenario = desk("5 / day", 6, hours(16), days=2900, run_in=240, call=call, nurture=nurture)
    exact = EXACT["R17"]
    full, above = above_if_nobody_waited(exact["visits_per_day"] / 1.5, 8)
    known = {"visits_per_day": exact["visits_per_day"], "effort": 1.0 / 1.5}
    known |= {"full_without_queue": full, "above_without_queue": above}
    of_queue = {name: exact[name] for name in ("wait", "p_wait", "busy")}
    others = {name: value for name, value in exact.items() if name not in of_queue}
    return Trial(replicated(scenario, nurture_loop, 40, after=10), [Means(of_queue, known), Means(others)])


# ------------------------------------------------------------------ pipelines that fill up


def empty_start(days: int, copies: int, *, conversion: str, **sections: Typed) -> Typed:
    """Return opportunities that pass through three exponential stages; the first, of no length, is where they open."""
    wait = {"mean": "20 days"}
    stages: list[Typed] = [{"name": "open"}, {"name": "first", "wait": wait}, {"name": "second", "wait": wait}]
    stages.append({"name": "third", "wait": wait, "conversion": conversion})
    return funnel({"leads": {"leads": f"{2 * copies} / day"}}, stages, days=days, run_in=0, **sections)


def fills_up(days: int, copies: int) -> Measure:
    """Return wins and open leads at the end, per copy."""

    def measure(seen: Window) -> Mapping[str, float]:
        still = (seen.ledger.leads["outcome"] == OPEN).sum()
        return {f"wins_by_{days}": seen.outcomes(WON) / copies, f"open_at_{days}": float(still) / copies}

    return measure


def starts_empty(days: int, copies: int, names: tuple[str, ...]) -> Trial:
    """Build R18: `copies` such funnels side by side; without a limit of reps none feels another, means add up."""
    sampler = replicated(empty_start(days, copies, conversion="25%"), fills_up(days, copies), 24, after=0)
    return Trial(sampler, [Means({name: EXACT["R18"][name] for name in names})])


def first_wins() -> Trial:
    """Build R18: few are won by day 30, so only the quarter that will win is simulated; others would not be felt."""
    scenario = empty_start(30, 500, conversion="100%", qualification={"mql_rate": "25%"})
    sampler = replicated(scenario, fills_up(30, 500), 24, after=0)
    return Trial(sampler, [Means({"wins_by_30": EXACT["R18"]["wins_by_30"]})])


OPEN_DAYS = (2, 7, 30)
STAY_H = 240.0


def open_in_steps(rates: Floats, day: int) -> float:
    """Return the mean open opportunities on a day at rates that are even within each hour of the week, 25 open at the
    start."""
    ends = np.arange(1.0, 24.0 * day + 1.0)
    stays = STAY_H * (np.exp(-(24.0 * day - ends) / STAY_H) * -expm1(-1.0 / STAY_H))
    return 25.0 * exp(-24.0 * day / STAY_H) + float(rates[(ends - 1.0).astype(int) % 168] @ stays) / 24.0


def weekly_rhythm() -> Trial:
    """Build R19; the week's profile is typed by the hour, the steps' exact values stand beside the sine's own."""
    copies, week = 20, 2 * pi / 168.0
    rates = 8.0 - 5.0 * np.diff(np.cos(week * np.arange(169.0))) / week  # a day, mean of the sine over each hour
    opening = [{"channel": "leads", "stage": "open", "count": 25 * copies, "age": "1 hour"}]
    stages: list[Typed] = [{"name": "start"}, {"name": "open", "wait": {"mean": "10 days"}}]
    channel = {"leads": f"{8 * copies} / day", "hours_of_week": rates.tolist()}
    scenario = funnel({"leads": channel}, stages, days=31, run_in=0, opening_pipeline=opening)

    def measure(seen: Window) -> Mapping[str, float]:
        created, closed = seen.ledger.leads["created"], seen.ledger.leads["closed_at"]
        over = np.where(np.isnan(closed), np.inf, closed)
        return {
            f"open_at_{day}": float(((created < 24.0 * day) & (over >= 24.0 * day)).sum()) / copies for day in OPEN_DAYS
        }

    steps, sine = {f"open_at_{day}": open_in_steps(rates, day) for day in OPEN_DAYS}, EXACT["R19"]
    beside = [within(f"{name}, in steps", value, sine[name], 1e-4 * sine[name]) for name, value in steps.items()]
    return Trial(replicated(scenario, measure, 24, after=0), [Means(steps)], beside)


EICK = "M(t)/M/infinity, Eick, Massey and Whitt 1993"
AFTER_90, AFTER_365 = ("wins_by_90", "open_at_90"), ("wins_by_365",)

STAGES_CASES = (
    Case("R16", "two desks in a row", "Jackson 1957", desks_in_a_row, 0.9, "quick"),
    Case("R17", "nurture and come back", "Jackson 1957, geometric visits", nurture_and_come_back, 2, "quick"),
    Case("R18 30", "empty start, first wins", "Erlang stages", first_wins, 0.6, "quick"),
    Case("R18 90", "empty start, 90 days", EICK, partial(starts_empty, 90, 40, AFTER_90), 0.4, "quick"),
    Case("R18 365", "empty start, a year", "Erlang stages", partial(starts_empty, 365, 4, AFTER_365), 0.2, "quick"),
    Case("R19", "weekly rhythm", EICK, weekly_rhythm, 0.5, "quick"),
)


SCALE: Typed = {"mean": 0, "sd": 1}
ON_THE_WAY: Typed = {
    "default": {"delay": "3000 days"}
}  # qualified leads stay on their way: only who qualifies is asked
EVERYBODY = -1_000
GOOD = 1.0  # true quality of leads that are counted as wins


def qualified(seen: Window) -> np.ndarray:
    """Return [leads] whether the first score reached the threshold."""
    return np.asarray(seen.ledger.leads["passes"] > 0)


def exact_at(reference: str) -> dict[str, float]:
    """Return the numbers of all thresholds of a reference."""
    return {f"{name} at {bar:g}": value for bar, row in ROWS[reference].items() for name, value in row.items()}


def noisy_view_of_quality() -> Trial:
    """Build R15; each threshold has a channel of its own."""
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
    """Make winners, 8%, a channel that scores one sd better; both channels of a bar have it as their threshold."""
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
    """Return who passes each bar, and how well the score tells winners from losers."""
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
    """Return the share of pairs of a winner and a loser in which the winner scores higher."""
    passes = seen.ledger.passes
    channel = seen.ledger.leads["channel"][passes["lead"]]
    high, low = (
        passes["score"][channel == seen.plan.channels.index(f"{who} {EVERYBODY}")] for who in ("winners", "losers")
    )
    return float(np.searchsorted(np.sort(low), high).mean() / low.size)


def winners_one_sd_above() -> Trial:
    """Build R14."""
    scenario = winners_and_losers({-1: 400, 0: 560, 0.5: 640, 1: 900, 2: 2300, EVERYBODY: 100})
    judged = Means({**exact_at("R14"), "auc": AUC_AT_SEPARATION_1})
    return Trial(replicated(scenario, selected_by_bar, 20, after=0), [judged])


SCORES_CASES = (
    Case("R14", "winners 1 sd higher", "binormal distributions", winners_one_sd_above, 1.7, "quick"),
    Case("R15", "a score with noise", "bivariate normal", noisy_view_of_quality, 1.6, "quick"),
)


def by_block(seen: Window, block_h: float) -> tuple[Floats, Floats]:
    """Return won value in thousands, and deals, of the leads created in each block of so many hours; [blocks] each."""
    leads = seen.ledger.leads
    won = leads["outcome"] == WON
    block = (leads["created"][won] // block_h).astype(np.int64)
    blocks = round(seen.plan.end_h / block_h)
    revenue = np.bincount(block, weights=leads["value"][won], minlength=blocks) / 1000.0
    return revenue, np.bincount(block, minlength=blocks).astype(np.float64)


def quarters_revenue() -> Trial:
    """Build R20; a lead that qualifies is won at once, 5% do; the spread's own se is 1% of the sd, so 2% of the
    variance."""
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
    """Build R21: 30 deals a day, each day on its own; days at and below the exact quantiles, and the chance of 500."""
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
    """Return the exact quantiles are the smallest revenues at which the distribution function reaches their level."""
    found = []
    for level, name in ((0.1, "p10"), (0.5, "p50"), (0.9, "p90")):
        at = int(EXACT["R21"][name])
        found.append(at_least(f"up to the exact {name}", float(below[at]), level))
        found.append(at_least(f"from the exact {name} on", 1.0 - float(below[at - 1]), np.nextafter(1.0 - level, 1.0)))
    return found


REVENUE_CASES = (
    Case("R20", "a quarter's revenue", "compound Poisson", quarters_revenue, 3.8),
    Case("R21", "chance of the target", "Panjer 1981", chance_of_the_target, 0.5, "quick"),
)


# ------------------------------------------------------------------ R22

REPLY_H, ODDS, STRENGTH = np.array([0.0, 0.25, 1.0, 3.0]), np.array([1.0, 0.6, 0.3, 0.1]), 0.8
MISLEADING = 0.03


def chances(wait: Floats, b: float) -> Floats:
    """Return P(win) after so many hours: logistic(b + 0.8 ln f(wait))."""
    return np.asarray(1.0 / (1.0 + np.exp(-b - STRENGTH * np.log(np.interp(wait, REPLY_H, ODDS)))))


def win_rate_by_wait(b: float, waits: float, drain: float) -> float:
    """Return E[P(win)] when the wait is exponential with rate `drain` with probability `waits`, else 0."""
    nodes = legendre(60)
    last = float(REPLY_H[-1])
    late = float(chances(np.array([last]), b)[0]) * exp(-drain * last)
    for low, high in pairwise(REPLY_H.tolist()):
        at = low + (high - low) * nodes.at
        late += (high - low) * float(nodes.weights @ (chances(at, b) * drain * np.exp(-drain * at)))
    return (1.0 - waits) * float(chances(np.zeros(1), b)[0]) + waits * late


def replies(seen: Window) -> Mapping[str, float]:
    """Return waits, wins among those answered, and the controls of the input."""
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
    """Build R22: 8 leads an hour, 5 reps, 30 minutes each; the wait is 0 or exponential."""
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
    """Return E[logistic(b + ln(3) Q) | S > bar] of standard normals with correlation 0.5."""
    nodes = legendre(NODES)
    q = REACH * (2.0 * nodes.at - 1.0)
    rest = sqrt(1.0 - CORRELATION**2)
    above = np.array([erfc((bar - CORRELATION * each) / rest / sqrt(2.0)) / 2.0 for each in q.tolist()])
    chance = 1.0 / (1.0 + np.exp(-b - SLOPE * q))
    both = 2.0 * REACH * float(nodes.weights @ (chance * above * density(q)))
    return both / (erfc(bar / sqrt(2.0)) / 2.0)


def intercept_of_the_base() -> float:
    """Return the constant at which 20% of those above the base's bar win, by bisection."""
    low, high = -20.0, 20.0
    while high - low > 1e-12:
        middle = (low + high) / 2.0
        low, high = (middle, high) if win_rate_above(BASE_BAR, middle) < BASE_RATE else (low, middle)
    return (low + high) / 2.0


def whole_funnel(seen: Window) -> Mapping[str, float]:
    """Return who passes, gives up and wins, and what is earned."""
    tasks, per_day = seen.joined(), seen.until / 24.0
    return {
        "passed": tasks.queued.size / seen.created(),
        "reneged": seen.outcomes(WENT_COLD) / tasks.queued.size,
        "busy": seen.busy(6),
        "wins_per_day": seen.outcomes(WON) / per_day,
        "revenue_per_day": won_value(seen) / 1000.0 / per_day,
    }


def won_value(seen: Window) -> float:
    """Return the value of the deals won in the window."""
    leads = seen.ledger.leads
    inside = (leads["outcome"] == WON) & (leads["closed_at"] >= 0.0) & (leads["closed_at"] < seen.until)
    return float(leads["value"][inside].sum())


def sweep(bar: float, days: int, judged: tuple[str, ...]) -> Trial:
    """Build R25 at one threshold; the constants stay those of the base, whose threshold is 0.5."""
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
EFFECTS_CASES = (
    Case("R22", "speed to lead", "M/M/5; quadrature", speed_to_lead, 0.5, "quick"),
    Case("R25 -0.5", "whole funnel, bar -0.5", LOGISTIC, partial(sweep, -0.5, 420, ALL[:2]), 3.3),
    Case("R25 0", "whole funnel, bar 0", LOGISTIC, partial(sweep, 0.0, 360, ALL), 0.8, "quick"),
    Case("R25 0.5", "whole funnel, bar 0.5", LOGISTIC, partial(sweep, 0.5, 460, ALL), 0.8, "quick"),
    Case("R25 1", "whole funnel, bar 1", LOGISTIC, partial(sweep, 1.0, 360, RARE), 0.6, "quick"),
    Case("R25 1.5", "whole funnel, bar 1.5", LOGISTIC, partial(sweep, 1.5, 1000, RARE), 1, "quick"),
)
