"""The answer of a sweep in sentences: what is best, what ties with it, what today costs, and what would change it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from simfunnel.metrics import TABLE
from simfunnel.report import words as w
from simfunnel.report.sweep_view import LEAST_LOAD, SweepView
from simfunnel.stats import told_apart
from simfunnel.study import AtAccuracy, Figure, Most
from simfunnel.units import significant

NO_ZONE = 1e-9  # a zone of 1% of nothing
NAMES = {
    "mqls": "MQLs",
    "went_cold": "leads gone cold",
    "wins": "wins",
    "sals": "SALs",
    "sla_months_kept": "SLA months kept",
}


def answer(view: SweepView) -> list[str]:
    """Sentences, the most important first."""
    parts = (_best, _at_an_end, _margin, _least_loaded, _today, _again)
    return [_capital(text) for part in parts for text in part(view)]


def amount(view: SweepView, value: float, half_width: float = math.nan, signed: bool = False) -> str:
    """An amount of the objective with its unit."""
    return amount_of(view, view.objective, value, half_width, signed)


def amount_of(view: SweepView, metric: str, value: float, half_width: float = math.nan, signed: bool = False) -> str:
    """An amount of a metric with its unit, and its +/- where it has one."""
    unit = TABLE[metric].unit
    if unit == "money":
        scale = w.scale_of(value)
        text = w.money(value, view.currency, half_width, signed, scale)
        return f"{text} {w.money_plus_minus(half_width, view.currency, scale)}".rstrip()
    if unit == "hours":
        return w.hours_with_width(value, half_width, working=True, signed=signed)
    text = f"{w.figure(value, half_width, signed=signed)} {w.plus_minus(half_width)}".rstrip()
    return f"{text} {metric_name(metric)}"


def names_of(view: SweepView, places: Sequence[int]) -> str:
    """Levels by name; neighbours as `50 to 65`."""
    runs: list[list[int]] = []
    possible = [place for place, line in enumerate(view.lines) if line.status != "impossible"]
    for place in places:
        if len(view.levers) == 1 and runs and possible.index(place) == possible.index(runs[-1][-1]) + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    names = []
    for run in runs:
        first, last = view.lines[run[0]].name, view.lines[run[-1]].name
        names += [f"{first} to {last}"] if len(run) > 2 else [view.lines[place].name for place in run]
    return listed(names)


def listed(names: Sequence[str]) -> str:
    """Names in a sentence.

    >>> listed(["wins"]), listed(["revenue", "profit", "wins"])
    ('wins', 'revenue, profit and wins')
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def zone_text(view: SweepView) -> str:
    """The zone, and whose it is."""
    return f"{amount(view, view.zone)} ({'1% of the best' if view.zone_assumed else 'your zone'})"


def _best(view: SweepView) -> Iterator[str]:
    tied, name = view.tied, view.lines[view.best].name
    if not view.detectable:
        within = f" within {zone_text(view)}" if view.zone > NO_ZONE else ""
        yield f"No detectable difference: no level can be told apart from another{within}."
    elif len(tied) == 1:
        yield f"{name} is the best: it is told apart from every other level."
    elif len(view.levers) == 2 and len(tied) > 6:
        yield f"{name} is the best; {len(tied) - 1} other cells cannot be told apart from it within {zone_text(view)}."
    else:
        yield f"{names_of(view, tied)} cannot be told apart within {zone_text(view)}; highest: {name}."


def _at_an_end(view: SweepView) -> Iterator[str]:
    """That the best may lie beyond the levels that were asked for, unless there are none."""
    best = view.levels[view.best].levels
    ends = [
        f"{'above' if level == lever.levels()[-1] else 'below'} {lever.words(level)}"
        for lever, level in zip(view.levers, best, strict=False)
        if level in (lever.levels()[0], lever.levels()[-1])
        and (lever.relative or level not in (lever.span.low, lever.span.high))
    ]
    if view.detectable and ends:
        yield f"It lies at an end: what is {' and '.join(ends)} was not tried."


def _margin(view: SweepView) -> Iterator[str]:
    wanted, years = view.skew
    if not view.decided:
        yield f"Their differences are known to {amount(view, view.margin)} only: more --replications would tell more."
    if wanted > years:
        word = w.span(view.first_day, view.last_day)
        yield f"The differences are so skewed that {wanted} {word}s a level are wanted, and {years} are there."


def _least_loaded(view: SweepView) -> Iterator[str]:
    """Of the levels tied, the one that loads the team most in need least: what the plateau leaves to choose."""
    if not view.pools or len(view.tied) < 2 or not view.detectable:
        return
    best = view.lines[view.best]
    pool = max(range(len(view.pools)), key=lambda at: _or_zero(best.busy[at].mean))
    least = min(view.tied, key=lambda place: _or_zero(view.lines[place].busy[pool].mean, 9.0))
    busy = view.lines[least].busy[pool]
    if best.busy[pool].mean - busy.mean > max(LEAST_LOAD, busy.half_width):
        against = w.percent(best.busy[pool].mean, best.busy[pool].half_width)
        share = w.percent(busy.mean, busy.half_width)
        yield f"Of these, {view.lines[least].name} loads {view.pools[pool]} least: {share} busy, against {against}."


def _today(view: SweepView) -> Iterator[str]:
    today, best = view.lines[view.today], view.lines[view.best]
    name = "as today" if today.name == "today" else f"at {today.name}"
    if not view.detectable:
        return
    if view.today == view.best:
        if today.name != "today":
            yield f"Today's {today.name} is the highest."
    elif today.tied:
        yield f"Staying {name} costs nothing that can be detected."
    elif view.fresh is not None and view.fresh.gain is not None:
        gain = view.fresh.gain
        start = "today" if today.name == "today" else f"today's {today.name}"
        sure = "" if told_apart(gain.mean, gain.half_width, view.fresh.years) else ", which is no detectable difference"
        told = amount(view, gain.mean, gain.half_width, signed=True)
        what = metric_name(view.objective) if TABLE[view.objective].unit == "money" else "it"
        yield f"Going from {start} to {best.name} changes {what} by {told}{sure} (fresh seeds)."


def _again(view: SweepView) -> Iterator[str]:
    if view.fresh is None:
        return
    name, chosen = view.lines[view.best].name, view.fresh.chosen
    name = name if view.detectable else f"the highest, {name}"
    told = amount(view, chosen.mean, chosen.half_width)
    searched = view.lines[view.best].objective
    other = "" if view.fresh.agrees else f", not {amount(view, *searched)} as in the search: quote this figure"
    yield f"{name}, run again on fresh seeds: {told}{other}."


def most_text(view: SweepView) -> str:
    """Where revenue, wins and MQLs are highest, against the objective's best; empty when nothing is told."""
    here = [each for each in view.most if each.place == view.best]
    told = [
        f"Most {metric_name(each.metric)}: {_elsewhere(view, each)}." for each in view.most if each.place != view.best
    ]
    if here:
        names = listed([metric_name(each.metric) for each in here])
        told.insert(0, f"Most {names}: {view.lines[view.best].name} too.")
    return " ".join(told)


def _elsewhere(view: SweepView, most: Most) -> str:
    name = view.lines[most.place].name
    if not most.detectable:
        return f"{name}, but not detectably more than {view.lines[view.best].name}"
    told = f"{name} ({amount_of(view, most.metric, most.lead, most.half_width, signed=True)})"
    cost = _cost(view, most.costs)
    known = [line.objective.mean for line in view.lines if not math.isnan(line.objective.mean)]
    if not cost:
        return told
    worst = view.lines[most.place].objective.mean == min(known)
    return f"{told}, at {cost} {metric_name(view.objective)}" + (": the least of all" if worst else "")


def _cost(view: SweepView, costs: Figure) -> str:
    """What the objective loses there; empty when nothing can be detected."""
    return amount(view, costs.mean, costs.half_width, signed=True) if abs(costs.mean) > costs.half_width else ""


def score_text(view: SweepView) -> str:
    """The best level if the score were more or less accurate; empty when that was not asked."""
    if not view.accuracies:
        return ""
    parts = [
        f"{each.word} ({significant(each.correlation, 6)}): {_at_accuracy(view, each)}" for each in view.accuracies
    ]
    where = "Along the ridge, if" if len(view.levers) == 2 else "If"
    return f"{where} the score were {'; '.join(parts)}. Today it is {view.score_correlation:.2f}."


def _at_accuracy(view: SweepView, each: AtAccuracy) -> str:
    if each.best is None:
        return f"cannot be, {each.problem}"
    if len(each.tied) == len(each.tried):
        return "no detectable difference"
    name = view.lines[each.best].name
    return f"best {name}" + (f" ({names_of_tried(view, each)} tied)" if len(each.tied) > 1 else "")


def names_of_tried(view: SweepView, each: AtAccuracy) -> str:
    """The tied levels among those that were tried under another score."""
    places = [each.tried.index(place) for place in each.tied]
    one_run = len(view.levers) == 1 and places[-1] - places[0] == len(places) - 1
    names = [view.lines[place].name for place in each.tied]
    return f"{names[0]} to {names[-1]}" if one_run else f"{len(names)} of the {len(each.tried)} tried"


def metric_name(metric: str) -> str:
    """A metric within a sentence."""
    return NAMES.get(metric, w.metric_words(metric).lower())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _or_zero(share: float, otherwise: float = 0.0) -> float:
    return otherwise if math.isnan(share) else share
