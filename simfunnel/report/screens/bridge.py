"""The screen of a bridge."""

from __future__ import annotations

import math

from simfunnel.report import words as w
from simfunnel.report.bridge_view import BridgeView, Column, LeakRow
from simfunnel.report.run_view import Value
from simfunnel.report.screens.compare import TONES, start_words
from simfunnel.report.screens.run import number, period_text, precision_text, provenance
from simfunnel.report.terminal import FAINT, PLAIN, STRONG, Cell, Grid, Page, wrapped_name
from simfunnel.report.terminal import Column as Heading
from simfunnel.report.words import contradictions, notes
from simfunnel.stats import told_apart
from simfunnel.study import REMAINDER, ToTarget

Row = tuple[Cell | str, ...]

ROOMY = 96  # columns from which levers stand beside the leaks
LEVER_WIDTH = 24  # of a lever there, before it goes on in the next line


def bridge_screen(view: BridgeView, width: int = 100, colour: bool = False) -> str:
    """The bridge as a page of text, at most `width` columns."""
    page = Page(width, colour)
    word = w.span(view.first_day, view.last_day)
    page.title(view.title, f"{period_text(view.first_day, view.last_day)}, {w.simulated(view.replications, word)}")
    contradictions(page, view.warnings)
    what = "repairs" if view.is_ledger else "what-ifs"
    began = start_words(view.start, view.first_day, "" if view.is_ledger else " or their own date")
    page.line("", f"Same leads, same luck in every plan; {what} begin {began}.", 0)
    page.blank()
    page.grid(_bridge(view))
    page.blank()
    if view.to is not None:
        page.line("TARGET", _target(view.to, view, word))
    for name, changed in zip(view.names, view.changes, strict=True):
        page.line("", changed if changed.startswith(f"{name}: ") else f"{name}: {changed}", 2)
    if view.is_ledger:
        _ledger(page, view, word)
    _notes(page, view, word)
    return page.text()


# --- the bridge -------------------------------------------------------------------------------------------------------


def _bridge(view: BridgeView) -> Grid:
    money = f"{w.symbol(view.currency)}{_scale(view).suffix}".strip()
    heads = [f"{column.label}, {money}" if column.kind == "money" else column.label for column in view.columns]
    rows: list[Row] = [(Cell(view.before, STRONG), *(_end(view, column, column.before) for column in view.columns))]
    for at, name in enumerate(view.names):
        cells = [_step(view, column, column.parts[at], column.verdicts[at]) for column in view.columns]
        rows.append((f"  {name}", *cells))
    rows.append((Cell(view.after, STRONG), *(_end(view, column, column.after) for column in view.columns)))
    if view.to is None:
        rows.append(("  difference", *(_step(view, c, c.difference) for c in view.columns)))
    else:
        rows += _to_target(view, view.to)
    return Grid((Heading("BRIDGE", left=True), *(Heading(head) for head in heads)), tuple(rows))


def _to_target(view: BridgeView, to: ToTarget) -> list[Row]:
    """What is lacking when all is repaired, and the target; revenue is the first column."""
    blank = [""] * (len(view.columns) - 1)
    revenue = view.columns[0]
    remainder = Value(*to.remainder)
    name = REMAINDER if remainder.mean >= 0 else "more than the target"
    left = _step(view, revenue, remainder if remainder.mean >= 0 else Value(-remainder.mean, remainder.half_width))
    lacking: Row = (f"  {name}", left, *blank)
    target: Row = (Cell("target", STRONG), _end(view, revenue, Value(to.revenue, math.nan)), *blank)
    return [lacking, target] if remainder.mean >= 0 else [target, lacking]


def _scale(view: BridgeView) -> w.Scale:
    return w.table_scale(view.columns[0].before.mean)


def _end(view: BridgeView, column: Column, value: Value) -> Cell:
    by = _scale(view).factor if column.kind == "money" else 1.0
    text = f"{w.figure(value.mean / by, value.half_width / by)} {w.plus_minus(value.half_width / by)}"
    return Cell(text.strip(), STRONG)


def _step(view: BridgeView, column: Column, value: Value, verdict: str = "") -> Cell:
    by = _scale(view).factor if column.kind == "money" else 1.0
    return Cell(_difference(value, by), TONES.get(verdict, PLAIN))


def _difference(value: Value, by: float) -> str:
    if value == Value(0.0, 0.0):
        return "0"
    text = w.figure(value.mean / by, value.half_width / by, signed=True)
    return f"{text} {w.plus_minus(value.half_width / by)}".strip()


def _target(to: ToTarget, view: BridgeView, word: str) -> str:
    money = view.currency
    gap, left = to.gap, to.remainder
    short = "short of it" if gap.mean > 0 else "above it"
    today = (
        f"{w.money(to.revenue, money)} is reached in {w.of_hundred(to.reached_today)} of 100 {word}s as it is today, "
        f"mean revenue {w.money(abs(gap.mean), money, gap.half_width)} {short}"
    )
    if not view.leaks:
        return f"{today}; there is nothing to repair."
    text = f"{today}; with all repaired in {w.of_hundred(to.reached_repaired)}."
    sure = [told_apart(each.mean, each.half_width, view.replications) for each in (gap, left)]
    if gap.mean < 0 and sure[0]:
        return f"{text} It takes no repair to reach it on average."
    if left.mean > 0 and sure[1]:
        return f"{text} What is left of it, {REMAINDER} can bring."
    if left.mean < 0 and sure[1]:
        return f"{text} Repairs alone could reach it."
    return f"{text} Whether repairs alone are enough cannot be told."


# --- leaks ------------------------------------------------------------------------------------------------------------


def _ledger(page: Page, view: BridgeView, word: str) -> None:
    page.blank()
    if view.leaks:
        scale = w.table_scale(max(abs(row.money.mean) for row in view.leaks))
        unit = f"{w.symbol(view.currency)}{scale.suffix}".strip()
        roomy = page.width >= ROOMY
        widest = max(len(row.label) for row in view.leaks) if roomy else None
        money = f"repaired\nalone, {unit}\na year"
        heads = [Heading("LEAKS", True, widest), Heading("leads\na year"), Heading(money)]
        heads += [Heading("", left=True), Heading("owner", left=True), Heading("lever", left=True)]
        columns = tuple(heads if roomy else heads[:-1])
        page.grid(Grid(columns, tuple(_leak(row, scale)[: len(columns)] for row in view.leaks)))
        if not roomy:
            page.line("LEVERS", "; ".join(f"{row.label}: {', '.join(row.levers)}" for row in view.leaks))
        page.line("", _sum(view, word), 0)
    if any(row.verdict == "worse" for row in view.leaks):
        page.line("", w.LEAK_WORSE, 0)
    if view.absent:
        page.line("NO LEAK", f"{'; '.join(view.absent)}: not in this file, exactly 0")


def _leak(row: LeakRow, scale: w.Scale) -> Row:
    said = w.VERDICTS.get(row.verdict, "")
    leads = number(row.leads) if math.isfinite(row.leads.mean) else w.UNKNOWN
    money = Cell(_difference(row.money, scale.factor), TONES.get(row.verdict, PLAIN))
    levers = ",\n".join(wrapped_name(lever, LEVER_WIDTH, ".") for lever in row.levers)
    return row.label, leads, money, said, row.owner, levers


def _sum(view: BridgeView, word: str) -> str:
    """Whether repairs help each other or save the same leads, as far as this run can tell."""
    together, beyond = view.columns[0].difference, view.beyond
    alone = w.money(view.alone, view.currency, beyond.half_width, signed=True)
    both = w.money(together.mean, view.currency, together.half_width, signed=True)
    text = f"In the {word}, one by one, they add up to {alone}, all at once they bring {both}"
    sure = told_apart(beyond.mean, beyond.half_width, view.replications)
    if beyond.mean > 0 and sure:
        return f"{text}: repairs help each other."
    if beyond.mean < 0 and sure:
        return f"{text}: repairs save the same leads, or hinder each other."
    return f"{text}."


def _notes(page: Page, view: BridgeView, word: str) -> None:
    page.blank()
    if len(view.names) > 1:
        drawn = f"a random order, and its reverse, drawn for each simulated {word}; they"
        every = "every order of making the changes; they" if view.exact else drawn
        page.line("", f"Parts are averaged over {every} add up to the difference.", 0)
    if view.assumed:
        page.line("ASSUMED", f"{view.assumed} inputs are assumed, not typed: simfunnel check {view.file} lists them")
    notes(page, view.warnings)
    if view.replications == 1:
        page.line("NOTE", f"one simulated {word} cannot tell a difference from luck: ask for more --replications")
    if text := precision_text("The difference of revenue has", " of today's revenue", view.precision):
        page.line("", Cell(text, FAINT), 0)
    page.line("", Cell(provenance(view.seed, view.replications, view.engine), FAINT), 0)
