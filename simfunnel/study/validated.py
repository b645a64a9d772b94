"""Arguments of the public functions, judged before any work, with the rules and words of the command line."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ParamSpec, TypeVar

from simfunnel import arguments
from simfunnel.errors import ArgumentError, value_text
from simfunnel.metrics import EVERYTHING, Wanted
from simfunnel.possible import telling_all
from simfunnel.scenario import Lever, Scenario, as_scenario
from simfunnel.study.years.work import Work

Params = ParamSpec("Params")
Answer = TypeVar("Answer")

Rule = Callable[[Any], Any]
REVENUE = ("revenue", "")
NO_PAIR = "is no pair of a metric and what it is split by; write e.g. ('profit', '') or ('wins', 'channel')"
STARTS = ("period", "settled")


def validated(function: Callable[Params, Answer], own: Mapping[str, Rule] | None = None) -> Callable[Params, Answer]:
    """Give `function` arguments that have been judged by their names; ArgumentError names the one that cannot be.

    `own`: rules of this function where a name means something else than in the others.
    """
    shape = inspect.signature(function)

    @functools.wraps(function)
    def judged(*args: Params.args, **kwargs: Params.kwargs) -> Answer:
        bound = shape.bind(*args, **kwargs)
        for name, value in bound.arguments.items():
            usual = shape.parameters[name].default
            rule = (own or {}).get(name) or RULES.get(name)
            if rule is not None and not (value is None and usual is None):
                bound.arguments[name] = rule(value)
        scenario, names = bound.arguments.get("scenario"), bound.arguments.get("what_ifs", ())
        if not isinstance(scenario, Scenario):
            return function(*bound.args, **bound.kwargs)
        with telling_all(scenario, names or ()):
            return function(*bound.args, **bound.kwargs)

    return judged


def levers_of(value: object) -> list[str | Lever]:
    """Return levers, or their texts, as a list."""
    found: list[Any] = list(value) if isinstance(value, Iterable) and not isinstance(value, str | bytes) else [value]
    for each in found:
        if not isinstance(each, str | Lever):
            rule = f"{value_text(each)} is no lever; write texts such as 'pools.SDR.reps=3:9:1', as a list"
            raise ArgumentError("levers", rule)
    return found


def changes_of(value: object) -> list[Mapping[str, Any]]:
    """Return a list of new values by path, one at least."""
    alone = isinstance(value, str | bytes | Mapping)
    found: list[Any] = list(value) if isinstance(value, Iterable) and not alone else [value]
    for each in found:
        if not isinstance(each, Mapping) or not all(isinstance(path, str) for path in each):
            raise ArgumentError("changes", f"{value_text(each)} is no dict of new values by path; write a list of them")
    if not found:
        raise ArgumentError("changes", "there is no level; write a dict for each, {} for today")
    return found


def metrics_of(name: str, value: object) -> Wanted:
    """Return pairs of a metric and what it is split by."""
    found = tuple(value) if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping) else (value,)
    for each in found:
        if not isinstance(each, tuple) or [type(part) for part in each] != [str, str]:
            raise ArgumentError(name, f"{value_text(each)} {NO_PAIR}")
        if each not in EVERYTHING:
            raise ArgumentError(name, f"there is no metric {each[0]} by {each[1] or 'the whole plan'}")
    if not found:
        raise ArgumentError(name, f"nothing {NO_PAIR}")
    return found


def measured_of(value: object) -> Wanted:
    """Return the metrics of a run, revenue always among them: its years are added up and stopped by it."""
    found = metrics_of("measured", value)
    return found if REVENUE in found else (REVENUE, *found)


def work_of(value: object) -> Work:
    """Return who does the work."""
    if not isinstance(value, Work):
        raise ArgumentError("work", f"{value_text(value)} is not a Work; simfunnel.study has it")
    return value


def prices_of(value: object) -> dict[str, float]:
    """Return amounts by the path of a lever."""
    if not isinstance(value, dict):
        raise ArgumentError("prices", f"{value_text(value)} is not a dict of amounts by the path of a lever")
    return {str(path): arguments.amount_of("prices", amount) for path, amount in value.items()}


def executor_of(value: Any) -> Any:
    """Return what can be submitted to."""
    if not callable(getattr(value, "submit", None)):
        raise ArgumentError("executor", f"{value_text(value)} is no concurrent.futures.Executor; leave it out for none")
    return value


def _called(name: str) -> Callable[[Any], Any]:
    def rule(value: Any) -> Any:
        if not callable(value):
            raise ArgumentError(name, f"{value_text(value)} cannot be called; write a function")
        return value

    return rule


def _by_name(rule: Callable[..., Any], *names: str, **more: Any) -> dict[str, Callable[[object], Any]]:
    return {name: functools.partial(rule, name, **more) for name in names}


METRICS_WANTED: dict[str, Rule] = {"wanted": functools.partial(metrics_of, "wanted")}
SINGLE_YEARS: dict[str, Rule] = {
    "replications": functools.partial(arguments.numbers_of, "replications", most=arguments.MOST["replication"])
}
RULES: dict[str, Rule] = {
    "scenario": as_scenario,
    "levers": levers_of,
    "prices": prices_of,
    "executor": executor_of,
    "engine": arguments.engine_of,
    "replications": arguments.replications_of,
    "changes": changes_of,
    "work": work_of,
    "measured": measured_of,
    "start": functools.partial(arguments.day_of, "start", example="2027-04-01", words=STARTS),
    "by": functools.partial(arguments.day_of, "by"),
    **_by_name(arguments.names_of, "what_ifs", "metrics", "inputs", "checks"),
    **_by_name(arguments.text_of, "objective", "metric"),
    **_by_name(arguments.truth_of, "draw", "one_more", "leaks", "know", "accuracy", "screening", "full"),
    **_by_name(arguments.whole_number, "seed", "workers", "random"),
    **_by_name(arguments.chance_of, "precision", "confidence"),
    **_by_name(arguments.amount_of, "wanted"),
    **_by_name(arguments.amount_of, "zone", "to", above_zero=True),
    "on_progress": _called("on_progress"),
    "stop": _called("stop"),
    "on_ledger": _called("on_ledger"),
}
