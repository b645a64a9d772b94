"""The numbers of a scenario that describe the world, each with a low and a high end: what sensitivity moves.

A number typed as a range moves between its own ends. Every other one moves through a default band, wider where nobody
typed it: times and amounts by a factor, shares by a factor of their odds, scores and correlations by a step. What is
decided and not found out (reps, thresholds, who is served first) is moved only where a range is typed for it. Studies
have the same scenario with other numbers by `with_values`, inputs moved or drawn from their ranges.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import chain
from typing import Any, Final, Literal, NamedTuple

from simfunnel.distributions.elementary import ndtri, power
from simfunnel.errors import Path, Problem, ScenarioError, path_text
from simfunnel.scenario.change.overrides import Draft, with_value
from simfunnel.scenario.change.path_text import nearest, parse_path
from simfunnel.scenario.change.paths import concrete, named
from simfunnel.scenario.change.what_if import ROOT, WhatIf
from simfunnel.scenario.checks import meaning
from simfunnel.scenario.fields.arrivals import Channel
from simfunnel.scenario.fields.field import FieldError
from simfunnel.scenario.fields.qualification import Accuracy
from simfunnel.scenario.fields.values import Spread
from simfunnel.scenario.model import Scenario
from simfunnel.scenario.ranges.found import range_at
from simfunnel.scenario.ranges.ranges import SURE, TypedRange
from simfunnel.scenario.read.mistakes import located, validated
from simfunnel.scenario.tell.as_typed import assumptions, flow_text, scaled_form, typed_form
from simfunnel.units import number_text, rounded, share_text, significant

LOW, TODAY, HIGH = (1 - SURE) / 2, 0.5, (1 + SURE) / 2  # uniforms at the ends of a 90% range, and in its middle
VALUE_DIGITS, SHOWN_DIGITS = 9, 3
OriginOf = Literal["range", "assumed", "typed"]
Way = Literal["times", "odds", "plus"]


class Band(NamedTuple):
    """How far a number moves to either side: times a factor, its odds times a factor, or plus a step."""

    way: Way
    typed: float
    assumed: float


AMOUNT: Final = Band("times", 1.1, 1.25)
TIME: Final = Band("times", 1.25, 1.5)
WORK: Final = Band("times", 1.2, 1.5)
STRENGTH: Final = Band("times", 1.5, 1.5)
RATE: Final = Band("odds", 1.2, 1.5)
LEAK: Final = Band("odds", 1.5, 1.5)
CORRELATION: Final = Band("plus", 0.1, 0.2)
AUC: Final = Band("plus", 0.02, 0.02)  # near its ceiling there is little room above
QUALITY: Final = Band("plus", 0.1, 0.2)  # standard deviations of leads, or of the score


@dataclass(frozen=True)
class Move:
    """One value that an input moves: the path to set, what stands there, and how far it goes.

    `part`: the key below the path that is meant (`auc` of an accuracy); `limits` bound what is moved by a step.
    """

    path: str
    today: Any
    way: Way
    size: float
    part: str = ""
    limits: tuple[float, float] = (-math.inf, math.inf)

    def value(self, z: float) -> Any:
        """Return what a file would hold `z` bands above today; 0 is today, 1 the high end, -1 the low one."""
        found = self._moved(z, VALUE_DIGITS)
        return {self.part: found} if self.part else found

    def words(self, z: float) -> str:
        """Write the same as a planner reads it, to three digits; of a distribution the amount that says its size."""
        found = self._moved(z, SHOWN_DIGITS) if z else typed_form(self.today)
        if isinstance(self.today, Spread):
            sizes = [name for name in ("mean", "median", "mode", "low") if isinstance(found, Mapping) and name in found]
            found = f"{sizes[0]} {found[sizes[0]]}" if sizes else flow_text(found)
        if self.way == "odds" and isinstance(found, int | float):
            return share_text(rounded(found, SHOWN_DIGITS))
        word = f"{self.part} " if self.part and self.part != "correlation" else ""
        return word + (number_text(found) if isinstance(found, int | float) else str(found))

    def change(self, z: float) -> str:
        """Say what is done to today's value: `+10%`, `odds x 1.2`, `-0.1`."""
        if z == 0:
            return "as it is"
        if self.way == "times":
            return f"{significant(100 * (power(self.size, z) - 1), 2, '+')}%"
        if self.way == "odds":
            return f"odds x {significant(power(self.size, z), 3)}"
        return significant(self.size * z, 3, "+")

    def _moved(self, z: float, digits: int) -> Any:
        if self.way == "odds":
            odds = self.today / (1.0 - self.today) * power(self.size, z)
            return rounded(odds / (1.0 + odds), digits)
        if self.way == "plus":
            low, high = self.limits
            return rounded(min(max(self.today + z * self.size, low), high), digits)
        return scaled_form(self.today, power(self.size, z), digits)


@dataclass(frozen=True)
class Input:
    """A number, or several that move together, whose effect on the answer is asked for.

    `path` is what `--set` takes, with * where several channels move together. `origin`: a typed range, an assumed
    default, or a single number as typed.
    """

    path: str
    origin: OriginOf
    moves: tuple[Move, ...] = ()
    range: TypedRange | None = None

    def values(self, u: float) -> dict[str, Any]:
        """Return values to set by path where the input stays below with chance `u`; `LOW` and `HIGH` are its ends."""
        if self.range is not None:
            return {self.range.path: self.range.typed(self.range.quantile(u))}
        return {move.path: move.value(_z(u)) for move in self.moves}

    def words(self, u: float) -> str:
        """Write what stands there at `u`, as a planner reads it; of several values what is done to them."""
        if self.range is not None:
            ends = {LOW: self.range.low, TODAY: self.range.middle, HIGH: self.range.high}
            return self.range.words(ends.get(u, self.range.quantile(u)))
        first, *others = self.moves
        return first.change(_z(u)) if others else first.words(_z(u))


def inputs_of(
    scenario: Scenario, what_ifs: Sequence[str] = (), *, costs: bool = True, agreement: float = math.nan
) -> tuple[Input, ...]:
    """List every input of a scenario: typed ranges (also those of `what_ifs`), then the others from leads to nurture.

    `costs`: also what only money depends on. `agreement`: what it is today where none is typed (nan: unknown, then it
    is not moved).
    """
    ranges = ranges_of(scenario, what_ifs)
    taken = [named(each.at, scenario.raw) for each in ranges]
    known = frozenset(each.path for each in scenario.assumed)
    groups: dict[str, list[_Spot]] = {}
    for spot in chain(
        _of_channels(scenario, costs),
        _of_judgements(scenario, agreement),
        _of_handoffs(scenario),
        _of_pools(scenario, costs),
        _of_stages(scenario),
        _of_nurture(scenario, costs),
    ):
        if any(all(one == other for one, other in zip(spot.path, at, strict=False)) for at in taken):
            continue  # at, above or below a range
        together = spot.guessed_together if _is_assumed(spot, known) else ""
        groups.setdefault(spot.group or together or path_text(spot.path), []).append(spot)
    found = [Input(each.path, "range", range=each) for each in ranges]
    for label, spots in groups.items():
        assumed = any(_is_assumed(spot, known) for spot in spots)
        moves = tuple(spot.move(assumed) for spot in spots)
        origin: OriginOf = "assumed" if assumed else "typed"
        found.append(Input(label if len(spots) > 1 else moves[0].path, origin, moves))
    return tuple(found)


def chosen(inputs: Sequence[Input], patterns: Sequence[str]) -> tuple[Input, ...]:
    """Return the inputs that any of the patterns names: a path, the start of one, or one with * in it; in their order.

    ScenarioError for each pattern that names none.
    """
    found: set[str] = set()
    problems: list[Problem] = []
    for pattern in dict.fromkeys(patterns):
        paths = {each.path for each in inputs}
        starts = (f"{pattern}.", f"{pattern}[")
        fits = {path for path in paths if path == pattern or path.startswith(starts) or fnmatchcase(path, pattern)}
        if not fits:
            near = nearest(pattern, [start for each in inputs for start in (each.path, each.path.split(".")[0])])
            remedy = f"did you mean {near}?" if near else "sensitivity without --input lists them all"
            rule = "names no number that is moved; decisions (reps, thresholds) are moved where a range is typed"
            problems.append(Problem((), pattern, f"{rule} for them", remedy, file="--input"))
        found |= fits
    if problems:
        raise ScenarioError(problems)
    return tuple(each for each in inputs if each.path in found)


def _z(u: float) -> float:
    """Return how many bands above today a uniform stands: -1 and 1 at the ends."""
    return round(ndtri(u) / ndtri(HIGH), 12)


# --- where the inputs stand ------------------------------------------------------------------------------------------


class _Spot(NamedTuple):
    """A number that may be moved: its path, what stands there, its band.

    `group` is what moves together, `guessed_together` what does where nobody typed it.
    """

    path: Path
    today: Any
    band: Band
    group: str = ""
    part: str = ""
    limits: tuple[float, float] = (-math.inf, math.inf)
    scale: float = 1.0
    guessed_together: str = ""

    def move(self, assumed: bool) -> Move:
        """Return how far it is moved, further where nobody typed it."""
        size = self.scale * (self.band.assumed if assumed else self.band.typed)
        return Move(path_text(self.path), self.today, self.band.way, size, self.part, self.limits)


def _is_assumed(spot: _Spot, known: frozenset[str]) -> bool:
    """Return whether the value, or the block in which it stands, is among the defaults taken."""
    paths = [spot.path[:size] for size in range(2, len(spot.path) + 1)]
    return any(path_text(path) in known or path_text((path[0], "*", *path[2:])) in known for path in paths)


def _of_channels(scenario: Scenario, costs: bool) -> Iterator[_Spot]:
    for name, channel in scenario.channels.items():
        at = ("channels", name)
        volume = channel.leads if channel.leads is not None else channel.visits
        if volume is not None:
            yield _Spot((*at, "leads" if channel.leads is not None else "visits"), volume, AMOUNT, "channels.*.volume")
        if channel.lists is not None:
            yield _Spot((*at, "lists", "size"), channel.lists.size, AMOUNT, "channels.*.lists.size")
        if channel.day_to_day_swing > 0:
            yield _Spot((*at, "day_to_day_swing"), channel.day_to_day_swing, TIME, "channels.*.day_to_day_swing")
        if len(scenario.channels) > 1:
            yield from _kind_of_leads(at, channel, scenario.score.sd)
        yield from _spread((*at, "patience"), channel.patience, TIME, "channels.*.patience")
        yield from _spread((*at, "deal_value"), channel.deal_value, AMOUNT, "channels.*.deal_value")
        if channel.value_quality > 0:
            group = "channels.*.value_quality"
            yield _Spot((*at, "value_quality"), channel.value_quality, CORRELATION, group, limits=(0.0, 1.0))
        if costs and channel.cost_per_lead > 0:
            yield _Spot((*at, "cost_per_lead"), channel.cost_per_lead, AMOUNT, "channels.*.cost_per_lead")


def _kind_of_leads(at: Path, channel: Channel, score_sd: float) -> Iterator[_Spot]:
    """Yield how the leads of one of several channels differ from those of the others; each channel moves alone."""
    if channel.win_rate is not None:
        yield from _share((*at, "win_rate"), channel.win_rate, RATE)
    else:
        yield _Spot((*at, "quality"), channel.quality or 0.0, QUALITY, limits=(-5.0, 5.0))
    if channel.mql_rate is not None:
        yield from _share((*at, "mql_rate"), channel.mql_rate, RATE)
    else:
        yield _Spot((*at, "score_bias"), channel.score_bias or 0.0, QUALITY, scale=score_sd)


def _of_judgements(scenario: Scenario, agreement: float) -> Iterator[_Spot]:
    yield from _accuracy(("score", "accuracy"), scenario.score.accuracy)
    acceptance = scenario.acceptance
    if acceptance is None:
        return
    yield from _share(("acceptance", "rate"), acceptance.rate, RATE)
    if acceptance.rate >= 1.0:
        return
    yield from _accuracy(("acceptance", "accuracy"), acceptance.accuracy)
    today = agreement if acceptance.agreement is None else acceptance.agreement
    if not math.isnan(today):
        yield _Spot(("acceptance", "agreement"), today, CORRELATION, limits=(-1.0, 1.0))
    if isinstance(acceptance.effort, float):
        yield from _share(("acceptance", "effort"), acceptance.effort, RATE)
    else:
        yield from _spread(("acceptance", "effort"), acceptance.effort, WORK)


def _accuracy(path: Path, accuracy: Accuracy) -> Iterator[_Spot]:
    known = accuracy.typed_correlation
    if known is not None:
        yield _Spot(path, known, CORRELATION, part="correlation", limits=(0.0, 1.0))
    for part in ("auc", "auc_among_mqls"):
        if (typed := getattr(accuracy, part)) is not None:
            yield _Spot(path, typed, AUC, part=part, limits=(0.5, 1.0))


def _of_handoffs(scenario: Scenario) -> Iterator[_Spot]:
    used = {id(scenario.handoff_of(name).delay) for name in scenario.channels}
    for name, way in scenario.handoff.items():
        if id(way.delay) in used:
            yield from _spread(("handoff", name, "delay"), way.delay, TIME, "handoff.*.delay")
        yield from _share(("handoff", name, "leak"), way.leak or 0.0, LEAK, "handoff.*.leak")
    speeds = scenario.speed_to_lead or {}
    for name, speed in speeds.items():
        strength = speed.strength if speed.strength is not None or name != "default" else 1.0
        if strength and scenario.speed_to_lead is not None and (speed.odds or speeds.get("default", speed).odds):
            yield _Spot(("speed_to_lead", name, "strength"), strength, STRENGTH, "speed_to_lead.*.strength")


def _of_pools(scenario: Scenario, costs: bool) -> Iterator[_Spot]:
    for name, pool in scenario.pools.items():
        at = ("pools", name)
        if pool.reps != "unlimited":
            for spot in _share((*at, "selling_time"), pool.selling_share, RATE):
                yield spot._replace(guessed_together="pools.*.selling_time")
        if pool.load is not None and pool.load.strength > 0:
            yield _Spot((*at, "load", "strength"), pool.load.strength, STRENGTH)
        if costs and pool.cost_per_rep is not None and pool.cost_per_rep.amount > 0:
            yield _Spot((*at, "cost_per_rep"), pool.cost_per_rep, AMOUNT, "pools.*.cost_per_rep")
        if costs:
            yield from _share((*at, "commission"), pool.commission, RATE, "pools.*.commission")


def _of_stages(scenario: Scenario) -> Iterator[_Spot]:
    served = {stage for pool in scenario.pools.values() for stage in pool.stages}
    for index, stage in enumerate(scenario.stages):
        at = ("stages", stage.name)
        if 0.0 < stage.conversion < 1.0:
            yield from _share((*at, "conversion"), stage.conversion, RATE)
            yield _Spot((*at, "quality_odds"), stage.quality_odds, WORK, "stages.*.quality_odds")
        if stage.name in served and stage.capacity is not None:
            yield _Spot((*at, "capacity"), stage.capacity, WORK)
        elif stage.name in served:
            for spot in _spread((*at, "effort"), stage.effort, WORK):
                yield spot._replace(guessed_together="stages.*.effort")
        if index > 0 or stage.no_show > 0:
            yield from _spread((*at, "wait"), stage.wait, TIME, "stages.*.wait")
        yield from _share((*at, "no_show"), stage.no_show, RATE)
        yield from _spread((*at, "postponed_for"), stage.postponed_for, TIME)


def _of_nurture(scenario: Scenario, costs: bool) -> Iterator[_Spot]:
    nurture = scenario.nurture
    if nurture is None:
        return
    yield from _spread(("nurture", "delay"), nurture.delay, TIME)
    yield from _spread(("nurture", "score_lift"), nurture.score_lift, TIME)
    yield from _share(("nurture", "opt_out"), nurture.opt_out, RATE)
    yield from _spread(("nurture", "patience"), nurture.patience, TIME)
    if costs and nurture.cost > 0:
        yield _Spot(("nurture", "cost"), nurture.cost, AMOUNT)


def _share(path: Path, share: float, band: Band, group: str = "") -> Iterator[_Spot]:
    """Yield a share that is neither nothing nor everything: those have no odds to be moved."""
    if 0.0 < share < 1.0:
        yield _Spot(path, share, band, group)


def _spread(path: Path, spread: Spread[Any] | None, band: Band, group: str = "") -> Iterator[_Spot]:
    """Yield a quantity that varies, moved with all of its amounts; not one that never comes or is nothing."""
    amounts = spread.amounts if spread is not None and not spread.never else ()
    if any(float(getattr(amount, "amount", amount)) for amount in amounts):
        yield _Spot(path, spread, band, group)


# --- the same scenario with other numbers ----------------------------------------------------------------------------


def ranges_of(scenario: Scenario, what_ifs: Sequence[str] = ()) -> tuple[TypedRange, ...]:
    """List every number of a scenario typed as a range, in the order of its lines, then those that named what-ifs set.

    The path of one in a what-if is that of its setting: `what_ifs.slower."handoff.default.delay"`.
    """
    found = {each.path: each for each in scenario.ranges}
    context = {"currency": scenario.currency}
    for name in what_ifs:
        for item in scenario.what_ifs[name].items:
            target = concrete(scenario.raw, parse_path(item.path))[0]
            typed = range_at(target, item.value, context, scenario.raw)
            if typed is not None:
                path = path_text(item.owner)
                found[path] = replace(typed, path=path, at=item.owner)
    return tuple(found.values())


def with_values(scenario: Scenario, values: Mapping[str, Any]) -> Scenario:
    """Return the scenario with values set by path, as `--set` would: the base itself changes, and with it its what-ifs.

    A value is what a file would hold (`TypedRange.typed` makes it from a number); ranges at other paths stay ranges.
    The path of a what-if's setting sets the value there, in every what-if that builds on it.
    Raises ScenarioError when a path or a value, or what they mean together, does not hold.
    """
    draft = Draft(scenario.raw, scenario.places)
    problems: list[Problem] = []
    for path, value in values.items():
        if path.startswith(f"{ROOT}."):
            continue
        try:
            draft.set(path, value)
        except FieldError as error:
            problems.append(Problem((), f"{path}={value}", error.rule, error.remedy, file=scenario.file))
    if problems:
        raise ScenarioError(problems)
    what_ifs = {
        name: WhatIf(name, tuple(i._replace(value=values.get(path_text(i.owner), i.value)) for i in what_if.items))
        for name, what_if in scenario.what_ifs.items()
    }
    found, wrong = _judged(draft.data, scenario, what_ifs)
    if isinstance(found, list) or wrong:
        raise ScenarioError(located(problem, draft.data, draft.places) for problem in wrong)
    origin = replace(scenario.origin, raw=dict(draft.data), places=draft.places)
    base = {key: value for key, value in draft.data.items() if key != ROOT}
    return found.with_origin(origin, assumptions(found, base), scenario.warnings)


def _judged(
    data: Mapping[str, Any], scenario: Scenario, what_ifs: Mapping[str, WhatIf]
) -> tuple[Scenario | list[Problem], list[Problem]]:
    """Return the scenario of changed values, or its problems, and all that makes it wrong."""
    found = validated(data, scenario.folder, scenario.readings, extra={ROOT: what_ifs})
    return found, found if isinstance(found, list) else [p for p in meaning(found) if p.severity == "error"]


def wrong_ends(scenario: Scenario, ranges: Iterable[TypedRange], known: Collection[tuple[Path, str]]) -> list[Problem]:
    """Return what each end of some ranges would make wrong, all else at the middle, told at the range, without places.

    `known`: paths and rules of what is wrong anyway.
    """
    problems = []
    for each in ranges:
        for number in (each.low, each.high):
            data = with_value(scenario.raw, each.at, each.typed(number))
            for problem in _judged(data, scenario, scenario.what_ifs)[1]:
                if (problem.path, problem.rule) not in known:
                    there = "" if problem.path == each.at else f"{path_text(named(problem.path, data))} "
                    rule = f"at its end {each.words(number)}, {there}{problem.rule}"
                    problems.append(Problem(each.at, each.text, rule, problem.remedy))
    return problems
