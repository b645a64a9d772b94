"""The screen of a bridge: the parts of a difference, the leaks with their owners, and what is left to a target."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from simfunnel.report import words
from simfunnel.report.screens import frame
from simfunnel.report.terminal import PLAIN, STRONG, Cell, Column, Grid, Page, Row, table, wrapped_name
from simfunnel.scenario.change.path_text import parse_path
from simfunnel.stats import told_apart
from simfunnel.study import NOT_MEASURED, REMAINDER, Amount, BridgePart, BridgeResult, BridgeTotal, LeakValue, ToTarget

SHOWN = {"revenue": "REVENUE", "profit": "PROFIT", "wins": "Won", "mqls": "MQL"}
ROOMY = 96  # columns from which levers stand beside the leaks
LEVER_WIDTH = 24  # of a lever there, before it goes on in the next line


def bridge_screen(result: BridgeResult, width: int = 100, colour: bool = False) -> str:
    """Write a bridge as a page of text, at most `width` columns."""
    scenario, word = result.scenario, frame.year_word(result.scenario)
    page = frame.headed(scenario, result.replications, result.warnings, width, colour)
    what, or_own = ("repairs", "") if result.leaks else ("what-ifs", " or their own date")
    began = frame.start_words(result.start, scenario, or_own)
    page.line("", f"Same leads, same luck in every plan; {what} begin {began}.", 0)
    page.blank()
    page.grid(_bridge(result))
    page.blank()
    if result.to is not None:
        page.line("TARGET", _target(result, result.to))
    for part in _parts(result, "revenue"):
        name = _name(result, part)
        changes = ", ".join(words.REPAIRS[c] for c in part.changes) if result.leaks else "; ".join(part.changes)
        page.line("", changes if changes.startswith(f"{name}: ") else f"{name}: {changes}", 2)
    if result.leaks:
        _leaks(page, result)
    page.blank()
    if len(_parts(result, "revenue")) > 1:
        drawn = f"a random order, and its reverse, drawn for each simulated {word}; they"
        every = "every order of making the changes; they" if result.exact else drawn
        page.line("", f"Parts are averaged over {every} add up to the difference.", 0)
    frame.note_assumed(page, result.scenario)
    frame.note_warnings(page, result.warnings)
    frame.note_single(page, result)
    frame.note_precision(page, "The difference of revenue has", " of today's revenue", result)
    frame.note_again(page, result)
    return page.text()


# --- the bridge -------------------------------------------------------------------------------------------------------


class _Shown(NamedTuple):
    """A metric of the bridge: its heading, and what its figures are divided by."""

    total: BridgeTotal
    heading: str
    factor: float

    def end(self, value: Amount) -> Cell:
        """Write the metric of one of the two plans."""
        return Cell(words.figure_with_width(value.mean / self.factor, value.half_width / self.factor), STRONG)

    def step(self, value: Amount, verdict: str = "") -> Cell:
        """Write what a part brings to the metric."""
        return Cell(_difference(value, self.factor), frame.TONES.get(verdict, PLAIN))


def _bridge(result: BridgeResult) -> Grid:
    """Show a column for each metric, from the plan before to the plan after; revenue is the first.

    Profit has one only where something costs, MQLs only where they change.
    """
    totals = {total.metric: total for total in result.totals}
    scale = words.table_scale(totals["revenue"].before.mean)
    money = f"{words.symbol(result.scenario.currency)}{scale.suffix}".strip()
    cost = totals.get("cost")
    if cost is None or not (cost.before.mean > 0 or cost.after.mean > 0):
        totals.pop("profit", None)
    if "mqls" in totals and totals["mqls"].difference.mean == 0:
        del totals["mqls"]
    shown = []
    for metric, total in totals.items():
        if metric in ("revenue", "profit"):
            shown.append(_Shown(total, f"{SHOWN[metric]}, {money}", scale.factor))
        elif metric in SHOWN:
            shown.append(_Shown(total, SHOWN[metric], 1.0))
    rows: list[Row] = [(Cell(result.before, STRONG), *(each.end(each.total.before) for each in shown))]
    parts = [_parts(result, each.total.metric) for each in shown]
    for same in zip(*parts, strict=True):
        cells = [
            each.step(Amount(part.mean, part.half_width), part.verdict) for each, part in zip(shown, same, strict=True)
        ]
        rows.append((f"  {_name(result, same[0])}", *cells))
    rows.append((Cell(result.after, STRONG), *(each.end(each.total.after) for each in shown)))
    if result.to is None:
        rows.append(("  difference", *(each.step(each.total.difference) for each in shown)))
    else:  # what is lacking when all is repaired, and the target
        revenue, left, blank = shown[0], result.to.remainder, [""] * (len(shown) - 1)
        target: Row = (Cell("target", STRONG), revenue.end(Amount(result.to.revenue, math.nan)), *blank)
        more: Row = ("  more than the target", revenue.step(Amount(-left.mean, left.half_width)), *blank)
        lacking: Row = (f"  {REMAINDER}", revenue.step(left), *blank)
        rows += [lacking, target] if left.mean >= 0 else [target, more]
    return table(("BRIDGE", *(each.heading for each in shown)), rows)


def _parts(result: BridgeResult, metric: str) -> list[BridgePart]:
    return [part for part in result.parts if part.metric == metric]


def _name(result: BridgeResult, part: BridgePart) -> str:
    return words.PARTS[part.part] if result.leaks else part.part


def _difference(value: Amount, factor: float) -> str:
    if value == (0.0, 0.0):
        return "0"
    return words.figure_with_width(value.mean / factor, value.half_width / factor, signed=True)


def _target(result: BridgeResult, to: ToTarget) -> str:
    """Say how far today is from the target, and whether repairs alone are enough, as far as the run can tell."""
    currency, gap, left = result.scenario.currency, to.gap, to.remainder
    short = "short of it" if gap.mean > 0 else "above it"
    today = (
        f"{words.money(to.revenue, currency)} is reached in {words.of_hundred(to.reached_today)} of 100 "
        f"{frame.year_word(result.scenario)}s as it is today, "
        f"mean revenue {words.money(abs(gap.mean), currency, gap.half_width)} {short}"
    )
    if not any(each.leak.exists for each in result.leaks):
        return f"{today}; there is nothing to repair."
    text = f"{today}; with all repaired in {words.of_hundred(to.reached_repaired)}."
    if gap.mean < 0 and told_apart(*gap, result.replications):
        return f"{text} It takes no repair to reach it on average."
    if left.mean != 0 and told_apart(*left, result.replications):
        enough = f"What is left of it, {REMAINDER} can bring." if left.mean > 0 else "Repairs alone could reach it."
        return f"{text} {enough}"
    return f"{text} Whether repairs alone are enough cannot be told."


# --- leaks ------------------------------------------------------------------------------------------------------------


def _leaks(page: Page, result: BridgeResult) -> None:
    """Write the leaks that there are, amounts of a year, and name those that there are not.

    Beside what each takes and its repair brings stands its owner, and its levers where there is room for them.
    """
    page.blank()
    found = [each for each in result.leaks if each.leak.exists]
    if found:
        roomy, yearly = page.width >= ROOMY, result.yearly
        scale = words.table_scale(max(abs(each.revenue.mean * yearly) for each in found))
        unit = f"{words.symbol(result.scenario.currency)}{scale.suffix}".strip()
        widest = max(len(_label(each)) for each in found) if roomy else None
        heads = [Column("LEAKS", True, widest), Column("leads\na year"), Column(f"repaired\nalone, {unit}\na year")]
        heads += [Column("", left=True), Column("owner", left=True)]
        heads += [Column("lever", left=True)] if roomy else []
        rows = []
        for each in found:
            leads, brings = (Amount(x.mean * yearly, x.half_width * yearly) for x in (each.counted, each.revenue))
            verdict = each.revenue.verdict
            told = Cell(_difference(brings, scale.factor), frame.TONES.get(verdict, PLAIN))
            row: list[Cell | str] = [_label(each), frame.number(leads) if math.isfinite(leads.mean) else words.UNKNOWN]
            row += [told, words.VERDICTS.get(verdict, ""), each.leak.owner]
            levers = [wrapped_name(lever, LEVER_WIDTH, ".") for lever in levers_in_short(each.leak.lever)]
            row += [",\n".join(levers)] if roomy else []
            rows.append(tuple(row))
        page.grid(Grid(tuple(heads), tuple(rows)))
        if not roomy:
            short = (f"{_label(each)}: {', '.join(levers_in_short(each.leak.lever))}" for each in found)
            page.line("LEVERS", "; ".join(short))
        page.line("", _how_they_add_up(result), 0)
    if any(each.revenue.verdict == "worse" for each in found):
        page.line("", words.LEAK_WORSE, 0)
    absent = [words.LEAKS[each.leak.name] for each in result.leaks if not each.leak.exists]
    if absent:
        page.line("NO LEAK", f"{'; '.join(absent)}: not in this file, exactly 0")


def _label(each: LeakValue) -> str:
    return words.LEAKS[each.leak.name] + (f": {each.leak.of} only" if each.leak.of else "")


def levers_in_short(paths: Sequence[str]) -> Iterator[str]:
    """Yield paths, those that differ only in the middle as one with a star there."""
    parsed = [parse_path(path) for path in paths]
    alike = [(parts[0], len(parts), parts[-1]) for parts in parsed]
    for at, ends in enumerate(alike):
        if alike.count(ends) == 1 or len(parsed[at]) < 3:
            yield paths[at]
        elif alike.index(ends) == at:
            yield f"{ends[0]}.*.{'*.' * (ends[1] - 3)}{ends[2]}"


def _how_they_add_up(result: BridgeResult) -> str:
    """Say whether repairs help each other or save the same leads, as far as the run can tell."""
    currency, word, beyond = result.scenario.currency, frame.year_word(result.scenario), result.beyond or NOT_MEASURED
    together = next(total.difference for total in result.totals if total.metric == "revenue")
    alone = words.money(result.alone, currency, beyond.half_width, signed=True)
    both = words.money(together.mean, currency, together.half_width, signed=True)
    text = f"In the {word}, one by one, they add up to {alone}, all at once they bring {both}"
    if beyond.mean == 0 or not told_apart(*beyond, result.replications):
        return f"{text}."
    return f"{text}: repairs " + (
        "help each other." if beyond.mean > 0 else "save the same leads, or hinder each other."
    )
