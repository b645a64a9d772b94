"""Years: one table of plans x replications, simulated as far as asked for, or until a difference is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any, Generic, TypeVar

import numpy as np

from simfunnel.arguments import MOST, names_of, whole_number
from simfunnel.arrays import Floats
from simfunnel.errors import ArgumentError, StoppedError
from simfunnel.ledger import Ledger
from simfunnel.metrics import EVERYTHING, Key, PairChanges, Wanted, add_changes, keys_of
from simfunnel.plan import Plan
from simfunnel.scenario import Scenario, phases_with
from simfunnel.stats import Precision, StopRule, precision_of
from simfunnel.study.validated import METRICS_WANTED, validated
from simfunnel.study.years.calls import (
    IN_FLIGHT_PER_WORKER,
    Call,
    Measured,
    measured,
    measured_pairs,
    packed,
    simulate_call,
)
from simfunnel.study.years.plans import Start, prepare_specs
from simfunnel.study.years.samples import ROWS_A_PART, Part, Samples, packed_rows, stacked
from simfunnel.study.years.work import NOTHING_DONE, SIMULATING, Replications, Work, checks_of

Name = TypeVar("Name", bound=Hashable)
OnLedger = Callable[[int, Ledger], None]

YEARS_A_CALL = 16  # 0.1 to 0.3 s of work

REVENUE = Key("revenue")


@partial(validated, own=METRICS_WANTED)
def levels(
    scenario: Scenario,
    changes: Sequence[Mapping[str, Any]],
    *,
    wanted: Wanted = EVERYTHING,
    seed: int = 1,
    start: Start = "period",
    work: Work = Work(),  # noqa: B008 (immutable)
) -> Years[str]:
    """Return a plan for each of `changes`, which sets paths to values as a what-if does; nothing is simulated yet.

    An empty change is today. `wanted`: the metrics that the study needs; fewer are faster. `start` and `work` are as in
    `run`. Raises ScenarioError for changes that do not fit, ArgumentError for two levels that are the same and for a
    metric that there is not.
    """
    prepared = prepare_specs(scenario, [phases_with(scenario, change, start) for change in changes], work)
    if len(set(prepared.names)) < len(prepared.names):
        raise ArgumentError("changes", f"two levels are the same: {', '.join(prepared.names)}")
    for plan in prepared.plans[:1]:
        keys_of(plan, wanted)  # refuses at once a metric that there is not
    return Years(prepared.by_name, seed, wanted, work)


class Years(Generic[Name]):
    """Plans by name and the replications that each has of one seed: the same leads, the same luck.

    Plans may be added to `plans` at any time. What is simulated once is kept. The numbers of a replication of a plan do
    not depend on the order of work, on the other plans or on `work`.
    """

    def __init__(
        self, plans: Mapping[Name, Plan], seed: int, wanted: Wanted, work: Work, years_a_call: int = 0
    ) -> None:
        self.plans, self.seed, self.wanted, self.work = dict(plans), seed, wanted, work
        self.changes: dict[Name, PairChanges] = {}  # from the first plan to each other, of `extend_in_pairs`
        self._years_a_call = years_a_call or YEARS_A_CALL
        self._numbers: dict[Name, dict[int, Floats]] = defaultdict(dict)
        self._packed: dict[Name, list[Part]] = {}  # of `extend_in_pairs`, instead
        self._parcel: tuple[tuple[Name, ...], bytes] = ((), b"")  # of the last calls, which are often of the same plans

    @property
    def names(self) -> tuple[Name, ...]:
        """The plans, in the order in which they were given."""
        return tuple(self.plans)

    @property
    def common(self) -> int:
        """How many replications every plan has."""
        return min(map(self.replications, self.plans), default=0)

    def with_seed(self, seed: int, wanted: Wanted | None = None) -> Years[Name]:
        """Return the same plans under other luck, with no replication yet: to judge what was chosen by this luck."""
        return Years(self.plans, seed, wanted or self.wanted, self.work)

    def has(self, name: Name, replication: int) -> bool:
        """Return whether a replication of a plan is simulated."""
        return replication in self._numbers[name]

    def replications(self, name: Name) -> int:
        """Return how many replications 0, 1, ... a plan has; raises ArgumentError for a name of none."""
        self._refuse_unknown(name)
        if name in self._packed:
            return sum(part.rows for part in self._packed[name])
        return next(number for number in count() if not self.has(name, number))

    def extend(self, upto: int, names: Sequence[Name] | None = None) -> bool:
        """Simulate what the named plans (by default all) lack of replications 0 ... upto - 1.

        False when `work` was stopped before; what is finished by then is kept.
        """
        upto = whole_number("upto", upto, 0, MOST["replications"])
        asked = self._known(names)
        return self.fill((name, number) for number in range(upto) for name in asked)

    def fill(self, cases: Iterable[tuple[Name, int]]) -> bool:
        """Simulate the cases (plan, replication) that are not yet; False when stopped, what is finished is kept."""
        new = [case for case in dict.fromkeys(cases) if not self.has(*case)]
        if not new:
            return True
        names = tuple(dict.fromkeys(name for name, _ in new))
        places = {name: at for at, name in enumerate(names)}
        look, each = partial(measured, wanted=self.wanted), self._years_a_call
        batches = [new[at : at + each] for at in range(0, len(new), each)]
        calls = [self._call(names, [(places[name], number) for name, number in some], look) for some in batches]
        self.work.tell(SIMULATING, 0, len(new))
        answers = self.work.run(simulate_call, calls, SIMULATING, each=each, total=len(new))
        found = [numbers for answer in answers for numbers in answer.numbers]
        for (name, number), numbers in zip(new, found, strict=False):
            self._numbers[name][number] = numbers
        return len(found) == len(new)

    def extend_in_pairs(self, upto: int, on_ledger: OnLedger | None = None) -> bool:
        """Simulate what all plans lack of replications 0 ... upto - 1, those of a replication together.

        Changes of outcome from the first plan to each other are summed in `changes`; the first plan's ledgers are
        handed to `on_ledger` in order. Numbers are packed some replications at a time, and let go before there are
        more. False when `work` was stopped before; what is finished is kept.
        """
        first = self.common
        self.work.tell(SIMULATING, first, upto)
        at_once = ROWS_A_PART if on_ledger is None else IN_FLIGHT_PER_WORKER * max(1, self.work.workers)
        ends = [*range(first + at_once, upto, at_once), upto] if first < upto else []
        return all(self._pack(end, upto, on_ledger) == end for end in ends)

    def _pack(self, end: int, upto: int, on_ledger: OnLedger | None) -> int:
        """Simulate replications up to `end`, pack them and let go of all else on return; return how many there are."""
        first, places = self.common, range(len(self.plans))
        look = partial(measured_pairs, wanted=self.wanted, keep_ledger=on_ledger is not None)
        calls = [self._call(self.names, [(at, number) for at in places], look) for number in range(first, end)]
        found = self.work.run(simulate_call, calls, SIMULATING, before=first, total=upto)
        for number, answer in enumerate(found, first):
            if on_ledger is not None and answer.ledger is not None:
                on_ledger(number, answer.ledger)
        for at, name in enumerate(self.names):
            self._packed.setdefault(name, []).extend(packed_rows([answer.numbers[at] for answer in found]))
            if at > 0:
                before = self.changes.get(name, add_changes([]))
                self.changes[name] = add_changes([before, *(each.changes[at - 1] for each in found if each.changes)])
        return first + len(found)

    def extend_until(self, checks: Sequence[int], enough: Callable[[], bool]) -> None:
        """Simulate all plans up to one check after the other, until it is enough; StoppedError when not once."""
        for upto in checks:
            self.extend(upto)
            if self.work.stopped or enough():
                break
        if not self.common:
            raise StoppedError(NOTHING_DONE)

    def precise(self, key: Key, rule: StopRule) -> bool:
        """Return whether every plan's difference to the first is known well enough."""
        table = self.values(key)
        return precision_of(table[:, 0], table[:, 1:], rule).stop

    def of(self, name: Name, replications: int | None = None) -> Samples:
        """Return samples of replications 0 ... `replications` - 1 of a plan, of all that it has by default."""
        keys = keys_of(self.plans[name], self.wanted)
        if name in self._packed:
            return Samples.of_parts(keys, self._packed[name])
        upto = self.replications(name) if replications is None else replications
        return stacked(keys, [self._numbers[name][number] for number in range(upto)])

    def samples(self, names: Sequence[Name] | None = None) -> dict[Name, Samples]:
        """Return samples of the named plans (by default all), paired: of the replications that each of them has."""
        asked = self._known(names)
        common = min(map(self.replications, asked), default=0)
        return {name: self.of(name, common) for name in asked}

    def values(self, key: Key, names: Sequence[Name] | None = None) -> Floats:
        """Return [replications, plans] values of one key, paired as `samples` are; nan where nothing divides."""
        return np.column_stack([found.values(key) for found in self.samples(names).values()])

    def value(self, name: Name, replication: int, key: Key) -> float:
        """Return a plain sum of one replication of a plan."""
        at = keys_of(self.plans[name], self.wanted).index(key)
        return float(self._numbers[name][replication][0, at])

    def _known(self, names: Sequence[Name] | None) -> list[Name]:
        """Return the named plans, each once, all by default; raises ArgumentError for a name of none."""
        asked: Sequence[Any] = self.names if names is None else names_of("names", names)
        for name in asked:
            self._refuse_unknown(name)
        return list(dict.fromkeys(asked))

    def _refuse_unknown(self, name: Name) -> None:
        if name not in self.plans:
            there_are = ", ".join(map(str, self.names))
            raise ArgumentError("names", f"no level is called {name!r}; there are: {there_are}")

    def _call(
        self, names: tuple[Name, ...], cases: Sequence[tuple[int, int]], look: Callable[..., Measured]
    ) -> Call[Measured]:
        if names != self._parcel[0]:
            self._parcel = names, packed([self.plans[name] for name in names])
        return Call(self._parcel[1], tuple(cases), self.seed, self.work.engine, look)


@dataclass(frozen=True)
class Replicated:
    """All replications of all plans as samples by plan.

    `changes`: of outcome from the first plan to each other, summed over the replications.
    """

    samples: tuple[Samples, ...]
    precision: Precision
    cancelled: bool
    changes: tuple[PairChanges, ...] = ()

    @property
    def replications(self) -> int:
        """Number of replications."""
        return self.samples[0].replications


def replicate(
    plans: Sequence[Plan],
    seed: int,
    replications: Replications,
    precision: float,
    work: Work,
    on_ledger: OnLedger | None = None,
    beside: float = 0.0,
    wanted: Wanted = EVERYTHING,
) -> Replicated:
    """Simulate every plan in replications 0, 1, ...; the base comes first in `plans`.

    "auto" checks at 30, 40, ... 400 whether the half-width of every plan's revenue difference (of one plan: of its mean
    revenue) is below `precision` of the base's revenue. A stop keeps the replications that are finished. `on_ledger` is
    called with the number of every replication that counts and the first plan's ledger, in order. `beside`: share of
    mean revenue's half-width that no replication makes smaller. `wanted`: what is measured, revenue among it.

    Raises StoppedError when none is, ValueError for a number of replications below 1.
    """
    years, rule = Years(dict(enumerate(plans)), seed, wanted, work), StopRule(relative=precision)
    for upto in checks_of(replications, rule):
        finished = years.extend_in_pairs(upto, on_ledger)
        if not years.common:
            raise StoppedError(NOTHING_DONE)
        samples = [years.of(place) for place in years.names]
        revenues = np.column_stack([each.only([REVENUE]).numerator for each in samples])
        known = precision_of(revenues[:, 0], revenues[:, 1:] if len(plans) > 1 else None, rule, beside)
        if not finished or known.stop:
            break
    return Replicated(tuple(samples), known, not finished, tuple(years.changes.values()))
