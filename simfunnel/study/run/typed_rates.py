"""The rates and times that a planner typed, beside what the base shows, and what contradicts itself in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum, hypot, inf, isfinite, isnan, sqrt
from typing import NamedTuple

from simfunnel.errors import Problem, ScenarioError, path_text
from simfunnel.plan import Calibration, static_calibration
from simfunnel.plan.today.contradictions import contradictions, lag, off_by, out_of_reach, percent, pilot_doubt
from simfunnel.scenario import Scenario, check, located, with_places
from simfunnel.scenario.checks.contradictions import days_text, slack
from simfunnel.scenario.checks.wording import contradiction, listed
from simfunnel.scenario.model import ELAPSED_BUSINESS_DAY, mean_hours
from simfunnel.stats import LEAST_YEARS, normal_half_width
from simfunnel.study.estimates import WHOLE, Estimate, Part
from simfunnel.units import significant

CLOSE = 0.01  # of the typed value
_JUDGED = {"mql_rate": "leads", "acceptance_rate": "contacts", "conversion": "decisions"}  # of whom it is a share
FULL = 3  # cycles of run-in after which a pipeline is full


@dataclass(frozen=True)
class TypedRate:
    """A rate or a time that the planner typed, beside what the base shows.

    `met`: within the larger of two half-widths and 1% of the typed value. `unit`: share or hours.
    `half_width` holds both the luck of the simulated years and `se_cal`, the standard error of the calibration.
    """

    path: str
    typed: float
    simulated: float
    half_width: float
    met: bool
    se_cal: float = 0.0
    unit: str = "share"


class Typed(NamedTuple):
    """A typed number: its path, its value, and what shows it."""

    path: str
    value: float
    metric: str
    part: Part


def rates_typed(scenario: Scenario) -> dict[str, float]:
    """Return every typed conversion, acceptance, MQL and win rate, and the cycle in hours, by path."""
    return {each.path: each.value for each in _typed(scenario)}


def typed_rates(
    scenario: Scenario,
    calibration: Calibration,
    estimates: Sequence[Estimate],
    drawn: Mapping[str, float] | None = None,
    replications: int = 0,
) -> tuple[TypedRate, ...]:
    """Set every typed conversion, acceptance, MQL and win rate, and the cycle, beside what the base shows.

    `estimates`: those of the base come first. `drawn`: means of the numbers over draws of the inputs. A number counts
    as met within the larger of two half-widths and 1% of it, and with a single replication, whose half-width is
    unknown; one that was never measured (no decision in the period) is not. Where `replications` are few, or all show
    the same, their spread says little, and a rate may also be off by three standard errors of so many leads.
    """
    found: dict[tuple[str, Part], Estimate] = {}
    for each in estimates:
        found.setdefault((each.metric, each.part), each)
    shown = _Shown(scenario, calibration, found, replications)
    rates = []
    for number in _typed(scenario):
        rate = shown.beside(number._replace(value=(drawn or {}).get(number.path, number.value)))
        if rate is not None:
            rates.append(rate)
    return tuple(rates)


def contradicted(scenario: Scenario, calibration: Calibration, rates: Sequence[TypedRate] = ()) -> tuple[Problem, ...]:
    """Find what contradicts itself in a base, with places: by integrals, and by typed numbers that do not come out."""
    static = contradictions(scenario, calibration)
    arithmetic = [problem for problem in check(scenario) if problem.kind == "contradiction"]
    seen = {problem.path[-1] for problem in (*static, *arithmetic)}
    simulated = [problem for problem in _differing(scenario, calibration, rates) if problem.path[-1] not in seen]
    return tuple(located(problem, scenario.raw, scenario.places) for problem in (*static, *simulated))


def told_by_integrals(scenario: Scenario) -> tuple[Problem, ...]:
    """Find what contradicts itself in a base, with places, without simulation; ScenarioError when it is impossible."""
    try:
        return contradicted(scenario, static_calibration(scenario))
    except ScenarioError as error:
        raise with_places(scenario, error.problems) from error


# --- typed beside simulated -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Shown:
    """What the base shows: estimates by metric and part."""

    scenario: Scenario
    calibration: Calibration
    found: Mapping[tuple[str, Part], Estimate]
    replications: int

    def comes(self, typed: Typed) -> bool:
        """Return whether any leads come to what a typed rate judges: new, or open at its stage or before."""
        if any(channel.weekly_volume > 0.0 or channel.campaigns for channel in self.scenario.channels.values()):
            return True
        last = {"acceptance_rate": 0, "mql_rate": -1}.get(typed.metric, len(self.scenario.stages) - 1)
        if typed.metric == "conversion":
            last = self.scenario.stage_names.index(typed.part.stage)
        return any(row.stage in self.scenario.stage_names[: last + 1] for row in self.scenario.opening_pipeline or ())

    def beside(self, typed: Typed) -> TypedRate | None:
        """Set a typed number beside what is simulated; None where the period cannot show it."""
        shown = self.found.get((typed.metric, typed.part))
        if shown is None:
            return None
        if typed.metric == "win_rate":
            return self.win_rate(typed, shown)
        if typed.path == "cycle":
            return self.cycle(typed, shown)
        rate, luck = _beside(typed, shown, comes=self.comes(typed)), 0.0
        judged = self.found.get((_JUDGED[typed.metric], typed.part))
        number = 0.0 if judged is None else judged.mean * self.replications
        if number > 0.0 and not (self.replications >= LEAST_YEARS and shown.half_width > 0.0):
            # the spread over years says little: three standard errors of the rate among the leads that met it
            luck = 3.0 * sqrt(typed.value * (1.0 - typed.value) / number)
        return replace(rate, met=rate.met or abs(rate.simulated - rate.typed) <= luck)

    def win_rate(self, typed: Typed, shown: Estimate) -> TypedRate | None:
        """Wins per lead of the period, where its wins are those of its leads: the pipeline is full and flows evenly."""
        leads = self.found.get(("leads", typed.part))
        if leads is None or not _full(self.scenario, self.scenario.cycle_hours):
            return None
        error = pilot_doubt(self.scenario, self.calibration, leads.mean * typed.value) * typed.value
        wider = hypot(shown.half_width, float(normal_half_width(error)))
        known = replace(shown, half_width=wider, se_cal=hypot(shown.se_cal, error))
        return _beside(
            typed,
            known,
            lag(self.scenario) + slack(self.scenario, "conversion", "rate", "leak"),
            comes=self.comes(typed),
        )

    def cycle(self, typed: Typed, shown: Estimate) -> TypedRate | None:
        """Compare with the mean or the median; what comes out shorter may not have had the time to last."""
        middle = self.found.get(("time_to_win_median", WHOLE))
        if middle is None or not isfinite(shown.mean):
            return None
        found = _beside(typed, shown, lag(self.scenario), unit="hours")
        between = middle.mean <= typed.value <= shown.mean
        usual = _beside(typed, middle).met
        cut_short = shown.mean < typed.value and not _full(self.scenario, typed.value)
        return replace(found, met=found.met or between or usual or cut_short)


def _beside(typed: Typed, shown: Estimate, also: float = 0.0, unit: str = "share", comes: bool = True) -> TypedRate:
    """Typed beside simulated; `also`: by how much they may differ besides, as a share.

    Where no new leads are typed (`comes`), a rate that no open lead meets is none that fails.
    """
    width = shown.half_width
    within = inf if isnan(width) else max(2.0 * width, CLOSE * typed.value) + also * typed.value
    met = abs(shown.mean - typed.value) <= within or (isnan(shown.mean) and not comes)
    return TypedRate(typed.path, typed.value, shown.mean, width, met, shown.se_cal, unit)


def _full(scenario: Scenario, cycle_hours: float) -> bool:
    """Whether the period begins with a pipeline that a run-in has filled."""
    return not scenario.opening_pipeline and scenario.run_in_days * 24.0 >= FULL * cycle_hours


def _typed(scenario: Scenario) -> Iterator[Typed]:
    if scenario.qualification.mql_rate is not None:
        yield Typed("qualification.mql_rate", scenario.qualification.mql_rate, "mql_rate", WHOLE)
    for name, channel in scenario.channels.items():
        if channel.mql_rate is not None:
            yield Typed(path_text(("channels", name, "mql_rate")), channel.mql_rate, "mql_rate", Part(channel=name))
    if scenario.acceptance is not None:
        yield Typed("acceptance.rate", scenario.acceptance.rate, "acceptance_rate", WHOLE)
    for stage in scenario.stages:
        path = path_text(("stages", stage.name, "conversion"))
        yield Typed(path, stage.conversion, "conversion", Part(stage=stage.name))
    for name, channel in scenario.channels.items():
        if channel.win_rate is not None:
            yield Typed(path_text(("channels", name, "win_rate")), channel.win_rate, "win_rate", Part(channel=name))
    if scenario.cycle is not None:
        yield Typed("cycle", scenario.cycle.hours(ELAPSED_BUSINESS_DAY), "time_to_win_mean", WHOLE)


# --- what does not come out, in words ---------------------------------------------------------------------------------


def _differing(scenario: Scenario, calibration: Calibration, rates: Sequence[TypedRate]) -> Iterator[Problem]:
    by_path = {rate.path: rate for rate in rates}
    unmet = {rate.path for rate in rates if not rate.met}
    if "qualification.mql_rate" in unmet:
        instead, thresholds = "", set(calibration.thresholds)  # of today's usual leads, of which the period's are a mix
        if len(thresholds) == 1 and isfinite(min(thresholds)):
            same = significant(min(thresholds), 6)
            instead = f"write threshold: {same} instead, which it means, as season, growth or campaigns change the mix"
        yield _not_out(("qualification", "mql_rate"), by_path["qualification.mql_rate"], instead)
    if "acceptance.rate" in unmet:
        yield _not_out(("acceptance", "rate"), by_path["acceptance.rate"])
    for at, stage in enumerate(scenario.stages):
        if (path := path_text(("stages", stage.name, "conversion"))) in unmet:
            yield _not_out(("stages", at, "conversion"), by_path[path])
    for name in scenario.channels:
        if (path := path_text(("channels", name, "mql_rate"))) in unmet:
            yield _not_out(("channels", name, "mql_rate"), by_path[path])
    if "cycle" in unmet:
        rate = by_path["cycle"]
        beside = rate.simulated - scenario.cycle_hours
        untyped = [stage.name for stage in scenario.stages[1:] if "wait" not in stage.model_fields_set]
        rule = f"does not come out: a win takes {days_text(rate.simulated)} on average"
        if beside > 0.0:
            others = "hand-offs, answers, queues and deals that come back"
            rule += f", as {others} take {days_text(beside)} beside the stages' waits"
        wait = mean_hours(scenario.stage(untyped[0]).wait) if untyped else 0.0  # of a stage that types none
        left = rate.typed - beside - (scenario.cycle_hours - len(untyped) * wait)
        remedy = "drop cycle, type the wait of every stage, and shorten what comes beside the waits"
        if untyped and left > 0.0:
            remedy = f"drop cycle, and write wait: {{mean: {days_text(left / len(untyped))}}} at {listed(untyped, 8)}"
        yield contradiction(("cycle",), rule, remedy, str(scenario.cycle))
    yield from _win_rates(scenario, by_path, unmet)


def _not_out(path: tuple[str | int, ...], rate: TypedRate, instead: str = "") -> Problem:
    if not isfinite(rate.simulated):
        rule = "is a rate that no simulated lead shows: no lead came that far in the period"
        return contradiction(path, rule, "type more leads or a longer period", percent(rate.typed))
    shown = percent(rate.simulated)
    if isfinite(rate.half_width):
        shown += f" +/- {significant(100.0 * rate.half_width, 2)} points"
    rule = f"does not come out beside what else is typed: {shown} in the period"
    usual = f"write {percent(rate.simulated)}, or change what decides who comes this far"
    return contradiction(path, rule, instead or usual, percent(rate.typed))


def _win_rates(scenario: Scenario, by_path: Mapping[str, TypedRate], unmet: set[str]) -> Iterator[Problem]:
    """One contradiction where all win rates together are off, else those that are off by themselves."""
    paths = {name: path_text(("channels", name, "win_rate")) for name in scenario.channels}
    rates = {name: by_path[path] for name, path in paths.items() if path in by_path}
    off = [name for name in rates if paths[name] in unmet]
    weights = {name: scenario.weights[name] for name in rates}
    total = fsum(weights[name] * rate.typed for name, rate in rates.items())
    if not total > 0.0:
        return
    factor = fsum(weights[name] * rate.simulated for name, rate in rates.items()) / total
    width = sqrt(fsum((weights[name] * rate.half_width) ** 2 for name, rate in rates.items())) / total
    allowed = max(2.0 * width, CLOSE) + lag(scenario) + slack(scenario, "conversion", "rate", "leak")
    if abs(factor - 1.0) > allowed:
        yield off_by(scenario, {name: rate.typed for name, rate in rates.items()}, factor)
        return
    for name in off:
        yield out_of_reach(name, rates[name].typed, rates[name].simulated)
