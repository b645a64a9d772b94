"""The screen of a run."""

from __future__ import annotations

import math
from datetime import date

from simfunnel.report import words as w
from simfunnel.report.run_view import Achieved, FunnelRow, Headline, LossRow, RunView, TeamRow, Value
from simfunnel.report.terminal import BAD, FAINT, GOOD, Cell, Column, Grid, Page
from simfunnel.report.words import contradictions, notes
from simfunnel.scenario.checks.wording import listed
from simfunnel.stats import LEAST_DRAWS
from simfunnel.study import Allotment, NotKnowing
from simfunnel.units import significant


def run_screen(view: RunView, width: int = 100, colour: bool = False) -> str:
    """The run as a page of text, at most `width` columns."""
    page = Page(width, colour)
    word = w.span(view.first_day, view.last_day)
    page.title(view.title, f"{period_text(view.first_day, view.last_day)}, {w.simulated(view.replications, word)}")
    contradictions(page, view.warnings)
    _headline(page, view.headline, view.not_knowing, view.currency, word)
    page.blank()
    page.beside(_funnel(view), _losses(view))
    if view.recycled.mean > 0:
        page.line("", f"{number(view.recycled)} of the MQLs are recycled leads", 2)
    if view.leak_years:
        page.line("", Cell(_of_leaks(view, word), FAINT), 2)
    page.blank()
    if view.team:
        page.grid(_team(view.team))
    for each in view.split:
        page.line("SPLIT", split_text(each))
    _wasted(page, view)
    if view.one_more:
        page.line("ONE MORE", _one_more(view))
    _agreement(page, view)
    _notes(page, view)
    return page.text()


def period_text(first: date, last: date) -> str:
    """The reported days, both included."""
    return f"{day_text(first)} to {day_text(last)}"


def day_text(day: date) -> str:
    """A date as people write it: 4 Jan 2027."""
    return f"{day.day} {day:%b %Y}"


def month_text(month: str) -> str:
    """A month's name as people write it.

    >>> month_text("2027-01"), month_text("2027-01-04"), month_text("P1 FY27/28")
    ('Jan 2027', '4 Jan 2027', 'P1 FY27/28')
    """
    year, _, rest = month.partition("-")
    if not rest:
        return month  # of a fiscal year
    return day_text(date.fromisoformat(month)) if "-" in rest else f"{date(int(year), int(rest), 1):%b %Y}"


def number(value: Value, finest: int = 0) -> str:
    """A count, rounded as its half-width allows."""
    return w.figure(value.mean, value.half_width, finest)


def _headline(page: Page, head: Headline, known: NotKnowing | None, currency: str, word: str) -> None:
    revenue = head.revenue
    spread = (revenue.p90 - revenue.p10) / 10  # single years vary by this much: more digits would be luck
    low, middle, high = (w.money(x, currency, spread) for x in (revenue.p10, revenue.p50, revenue.p90))
    scale = w.scale_of(revenue.mean)
    mean = f"mean {w.money(revenue.mean, currency, revenue.half_width, scale=scale)}"
    precision = w.money_plus_minus(revenue.half_width, currency, scale)
    text = f"{middle}  one {word} in ten below {low}, one in ten above {high}   ({mean} {precision})".replace(" )", ")")
    page.line("REVENUE", text)
    if not math.isnan(head.target):
        page.line("TARGET", _target(head, currency, spread, word))
    if known is not None:
        page.line("SPREAD", _not_knowing(known, currency, spread, word))
    parts = [f"Won {number(head.wins)} {_brackets(w.plus_minus(head.wins.half_width))}".rstrip()]
    parts.append(f"Win rate {w.percent(head.win_rate.mean, head.win_rate.half_width)} of leads")
    if not math.isnan(head.profit.mean):
        parts.append(f"Profit {w.money(head.profit.mean, currency, head.profit.half_width)}")
        parts.append(f"Cost per win {w.money(head.cost_per_win.mean, currency, head.cost_per_win.half_width)}")
    page.line("", "     ".join(parts), 0)
    if len(head.months) > 1:
        (first, opening), (last, closing) = head.months[0], head.months[-1]
        ends = f"{month_text(first)} {w.money(opening, currency)} ... {month_text(last)} {w.money(closing, currency)}"
        page.line("by month", f"{w.sparkline([mean for _, mean in head.months])}   {ends}")
    page.line("", f"Not counted: {_pipeline(head, currency)}", 0)


def _brackets(text: str) -> str:
    return f"({text})" if text else ""


def _target(head: Headline, currency: str, spread: float, word: str) -> str:
    gap = head.revenue.p50 - head.target
    where = "above it" if gap >= 0 else "short"
    wanted = "" if math.isnan(head.target_confidence) else f", wanted in {w.of_hundred(head.target_confidence)}"
    return (
        f"{w.money(head.target, currency)}  reached in {w.of_hundred(head.target_reached)} of 100 {word}s{wanted}; "
        f"{w.money(abs(gap), currency, spread)} {where} in the middle {word}"
    )


def _not_knowing(known: NotKnowing, currency: str, spread: float, word: str) -> str:
    """How much of the spread of revenue is luck, and what would be left if the inputs were known."""
    found = known.of("revenue")
    if found is None and known.draws >= LEAST_DRAWS:
        return "none: every simulated year brings the same".replace("year", word)
    if found is None:
        few = f"{known.draws} draw{'s' * (known.draws != 1)} of the inputs"
        return f"{few}, too few to tell luck from not knowing them: --replications {2 * LEAST_DRAWS} or more"
    interval = f"({w.percent(found.low)} to {w.percent(found.high)})"
    if found.floored:
        return f"luck; not knowing the inputs adds nothing that can be told, {w.percent(found.high)} of it at most"
    low, high = (w.money(x, currency, spread) for x in (found.luck_p10, found.luck_p90))
    return (
        f"{w.percent(found.share)} of it is not knowing the inputs {interval}, the rest is luck. If they were known, "
        f"one {word} in ten would be below {low}, one in ten above {high}"
    )


def _pipeline(head: Headline, currency: str) -> str:
    text = f"pipeline open at the end, {w.money(head.pipeline.mean, currency, head.pipeline.half_width)}"
    if head.nurture_pipeline.mean > 0:
        nurtured = w.money(head.nurture_pipeline.mean, currency, head.nurture_pipeline.half_width)
        text += f"; in nurture, once accepted, {nurtured}"
    return text


def _funnel(view: RunView) -> Grid:
    headings = ("count", "of step before", "you typed")
    columns = (Column("FUNNEL", left=True), *(Column(heading) for heading in headings), Column("", left=True))
    return Grid(columns, tuple(_funnel_row(row, view) for row in view.funnel))


def _funnel_row(row: FunnelRow, view: RunView) -> tuple[Cell | str, ...]:
    share = "" if row.first else w.percent(row.share.mean, row.share.half_width)
    if math.isnan(row.typed):
        return row.label, number(row.number), share, "", ""
    seen = "differs" if math.isfinite(row.share.mean) else "not seen"
    mark = Cell("ok", GOOD) if row.met else Cell(seen, BAD)
    source = f" [{_mark(row.source, view)}]" if row.source else ""
    new = " for new leads" if row.label == "MQL" and view.recycled.mean > 0 else ""  # recycled MQLs are counted too
    typed = row.typed_range or w.percent(row.typed)
    return row.label, number(row.number), share, typed, Cell(mark.text + new + source, mark.tone)


def _mark(path: str, view: RunView) -> int:
    return [name for name, _ in view.sources].index(path) + 1


def _losses(view: RunView) -> Grid:
    if not view.leak_years:
        heads = (Column("LOST ON THE WAY", left=True), Column(""))
        rows = tuple((row.label, number(row.leads)) for row in view.losses)
        return Grid(heads, rows or (("nothing that the file describes", ""),))
    columns = (Column("LEAKS", left=True), Column("leads"), Column("repaired alone", left=True))
    return Grid(columns, tuple((row.label, number(row.leads), _repaired(row, view)) for row in view.losses))


def _of_leaks(view: RunView, word: str) -> str:
    years = "" if view.leak_years == view.replications else f" over {w.simulated(view.leak_years, word)}"
    text = f"Leaks repaired one by one{years} do not add up: simfunnel bridge {view.file} splits and ranks them all"
    if any(row.repaired is not None and row.repaired.verdict == "worse" for row in view.losses):
        text += f". {w.LEAK_WORSE}"
    return text


def _repaired(row: LossRow, view: RunView) -> str:
    if row.repaired is None:
        return w.UNKNOWN
    if row.repaired.verdict == w.NOT_DETECTED:
        return w.NOT_DETECTED
    return signed_money(row.repaired.mean, row.repaired.half_width, view.currency)


def signed_money(mean: float, half_width: float, currency: str) -> str:
    """A difference of money with its half-width, in running text."""
    unit = w.scale_of(mean)
    text = w.money(mean, currency, half_width, signed=True, scale=unit)
    return f"{text} {w.money_plus_minus(half_width, currency, unit)}"


def _team(team: tuple[TeamRow, ...]) -> Grid:
    headings = ("reps", "busy", "new/rep\na day", "open\na rep", "first reply:\nmedian (working)", "in 1 h", "in 1 day")
    columns = (Column("TEAM", left=True), *(Column(heading) for heading in headings))
    return Grid(columns, tuple(_team_row(row) for row in team))


def _team_row(row: TeamRow) -> tuple[Cell | str, ...]:
    return (
        row.pool,
        w.heads(row.reps.mean),
        w.percent(row.busy.mean, row.busy.half_width),
        number(row.new_per_day, -1),
        number(row.open_per_rep, -1),
        _reply(row),
        w.percent(*row.in_1_hour),
        w.percent(*row.in_1_day),
    )


def split_text(each: Allotment) -> str:
    """Heads of each team of a pool, in a sentence."""
    heads = ", ".join(f"{channel} {count}" for channel, count in each.heads.items())
    return f"{each.pool} in teams: {heads}" + (f" (from its switch {each.phase} on)" if each.phase > 1 else "")


def _reply(row: TeamRow) -> str:
    if math.isnan(row.reply.mean):
        return w.UNKNOWN
    return f"{w.hours(*row.reply)} ({w.hours(*row.reply_working, working=True)})"


def _wasted(page: Page, view: RunView) -> None:
    parts = []
    for pool, hours, cost in view.wasted:
        price = f" ({w.money(cost.mean, view.currency, cost.half_width)})" if cost.mean > 0 else ""
        spent = f"{number(hours)} {pool} hours" if hours.mean >= 1 else f"{w.hours(*hours)} of {pool}"
        parts.append(f"{spent}{price}")
    if parts:
        page.line("WASTED", f"{', '.join(parts)} on leads that sales then rejected")


def _one_more(view: RunView) -> str:
    """What small steps would bring to revenue, and to profit where anything costs."""
    costs = not math.isnan(view.headline.profit.mean)
    told, untold = [], []
    for each in view.one_more:
        name, found = _step_name(each.what), each.revenue
        if found.verdict == w.NOT_DETECTED:
            untold.append(name)
            continue
        text = f"{name} {signed_money(found.mean, found.half_width, view.currency)}"
        if costs and each.profit.verdict != w.NOT_DETECTED:
            text += f" (profit {w.money(each.profit.mean, view.currency, each.profit.half_width, signed=True)})"
        told.append(text)
    if untold:
        told.append(f"{listed(untold, len(untold))}: {w.NOT_DETECTED}")
    notes = [f"{_step_name(each.what)}: {each.note}" for each in view.one_more if each.note]
    return "; ".join(told) + (f" ({'; '.join(notes)})" if notes else "")


def _step_name(what: str) -> str:
    known = {"leads": "100 leads a year", "handoff": "hand-off 1 h faster"}
    return known.get(what, what.removeprefix("pools.").removesuffix(".reps").strip('"'))


def _agreement(page: Page, view: RunView) -> None:
    if not view.clauses:
        return
    page.blank()
    columns = ("SLA", "months kept", "of", "all of them", "mostly broken by")
    rows: list[tuple[Cell | str, ...]] = []
    for row in view.clauses:
        judged = w.figure(row.judged, finest=-1).removesuffix(".0") if row.judged else w.UNKNOWN
        kept = number(row.kept, -1) if row.judged else w.UNKNOWN  # a metric without months has only the last column
        rows.append((row.name, kept, judged, w.percent(row.all_year), row.cause))
    kept = number(view.clauses_kept, -1)
    rows.append(("all clauses", kept, w.figure(view.clauses_judged, finest=-1).removesuffix(".0"), "", ""))
    heads = tuple(Column(name, left=name in ("SLA", "mostly broken by")) for name in columns)
    page.grid(Grid(heads, tuple(rows)))


def _notes(page: Page, view: RunView) -> None:
    page.blank()
    if view.assumed or view.known is not None:
        page.line("KNOW", _know(view))
    if view.not_knowing is not None:
        page.line("DRAWN", _drawn(view.not_knowing, w.span(view.first_day, view.last_day)))
    for at, (path, source) in enumerate(view.sources, start=1):
        page.line("SOURCES" if at == 1 else "", f"[{at}] {path}: {source}")
    notes(page, view.warnings)
    if view.thin:
        word = w.span(view.first_day, view.last_day)
        page.line("NOTE", f"fewer than 36 simulated {word}s: what happens in one of ten is a rough guess")
    if text := precision_text("Mean revenue is known to", "", view.precision):
        page.line("", Cell(text, FAINT), 0)
    page.line("", Cell(provenance(view.seed, view.replications, view.engine), FAINT), 0)


def _know(view: RunView) -> str:
    """How many inputs nobody typed, and which of those that are not known exactly moves revenue most."""
    many = f"{view.assumed} input{'s are' if view.assumed != 1 else ' is'} assumed, not typed"
    if view.known is None:
        return f"{many}: simfunnel check {view.file} lists them"
    paths = [bar.path for bar in view.known.most]
    none = f"none of the {view.known.moved} that can be moved changes revenue detectably"
    if view.known.too_few:
        none = f"{view.known.years} simulated years are too few to tell which of them matters"
    found = f"{listed(paths, len(paths))} move{'s' * (len(paths) == 1)} revenue most" if paths else none
    return f"{many}; {found}: simfunnel check {view.file}"


def _drawn(known: NotKnowing, word: str) -> str:
    many = len(known.ranges)
    years = f"{known.years} {word}{'s' * (known.years != 1)} each time"
    text = f"{many} input{'s' * (many != 1)} from typed ranges, {known.draws} times, {years}"
    again = f"; {known.redrawn} times they did not fit together and were drawn again" if known.redrawn else ""
    return text + again


def provenance(seed: int, replications: int, engine: str) -> str:
    """How to get the same numbers again."""
    return f"Same numbers again: --seed {seed} --replications {replications}; engine {engine}."


def precision_text(start: str, end: str, precision: Achieved) -> str:
    """The precision achieved, and the one wanted when replications were left to the program; empty when unknown."""
    if not math.isfinite(precision.share):
        return ""
    text = f"{start} +/- {significant(100 * precision.share, 2)}%{end}"
    if math.isnan(precision.wanted):
        return f"{text}."
    reached = "reached" if precision.share <= precision.wanted else "not reached"
    return f"{text}; wanted {significant(100 * precision.wanted, 2)}%, {reached}."
