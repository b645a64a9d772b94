"""The screen of `target`, and its words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date

from simfunnel.errors import path_text
from simfunnel.report import words as w
from simfunnel.report.run_view import Value, assumed_inputs
from simfunnel.report.screens.run import day_text, period_text
from simfunnel.report.target_view import TargetRow, TargetView
from simfunnel.report.terminal import BAD, FAINT, GOOD, STRONG, Cell, Column, Grid, Page
from simfunnel.report.words import contradictions, notes
from simfunnel.study.target import Alone, LastDates, LeverFound, Limit, Piece
from simfunnel.study.target.result import REACHED
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


def relaxed(limit: Limit) -> str:
    """What is done to a limit when it is relaxed."""
    if limit.kind == "pool":
        return f"{limit.name} reps without limit"
    if limit.kind == "several":
        return "together: " + ", ".join(_short(name) for name in limit.name.split(", "))
    return RELAXED[limit.kind] + (f" ({limit.name})" if limit.name else "")


def limiting(limit: Limit) -> str:
    """The limit itself."""
    if limit.kind == "pool":
        return f"{limit.name} reps"
    return LIMITING[limit.kind] + (f" of {limit.name}" if limit.name else "")


def _short(name: str) -> str:
    short = {"handoff": "hand-off", "start": "an earlier start", "leads": "more leads"}
    return f"{name.removeprefix('pool ')} reps" if name.startswith("pool ") else short.get(name, name)


def lever_text(lever: LeverFound, every: Sequence[str]) -> str:
    """A lever at its level, as planners say it; `every`: all channels of the scenario."""
    if len(lever.pools) == 1:
        return f"{lever.level:.0f} {lever.pools[0]}{'' if lever.level == 1 else 's'}"
    if lever.channels:
        whose = "leads" if set(lever.channels) == set(every) else f"leads of {', '.join(lever.channels)}"
        return f"{whose} at {lever.words}"
    return f"{lever.path} at {lever.words}"


def lever_name(lever: LeverFound, every: Sequence[str]) -> str:
    """The lever itself."""
    if len(lever.pools) == 1:
        return f"{lever.pools[0]}s"
    if lever.channels:
        return "leads" if set(lever.channels) == set(every) else f"leads of {', '.join(lever.channels)}"
    return lever.path


def chance_words(share: float, low: float, high: float) -> str:
    """A chance with its interval, of 100 periods.

    >>> chance_words(0.83, 0.772, 0.871)
    '83 (77-87) of 100'
    """
    return f"{w.of_hundred(share)} ({w.of_hundred(low)}-{w.of_hundred(high)}) of 100"


SMALL_PIECE = 0.002  # of the target: reasons below it are not told


def target_screen(view: TargetView, width: int = 100, colour: bool = False) -> str:
    """The target as a page of text, at most `width` columns."""
    page = Page(width, colour)
    period = period_text(view.first_day, view.last_day)
    page.title(view.result.scenario.title, f"{period}, {w.simulated(view.result.simulated, _word(view))}")
    contradictions(page, view.result.warnings)
    page.line("TARGET", _asked(view))
    page.blank()
    page.grid(_table(view))
    if len(view.channels) > 1:
        page.blank()
        page.line("", "The calculator by channel: today's rates backwards from the target.", 0)
        page.grid(_by_channel(view))
    page.blank()
    if view.result.reached:
        _reached(page, view)
    else:
        _not_reached(page, view)
    _timing(page, view)
    _notes(page, view)
    return page.text()


def _word(view: TargetView) -> str:
    return w.span(view.first_day, view.last_day)


def amount(view: TargetView, value: float, half_width: float = math.nan, signed: bool = False) -> str:
    """An amount of the target's metric; without a half-width two figures."""
    width = half_width if half_width > 0 else abs(value) / 20
    if view.goal.metric == "wins":
        return w.figure(value, width, finest=_finest(half_width), signed=signed)
    return w.money(value, view.currency, width, signed=signed)


def _finest(half_width: float) -> int:
    """Wins are whole; their means have a decimal where the half-width is a part of one."""
    return -1 if 0 < half_width < 1 else 0


def _whole(view: TargetView, value: float) -> str:
    """The amount asked for, as typed."""
    return f"{value:,.0f}" if view.goal.metric == "wins" else w.money(value, view.currency)


def _with_width(view: TargetView, value: float, half_width: float, signed: bool = False) -> str:
    text = amount(view, value, half_width, signed)
    if not half_width > 0:
        return text
    if view.goal.metric == "wins":
        return f"{text} {w.plus_minus(half_width, _finest(half_width))}"
    return f"{text} {w.money_plus_minus(half_width, view.currency, w.scale_of(value))}"


def _asked(view: TargetView) -> str:
    word = _word(view)
    return (
        f"{_whole(view, view.goal.wanted)} {METRICS[view.goal.metric]} by {day_text(view.goal.by)}, in "
        f"{w.of_hundred(view.goal.chance)} of 100 {word}s; today it is reached in "
        f"{chance_words(view.result.today.share, view.result.today.low, view.result.today.high)}"
    )


def _table(view: TargetView) -> Grid:
    reached = view.result.reached
    third = f"simulated,\n{w.of_hundred(view.goal.chance)} of 100 {_word(view)}s" if reached else "simulated,\nthe most"
    heads = (Column("", left=True), Column("today"), Column("calculator\nyou own"), Column(third))
    return Grid(heads, tuple(_row(row, view) for row in view.rows))


def _row(row: TargetRow, view: TargetView) -> tuple[Cell | str, ...]:
    def text(value: Value) -> str:
        if row.kind in ("money", "middle"):
            return w.money(value.mean, view.currency, value.half_width)
        if row.kind == "share":
            return w.percent(value.mean, value.half_width)
        if row.kind == "reps":
            return w.figure(value.mean, finest=-1).removesuffix(".0")
        return w.figure(value.mean, value.half_width)

    def with_width(value: Value) -> str:
        if row.kind in ("reps", "middle") or not value.half_width > 0:
            return text(value)
        if row.kind == "money":
            return f"{text(value)} {w.money_plus_minus(value.half_width, view.currency, w.scale_of(value.mean))}"
        points = 100 if row.kind == "share" else 1
        return f"{text(value)} {w.plus_minus(points * value.half_width)}"

    label = row.label.replace("period", _word(view))
    rough = abs(row.calculator) / 100 if row.kind in ("money", "middle", "count") else math.nan
    calculated = text(Value(row.calculator, rough))
    return label, with_width(row.today), calculated, Cell(with_width(row.plan), STRONG)


def _by_channel(view: TargetView) -> Grid:
    names = ("leads today", "visits", "leads", "MQL", "SAL", "opportunities", "won", "revenue")
    rows = []
    for name, steps, today in view.channels:
        counts = (today, steps.visits, steps.leads, steps.mqls, steps.sals, steps.opportunities, steps.wins)
        cells = [w.figure(count, abs(count) / 100) for count in counts]
        rows.append((name, *cells, w.money(steps.revenue, view.currency, steps.revenue / 100)))
    return Grid((Column("", left=True), *(Column(name) for name in names)), tuple(rows))


def _reached(page: Page, view: TargetView) -> None:
    fresh = chance_words(view.result.fresh.share, view.result.fresh.low, view.result.fresh.high)
    if view.result.verdict == "already":
        page.line("ANSWER", f"nothing has to change: reached in {fresh} fresh {_word(view)}s.")
    else:
        priced = any(not math.isnan(lever.cost) for lever in view.result.levers)
        label = "CHEAPEST" if len(view.result.levers) > 1 and priced else "ANSWER"
        page.line(label, Cell(f"{_plan(view)}{_cost(view)}; reached in {fresh} fresh {_word(view)}s", GOOD))
    if view.result.fresh.high < view.goal.chance:
        text = f"the fresh {_word(view)}s do not confirm {w.of_hundred(view.goal.chance)} of 100: more --replications"
        page.line("", Cell(text, BAD))
    if view.result.too_little is not None and len(view.result.levers) == 1:
        short = lever_text(_at(view.result.levers[0], view.result.too_little), view.every_channel)
        page.line("", f"shown to be too little: {short}")
    for each in view.result.alone:
        page.line("", _alone(view, each))
    for hint in view.result.hints:
        page.line("", f"not a lever you gave: {relaxed(hint)}, {_gain(view, hint)}{_spared(view, hint)}")
    if view.result.why is not None and view.result.changes:
        _why(page, view)


def _plan(view: TargetView) -> str:
    """The levers that move, and those that stay."""
    moved = [lever_text(lever, view.every_channel) for lever in view.result.levers if lever.level != lever.today]
    stay = [lever_name(lever, view.every_channel) for lever in view.result.levers if lever.level == lever.today]
    return (" and ".join(moved) or "all levers as today") + (f" ({', '.join(stay)} as today)" if stay and moved else "")


def _at(lever: LeverFound, level: float) -> LeverFound:
    words = (
        f"{significant(100 * level, 4)}% of today"
        if lever.unit == "x today"
        else f"{significant(level, 6)} {lever.unit}".strip()
    )
    return lever.__class__(**{**lever.__dict__, "level": level, "words": words})


def _cost(view: TargetView) -> str:
    if all(math.isnan(lever.cost) for lever in view.result.levers):
        return ""
    return f", {w.money(view.result.cost, view.currency, abs(view.result.cost) / 20, signed=True)}"


def _alone(view: TargetView, each: Alone) -> str:
    name = lever_name(each.lever, view.every_channel)
    if each.verdict in REACHED:
        price = "" if math.isnan(each.lever.cost) else f", {_signed(view, each.lever.cost)}"
        return f"{name} alone: {lever_text(each.lever, view.every_channel)} would do{price} (a first look)"
    why = f", limited by {limiting(each.binding)}" if each.binding is not None else ""
    most = _with_width(view, each.mean, each.half_width)
    return f"{name} alone cannot: at most {most} in the mean {_word(view)}{why}"


def _signed(view: TargetView, value: float) -> str:
    return w.money(value, view.currency, abs(value) / 20, signed=True)


def _gain(view: TargetView, limit: Limit) -> str:
    return _with_width(view, limit.gain, limit.gain_half_width, signed=True)


def _spared(view: TargetView, limit: Limit) -> str:
    """How many of the plan's leads a gain is worth."""
    pieces = view.result.why.pieces if view.result.why is not None else ()
    luck = next((piece for piece in pieces if piece.amount and not math.isnan(piece.leads)), None)
    if luck is None:
        return ""
    leads = limit.gain * luck.leads / luck.amount
    return f", as much as {w.figure(leads, abs(leads) / 10)} leads"


def _why(page: Page, view: TargetView) -> None:
    why = view.result.why
    if why is None:
        return
    gap = why.promised - why.wanted
    volume = any(not math.isnan(piece.leads) for piece in why.pieces)
    leads = sum(piece.leads for piece in why.pieces)
    head = f"the calculator promises {amount(view, why.promised)} of this plan"
    if volume and gap > 0:
        head += f": it would make do with {w.figure(leads, abs(leads) / 50)} leads fewer, because it leaves out"
    else:
        head += f", {amount(view, abs(gap))} {'more' if gap > 0 else 'less'} than the target; it leaves out"
    page.line("WHY", head)
    pieces = [piece for piece in why.pieces if abs(piece.amount) > SMALL_PIECE * abs(why.wanted)]
    pieces = [piece for piece in pieces if not abs(piece.amount) < piece.half_width]  # not told from nothing
    for piece in sorted(pieces, key=lambda piece: -piece.amount):
        page.line("", _piece(view, piece))


def _piece(view: TargetView, piece: Piece) -> str:
    words = (TOO_MUCH if piece.amount > 0 else TOO_LITTLE)[piece.reason]
    words = words.format(last=day_text(view.goal.by), n=view.result.replications, word=_word(view))
    money = _with_width(view, piece.amount, piece.half_width, signed=True)
    if math.isnan(piece.leads):
        return f"{money}  {words}"
    return f"{w.figure(piece.leads, abs(piece.leads) / 20, signed=True)} leads  {words} ({money})"


def _not_reached(page: Page, view: TargetView) -> None:
    fresh = chance_words(view.result.fresh.share, view.result.fresh.low, view.result.fresh.high)
    plan = _plan(view)
    if view.result.verdict == "undecided":
        text = (
            f"{view.result.replications} simulated {_word(view)}s are too few to show it: more --replications, or lower"
        )
        page.line("UNDECIDED", Cell(f"{text} --confidence. Nearest: {plan}, reached in {fresh} fresh ones", BAD))
    else:
        most = _with_width(view, view.ceiling.mean, view.ceiling.half_width)
        text = f"at most {most} in the mean {_word(view)}, with {plan}: reached in {fresh} fresh {_word(view)}s"
        page.line("OUT OF REACH", Cell(text, BAD), 14)
    if view.result.binding is not None:
        gain = _gain(view, view.result.binding)
        page.line(
            "LIMIT", f"{limiting(view.result.binding)}: relaxed, all else kept, the mean {_word(view)} has {gain}"
        )
    else:
        page.line("LIMIT", "no single limit: relaxing any one of them brings no detectable gain")
    _relaxations(page, view)
    enough = [limit for limit in view.result.limits if limit.reaches == "yes"]
    if enough:
        page.line("ENOUGH", "; ".join(relaxed(limit) for limit in enough))
        teams = [limit.name for limit in enough if limit.kind == "pool"]
        given = {name for lever in view.result.levers for name in lever.pools}
        if options := [f"--lever {path_text(('pools', name, 'reps'))}" for name in teams if name not in given]:
            page.line("", f"how many it takes: give {' or '.join(options)} too")
    else:
        page.line("ENOUGH", "none of these is shown to be enough, alone or together")
        if perhaps := [limit for limit in view.result.limits if limit.reaches == "perhaps"]:
            page.line("", f"perhaps {relaxed(max(perhaps, key=lambda limit: limit.chance.share))}")


def _relaxations(page: Page, view: TargetView) -> None:
    if not view.result.limits:
        return
    page.blank()
    word = _word(view)
    heads = (
        Column("relaxed, with the same luck", left=True),
        Column(f"mean {word}"),
        Column("gain"),
        Column(f"reached, of 100 {word}s"),
        Column("", left=True),
    )
    page.grid(Grid(heads, tuple(_limit_row(view, limit) for limit in view.result.limits)))
    page.blank()


def _limit_row(view: TargetView, limit: Limit) -> tuple[Cell | str, ...]:
    chance = chance_words(limit.chance.share, limit.chance.low, limit.chance.high).removesuffix(" of 100")
    gain = _gain(view, limit) if limit.detected else w.NOT_DETECTED.removesuffix(" difference")
    tone = GOOD if limit.reaches == "yes" else ""
    mean = amount(view, limit.mean, limit.half_width)
    return relaxed(limit), mean, gain, chance, Cell(REACHES[limit.reaches], tone)


def _timing(page: Page, view: TargetView) -> None:
    for at, each in enumerate(view.result.last_dates):
        page.line("TIMING" if at == 0 else "", _last(view, each))


def _last(view: TargetView, each: LastDates) -> str:
    lag = _days(each.days) if each.days > 0 else "no time"
    if each.what == "lead":
        return (
            f"a lead made after {_day(view, each.half)} closes after {day_text(view.goal.by)} more often than not (the "
            f"middle win takes {lag}); of those made after {_day(view, each.few)} fewer than one in ten is in time"
        )
    ramp = f", after a ramp of {_days(each.ramp_days)}" if each.ramp_days else ""
    if each.half < view.first_day:
        return f"a new {each.name} comes too late: {lag} from the first task to the win{ramp}"
    return (
        f"a new {each.name} has to start by {_day(view, each.half)}: the middle win comes {lag} after the team's first "
        f"task{ramp}" + (f"; after {_day(view, each.few)} hardly any is in time" if each.few > each.half else "")
    )


def _days(days: float) -> str:
    """A time in whole days, a shorter one in what fits it."""
    return f"{days:.0f} days" if days >= 1.5 else w.hours(24 * days)


def _day(view: TargetView, day: date) -> str:
    return f"{day.day} {day:%b}" if day.year == view.goal.by.year else day_text(day)


def _notes(page: Page, view: TargetView) -> None:
    page.blank()
    if view.result.reversals:
        page.line("NOTE", "more of the lever is detectably worse from some level on; the least level that does is told")
    free = [lever.path for lever in view.result.levers if math.isnan(lever.cost)]
    if free and len(view.result.levers) > 1:
        names = ", ".join(free)
        page.line("NOTE", f"no cost is typed for {names}, so it counts as free; --price PATH=AMOUNT gives it one")
    if assumed := assumed_inputs(view.result.scenario):
        file = view.result.scenario.file or "FILE"
        page.line("ASSUMED", f"{assumed} inputs are assumed, not typed: simfunnel check {file} lists them")
    notes(page, view.result.warnings)
    page.line("", f"The plan begins {start_words_of(view)}. Same leads, same luck in every plan.", 0)
    page.line("", Cell(_provenance(view), FAINT), 0)


def start_words_of(view: TargetView) -> str:
    """When the plan begins, in words."""
    if view.result.start == "settled":
        return "long before the period: the pipeline has settled"
    return (
        "with the period" if view.result.start == "period" else f"on {day_text(date.fromisoformat(view.result.start))}"
    )


def _provenance(view: TargetView) -> str:
    again = f"--seed {view.result.seed} --replications {view.result.replications}"
    fresh = f"fresh ones are of seed {view.result.fresh_seed}"
    return f"Same numbers again: {again}; {fresh}; engine {view.result.engine}; {view.result.seconds:.0f} s."
