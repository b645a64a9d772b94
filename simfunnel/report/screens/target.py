"""The screen of `target`, and its words: what it takes beside today and the calculator, or what stands in the way."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from simfunnel.errors import path_text
from simfunnel.report import words
from simfunnel.report.screens import frame
from simfunnel.report.terminal import BAD, FAINT, GOOD, STRONG, Cell, Page, Row, table
from simfunnel.study import NOT_MEASURED, Amount, Part
from simfunnel.study.target import Chance, LastDates, LeverFound, Limit, TargetResult, Why
from simfunnel.study.target.result import PLAN, REACHED, TODAY
from simfunnel.units import significant

METRICS: Mapping[str, str] = {"revenue": "of revenue", "wins": "deals won", "profit": "of profit"}

# what makes the calculator promise too much, and too little
TOO_MUCH: Mapping[str, str] = {
    "cold": "more of them go cold before the first call",
    "queues": "fewer of those reached win: later answers, fuller desks, lower bar",
    "date": "close after {last}",
    "luck": "luck: the middle {word} has to lie above the target",
    "sure": "to spare: whole steps, and to be sure of it in {n} simulated {word}s",
}
TOO_LITTLE: Mapping[str, str] = {
    "cold": "fewer of them go cold before the first call",
    "queues": "more of those reached win: earlier answers, lighter desks, higher bar",
    "date": "more closes by {last} than in the long run",
    "luck": "luck: the middle {word} may lie below the target",
    "sure": "short of the target in the search",
}

RELAXED: Mapping[str, str] = {
    "leads": "half as many leads again",
    "handoff": "hand-off at once, nothing lost",
    "patience": "leads that never go cold",
    "bar": "every lead an MQL",
    "start": "the plan begun a run-in earlier",
    "date": "time until the period's end",
}
LIMITING: Mapping[str, str] = {
    "leads": "the number of leads",
    "handoff": "the hand-off",
    "patience": "leads' patience",
    "bar": "the bar for an MQL",
    "start": "the time left after the plan begins",
    "date": "the day asked for",
}

REACHES: Mapping[str, str] = {"yes": "reaches it", "no": "", "perhaps": "perhaps"}
COUNTS = {"Leads": "leads", "Visits": "visits", "MQL": "mqls", "Opportunities": "opportunities", "Won": "wins"}
BY_CHANNEL = ("", "leads today", "visits", "leads", "MQL", "SAL", "opportunities", "won", "revenue")
SMALL_PIECE = 0.002  # of the target: reasons below it are not told


def target_screen(result: TargetResult, width: int = 100, colour: bool = False) -> str:
    """Write what it takes to reach a target, or what stands in the way, as a page of at most `width` columns."""
    goal, word = result.goal, frame.year_word(result.scenario)
    page = frame.headed(result.scenario, result.simulated, result.warnings, width, colour)
    wanted = f"{goal.wanted:,.0f}" if goal.metric == "wins" else words.money(goal.wanted, result.scenario.currency)
    asked = f"{wanted} {METRICS[goal.metric]} by {words.day_text(goal.by)}"
    sure = f"in {words.of_hundred(goal.chance)} of 100 {word}s"
    page.line("TARGET", f"{asked}, {sure}; today it is reached in {chance_words(result.today)}")
    page.blank()
    third = f"{words.of_hundred(goal.chance)} of 100 {word}s" if result.reached else "the most"
    page.grid(table(("", "today", "calculator\nyou own", f"simulated,\n{third}"), _rows(result)))
    if result.calculator is not None and len(result.calculator.by_channel) > 1:
        page.blank()
        page.line("", "The calculator by channel: today's rates backwards from the target.", 0)
        rows = []
        for name, steps in result.calculator.by_channel.items():
            leads = result.value("leads", TODAY, Part(channel=name)).mean
            counts = (leads, steps.visits, steps.leads, steps.mqls, steps.sals, steps.opportunities, steps.wins)
            revenue = words.money(steps.revenue, result.scenario.currency, steps.revenue / 100)
            rows.append((name, *(words.figure(count, abs(count) / 100) for count in counts), revenue))
        page.grid(table(BY_CHANNEL, rows))
    page.blank()
    if result.reached:
        _reached(page, result)
    else:
        _not_reached(page, result)
    for at, each in enumerate(result.last_dates):
        page.line("TIMING" if at == 0 else "", _last(result, each))
    _notes(page, result)
    return page.text()


# --- words ------------------------------------------------------------------------------------------------------------


def relaxed(limit: Limit) -> str:
    """Say what is done to a limit when it is relaxed."""
    if limit.kind == "pool":
        return f"{limit.name} reps without limit"
    if limit.kind == "several":
        short = {"handoff": "hand-off", "start": "an earlier start", "leads": "more leads"}
        names = (
            f"{name.removeprefix('pool ')} reps" if name.startswith("pool ") else short.get(name, name)
            for name in limit.name.split(", ")
        )
        return f"together: {', '.join(names)}"
    return RELAXED[limit.kind] + (f" ({limit.name})" if limit.name else "")


def limiting(limit: Limit) -> str:
    """Name a limit."""
    if limit.kind == "pool":
        return f"{limit.name} reps"
    return LIMITING[limit.kind] + (f" of {limit.name}" if limit.name else "")


def lever_text(result: TargetResult, lever: LeverFound) -> str:
    """Say a lever at its level, as planners do."""
    if len(lever.pools) == 1:
        return f"{lever.level:.0f} {lever.pools[0]}{'' if lever.level == 1 else 's'}"
    return f"{lever_name(result, lever)} at {lever.words}"


def lever_name(result: TargetResult, lever: LeverFound) -> str:
    """Name a lever."""
    if len(lever.pools) == 1:
        return f"{lever.pools[0]}s"
    if lever.channels:
        every = set(lever.channels) == set(result.scenario.channels)
        return "leads" if every else f"leads of {', '.join(lever.channels)}"
    return lever.path


def chance_words(chance: Chance) -> str:
    """Write a chance with its interval, of 100 periods.

    >>> chance_words(Chance(0.83, 0.772, 0.871, 200))
    '83 (77-87) of 100'
    """
    low, high = words.of_hundred(chance.low), words.of_hundred(chance.high)
    return f"{words.of_hundred(chance.share)} ({low}-{high}) of 100"


def amount(result: TargetResult, value: float, half_width: float = math.nan, signed: bool = False) -> str:
    """Write an amount of the target's metric; without a half-width to two figures."""
    width = half_width if half_width > 0 else abs(value) / 20
    if result.goal.metric == "wins":
        return words.figure(value, width, _finest(half_width), signed)
    return words.money(value, result.scenario.currency, width, signed)


def amount_with_width(result: TargetResult, value: float, half_width: float, signed: bool = False) -> str:
    """Write an amount of the target's metric with its half-width, where it has one."""
    if not half_width > 0:
        return amount(result, value, half_width, signed)
    if result.goal.metric == "wins":
        return words.figure_with_width(value, half_width, _finest(half_width), signed)
    return words.money_with_width(value, result.scenario.currency, half_width, signed)


def _finest(half_width: float) -> int:
    """Return the finest digit of wins: they are whole, but their means have a decimal where they are known so well."""
    return -1 if 0 < half_width < 1 else 0


def _cost(result: TargetResult, cost: float) -> str:
    return words.money(cost, result.scenario.currency, abs(cost) / 20, signed=True)


def _gain(result: TargetResult, limit: Limit) -> str:
    return amount_with_width(result, limit.gain, limit.gain_half_width, signed=True)


# --- today, the calculator and the plan -------------------------------------------------------------------------------


def _rows(result: TargetResult) -> Iterator[Row]:
    """Yield revenue, the counts of the funnel, the teams and the profit, as far as they were measured."""
    calculator = result.calculator
    calculated = calculator.all._asdict() if calculator else {}
    calculated["opportunities"] = calculator.all.opportunities if calculator else math.nan

    def row(label: str, kind: str, today: Amount, by_hand: float, plan: Amount) -> Row:
        rough = math.nan if kind in ("share", "reps") else abs(by_hand) / 100
        told = _text(result, kind, Amount(by_hand, rough))
        return label, _with_width(result, kind, today), told, Cell(_with_width(result, kind, plan), STRONG)

    middle = f"Revenue, middle {frame.year_word(result.scenario)}"
    yield row(middle, "middle", _middle(result, TODAY), calculated.get("revenue", math.nan), _middle(result, PLAN))
    for label, metric in COUNTS.items():
        today, plan = (
            result.visits(name) if metric == "visits" else result.value(metric, name) for name in (TODAY, PLAN)
        )
        if not math.isnan(today.mean):
            yield row(label, "count", today, calculated.get(metric, math.nan), plan)
    for pool in result.scenario.pools:
        part = Part(pool=pool)
        busy = result.value("busy_share", TODAY, part)
        if not math.isnan(busy.mean):
            reps = math.nan if calculator is None else float(calculator.reps.get(pool, math.nan))
            today, plan = (result.value("reps", name, part) for name in (TODAY, PLAN))
            yield row(f"{pool} reps", "reps", today, reps, plan)
            full = math.nan if math.isnan(reps) else 1.0
            yield row(f"{pool} busy", "share", busy, full, result.value("busy_share", PLAN, part))
    profit = result.value("profit", TODAY)
    if profit.mean != result.value("revenue", TODAY).mean:
        yield row("Profit, mean", "money", profit, math.nan, result.value("profit", PLAN))


def _middle(result: TargetResult, plan: str) -> Amount:
    """Return the middle period's revenue; single periods vary, so no more digits than their spread allows."""
    found = result.estimate("revenue", plan)
    return NOT_MEASURED if found is None else Amount(found.p50, (found.p90 - found.p10) / 10)


def _text(result: TargetResult, kind: str, value: Amount) -> str:
    """Write a figure of a row; `kind`: money, middle (money of the middle period), share, reps or count."""
    if kind in ("money", "middle"):
        return words.money(value.mean, result.scenario.currency, value.half_width)
    if kind == "share":
        return words.percent(value.mean, value.half_width)
    if kind == "reps":
        return words.figure(value.mean, finest=-1).removesuffix(".0")
    return words.figure(value.mean, value.half_width)


def _with_width(result: TargetResult, kind: str, value: Amount) -> str:
    """Write a figure of a row with its half-width, where it has one."""
    if kind in ("reps", "middle") or not value.half_width > 0:
        return _text(result, kind, value)
    if kind == "money":
        return words.money_with_width(value.mean, result.scenario.currency, value.half_width)
    points = 100 if kind == "share" else 1
    return f"{_text(result, kind, value)} {words.plus_minus(points * value.half_width)}"


# --- a plan that reaches it -------------------------------------------------------------------------------------------


def _reached(page: Page, result: TargetResult) -> None:
    """Write the plan, what confirms it, what each lever does alone and what else would help."""
    word, fresh = frame.year_word(result.scenario), chance_words(result.fresh)
    if result.verdict == "already":
        page.line("ANSWER", f"nothing has to change: reached in {fresh} fresh {word}s.")
    else:
        priced = any(not math.isnan(lever.cost) for lever in result.levers)
        label = "CHEAPEST" if len(result.levers) > 1 and priced else "ANSWER"
        cost = f", {_cost(result, result.cost)}" if priced else ""
        page.line(label, Cell(f"{_plan(result)}{cost}; reached in {fresh} fresh {word}s", GOOD))
    if result.fresh.high < result.goal.chance:
        sure = f"{words.of_hundred(result.goal.chance)} of 100"
        page.line("", Cell(f"the fresh {word}s do not confirm {sure}: more --replications", BAD))
    if result.too_little is not None and len(result.levers) == 1:
        lever, level = result.levers[0], result.too_little
        share = f"{significant(100 * level, 4)}% of today"
        told = share if lever.unit == "x today" else f"{significant(level, 6)} {lever.unit}".strip()
        page.line("", f"shown to be too little: {lever_text(result, replace(lever, level=level, words=told))}")
    for each in result.alone:
        name = lever_name(result, each.lever)
        price = "" if math.isnan(each.lever.cost) else f", {_cost(result, each.lever.cost)}"
        told = f"{name} alone: {lever_text(result, each.lever)} would do{price} (a first look)"
        if each.verdict not in REACHED:
            why = f", limited by {limiting(each.binding)}" if each.binding is not None else ""
            told = f"{name} alone cannot: at most {amount_with_width(result, each.mean, each.half_width)}"
            told += f" in the mean {word}{why}"
        page.line("", told)
    pieces = result.why.pieces if result.why is not None else ()
    luck = next((piece for piece in pieces if piece.amount and not math.isnan(piece.leads)), None)
    for hint in result.hints:
        leads = math.nan if luck is None else hint.gain * luck.leads / luck.amount
        worth = "" if luck is None else f", as much as {words.figure(leads, abs(leads) / 10)} leads"
        page.line("", f"not a lever you gave: {relaxed(hint)}, {_gain(result, hint)}{worth}")
    if result.why is not None and result.changes:
        _why(page, result, result.why)


def _plan(result: TargetResult) -> str:
    """Name the levers that move, and those that stay."""
    moved = [lever_text(result, lever) for lever in result.levers if lever.level != lever.today]
    stay = [lever_name(result, lever) for lever in result.levers if lever.level == lever.today]
    return (" and ".join(moved) or "all levers as today") + (f" ({', '.join(stay)} as today)" if stay and moved else "")


def _why(page: Page, result: TargetResult, why: Why) -> None:
    """Write what the calculator leaves out, the largest first; what is not told from nothing is left out."""
    gap = why.promised - why.wanted
    volume = any(not math.isnan(piece.leads) for piece in why.pieces)
    leads = sum(piece.leads for piece in why.pieces)
    head = f"the calculator promises {amount(result, why.promised)} of this plan"
    if volume and gap > 0:
        head += f": it would make do with {words.figure(leads, abs(leads) / 50)} leads fewer, because it leaves out"
    else:
        head += f", {amount(result, abs(gap))} {'more' if gap > 0 else 'less'} than the target; it leaves out"
    page.line("WHY", head)
    named = {"last": words.day_text(result.goal.by), "n": result.replications, "word": frame.year_word(result.scenario)}
    told = [piece for piece in why.pieces if abs(piece.amount) > SMALL_PIECE * abs(why.wanted)]
    for piece in sorted(told, key=lambda piece: -piece.amount):
        if not abs(piece.amount) < piece.half_width:
            reason = (TOO_MUCH if piece.amount > 0 else TOO_LITTLE)[piece.reason].format(**named)
            money = amount_with_width(result, piece.amount, piece.half_width, signed=True)
            text = f"{money}  {reason}"
            if not math.isnan(piece.leads):
                count = words.figure(piece.leads, abs(piece.leads) / 20, signed=True)
                text = f"{count} leads  {reason} ({money})"
            page.line("", text)


# --- what stands in the way -------------------------------------------------------------------------------------------


def _not_reached(page: Page, result: TargetResult) -> None:
    """Write the ceiling, what limits it, and what would be enough."""
    word, fresh = frame.year_word(result.scenario), chance_words(result.fresh)
    if result.verdict == "undecided":
        few = f"{result.replications} simulated {word}s are too few to show it: more --replications, or lower"
        text = f"{few} --confidence. Nearest: {_plan(result)}, reached in {fresh} fresh ones"
        page.line("UNDECIDED", Cell(text, BAD))
    else:
        most = amount_with_width(result, *result.value(result.goal.metric))
        text = f"at most {most} in the mean {word}, with {_plan(result)}: reached in {fresh} fresh {word}s"
        page.line("OUT OF REACH", Cell(text, BAD), 14)
    limit = "no single limit: relaxing any one of them brings no detectable gain"
    if result.binding is not None:
        gain = _gain(result, result.binding)
        limit = f"{limiting(result.binding)}: relaxed, all else kept, the mean {word} has {gain}"
    page.line("LIMIT", limit)
    if result.limits:
        rows = []
        for each in result.limits:
            gain = _gain(result, each) if each.detected else words.NOT_DETECTED.removesuffix(" difference")
            mean, chance = amount(result, each.mean, each.half_width), chance_words(each.chance)
            reaches = Cell(REACHES[each.reaches], GOOD if each.reaches == "yes" else "")
            rows.append((relaxed(each), mean, gain, chance.removesuffix(" of 100"), reaches))
        heads = ("relaxed, with the same luck", f"mean {word}", "gain", f"reached, of 100 {word}s", "")
        page.blank()
        page.grid(table(heads, rows, left=(0, 4)))
        page.blank()
    enough = [limit for limit in result.limits if limit.reaches == "yes"]
    if enough:
        page.line("ENOUGH", "; ".join(relaxed(limit) for limit in enough))
        given = {name for lever in result.levers for name in lever.pools}
        teams = [limit.name for limit in enough if limit.kind == "pool" and limit.name not in given]
        if options := [f"--lever {path_text(('pools', name, 'reps'))}" for name in teams]:
            page.line("", f"how many it takes: give {' or '.join(options)} too")
    else:
        page.line("ENOUGH", "none of these is shown to be enough, alone or together")
        if perhaps := [limit for limit in result.limits if limit.reaches == "perhaps"]:
            page.line("", f"perhaps {relaxed(max(perhaps, key=lambda limit: limit.chance.share))}")


# --- timing and notes -------------------------------------------------------------------------------------------------


def _last(result: TargetResult, each: LastDates) -> str:
    """Say until when a lead or a new rep is in time."""

    def day(day: date) -> str:
        return f"{day.day} {day:%b}" if day.year == result.goal.by.year else words.day_text(day)

    lag = _days(each.days) if each.days > 0 else "no time"
    if each.what == "lead":
        by = words.day_text(result.goal.by)
        return (
            f"a lead made after {day(each.half)} closes after {by} more often than not (the "
            f"middle win takes {lag}); of those made after {day(each.few)} fewer than one in ten is in time"
        )
    ramp = f", after a ramp of {_days(each.ramp_days)}" if each.ramp_days else ""
    if each.half < result.scenario.start:
        return f"a new {each.name} comes too late: {lag} from the first task to the win{ramp}"
    return (
        f"a new {each.name} has to start by {day(each.half)}: the middle win comes {lag} after the team's first "
        f"task{ramp}" + (f"; after {day(each.few)} hardly any is in time" if each.few > each.half else "")
    )


def _days(days: float) -> str:
    """Write a time in whole days, a shorter one in what fits it."""
    return f"{days:.0f} days" if days >= 1.5 else words.hours(24 * days)


def _notes(page: Page, result: TargetResult) -> None:
    """Write what the search found odd, what is free, assumed and warned of, and how to get the same numbers again."""
    page.blank()
    if result.reversals:
        page.line("NOTE", "more of the lever is detectably worse from some level on; the least level that does is told")
    free = [lever.path for lever in result.levers if math.isnan(lever.cost)]
    if free and len(result.levers) > 1:
        names = ", ".join(free)
        page.line("NOTE", f"no cost is typed for {names}, so it counts as free; --price PATH=AMOUNT gives it one")
    frame.note_assumed(page, result.scenario)
    frame.note_warnings(page, result.warnings)
    page.line("", f"The plan begins {start_words(result.start)}. Same leads, same luck in every plan.", 0)
    again = f"--seed {result.seed} --replications {result.replications}; fresh ones are of seed {result.fresh_seed}"
    page.line("", Cell(f"Same numbers again: {again}; engine {result.engine}; {result.seconds:.0f} s.", FAINT), 0)


def start_words(start: str) -> str:
    """Say when the plan begins."""
    if start == "settled":
        return frame.SETTLED
    return "with the period" if start == "period" else f"on {words.day_text(date.fromisoformat(start))}"
