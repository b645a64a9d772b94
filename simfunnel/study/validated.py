"""Arguments of the public functions, judged before any work, with the rules and words of the command line."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any, ParamSpec, TypeVar

from simfunnel.arguments import amount_of, chance_of, day_of, engine_of, names_of, replications_of, whole_number
from simfunnel.errors import ArgumentError, value_text
from simfunnel.possible import telling_all
from simfunnel.scenario import Scenario, as_scenario

Params = ParamSpec("Params")
Answer = TypeVar("Answer")

STARTS = ("period", "settled")


def validated(function: Callable[Params, Answer]) -> Callable[Params, Answer]:
    """Give `function` arguments that have been judged by their names; ArgumentError names the one that cannot be."""
    shape = inspect.signature(function)

    @functools.wraps(function)
    def judged(*args: Params.args, **kwargs: Params.kwargs) -> Answer:
        bound = shape.bind(*args, **kwargs)
        for name, value in bound.arguments.items():
            usual = shape.parameters[name].default
            if name in RULES and not (value is None and usual is None):
                bound.arguments[name] = RULES[name](value)
        scenario, names = bound.arguments.get("scenario"), bound.arguments.get("what_ifs", ())
        if not isinstance(scenario, Scenario):
            return function(*bound.args, **bound.kwargs)
        with telling_all(scenario, names or ()):
            return function(*bound.args, **bound.kwargs)

    return judged


def _levers(value: object) -> Any:
    return [value] if isinstance(value, str) else value


def _prices(value: object) -> dict[str, float]:
    if not isinstance(value, dict):
        raise ArgumentError("prices", f"{value_text(value)} is not a dict of amounts by the path of a lever")
    return {str(path): amount_of("prices", amount) for path, amount in value.items()}


def _executor(value: Any) -> Any:
    if not callable(getattr(value, "submit", None)):
        raise ArgumentError("executor", f"{value_text(value)} is no concurrent.futures.Executor; leave it out for none")
    return value


def _called(name: str) -> Callable[[Any], Any]:
    def rule(value: Any) -> Any:
        if not callable(value):
            raise ArgumentError(name, f"{value_text(value)} cannot be called; write a function")
        return value

    return rule


def _replications(value: Any) -> Any:
    """A number or "auto"; where single replications are named, their numbers."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        return replications_of(value)
    return [whole_number("replication", each) for each in value]


def _by_name(rule: Callable[..., Any], *names: str, **more: Any) -> dict[str, Callable[[object], Any]]:
    return {name: functools.partial(rule, name, **more) for name in names}


RULES: dict[str, Callable[[Any], Any]] = {
    "scenario": as_scenario,
    "levers": _levers,
    "prices": _prices,
    "executor": _executor,
    "engine": engine_of,
    "replications": _replications,
    "start": functools.partial(day_of, "start", example="2027-04-01", words=STARTS),
    "by": functools.partial(day_of, "by"),
    **_by_name(names_of, "what_ifs", "metrics", "inputs", "checks"),
    **_by_name(whole_number, "seed", "workers", "random"),
    **_by_name(chance_of, "precision", "confidence"),
    **_by_name(amount_of, "wanted"),
    **_by_name(amount_of, "zone", "to", above_zero=True),
    "on_progress": _called("on_progress"),
    "stop": _called("stop"),
    "on_ledger": _called("on_ledger"),
}
