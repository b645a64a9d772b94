"""Simulated years as calls to a worker, answered on any `concurrent.futures.Executor` or in this process.

A call says which plans are simulated in which replications, and what is kept of their ledgers. Plans travel as bytes,
each of their arrays once; machine code is compiled before.
"""

from __future__ import annotations

import io
import pickle
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import takewhile
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, runtime_checkable

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.distributions.quantiles import ndtri
from simfunnel.engine import AUTO, SIMPY, compile_the_loop, resolve, simulate
from simfunnel.engine.rules import effort_factor
from simfunnel.errors import WorkerError
from simfunnel.jit import cache_is_cold, compile_for, nothing_is_kept, seal_cache
from simfunnel.ledger import Ledger
from simfunnel.metrics import EVERYTHING, PairChanges, Wanted, measure, pair_changes
from simfunnel.plan import Plan, compile_plan, static_calibration
from simfunnel.scenario import parse, phases_of, starter_text

Seen = TypeVar("Seen")
Simulated = Iterator[tuple[Plan, Ledger]]

Item = TypeVar("Item")
Answer = TypeVar("Answer")

IN_FLIGHT_PER_WORKER = 3
RESENDS = 3
POLL_S = 0.2

YEAR = "period: {start: 2027-01-04, months: 12}"
WEEK = "period: {start: 2027-01-04, days: 7, run_in: 1 day}"
WITHOUT_RUN_IN = """period: {start: 2027-01-04, days: 7, run_in: 0 days}
opening_pipeline: [{channel: website, stage: demo, count: 4, age: 10 days}]"""
NURTURED = (
    ("acceptance: {rate: 60%}", "acceptance: {rate: 60%, rejected_to: nurture}"),
    ("target:", "nurture: {delay: 1 day, score_lift: 500}\n\ntarget:"),  # whoever is refused comes back in the week
)
OTHER_HOURS = '  other_hours: {from: 2027-01-07, calendar.hours: "10:00-12:00"}\n'


def packed(plans: Sequence[Plan]) -> bytes:
    """Return the plans as bytes; levels of one lever have almost all of their arrays in common."""
    body = io.BytesIO()
    packer = _Packer(body)
    packer.dump(tuple(plans))
    return pickle.dumps((packer.arrays, body.getvalue()), pickle.HIGHEST_PROTOCOL)


@lru_cache(maxsize=4)
def unpacked(parcel: bytes) -> tuple[Plan, ...]:
    """Return the plans of a parcel; a worker that gets the same parcel again has them at hand."""
    arrays, body = pickle.loads(parcel)
    plans: tuple[Plan, ...] = _Unpacker(io.BytesIO(body), arrays).load()
    return plans


class _Packer(pickle.Pickler):
    """A pickler that puts a number in the place of every array; `arrays` has each of them once."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self.arrays: list[np.ndarray[Any, Any]] = []
        self._places: dict[tuple[str, tuple[int, ...], bytes], int] = {}

    def persistent_id(self, obj: object) -> int | None:
        """Return the number of an array; None for everything else, which is packed as usual."""
        if not isinstance(obj, np.ndarray):
            return None
        content = obj.dtype.str, obj.shape, obj.tobytes()
        place = self._places.setdefault(content, len(self.arrays))
        if place == len(self.arrays):
            self.arrays.append(obj)
        return place


class _Unpacker(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, arrays: Sequence[np.ndarray[Any, Any]]) -> None:
        super().__init__(file)
        self._arrays = arrays

    def persistent_load(self, pid: int) -> np.ndarray[Any, Any]:
        """Return the array of a number."""
        return self._arrays[pid]


@dataclass(frozen=True)
class Call(Generic[Seen]):
    """Some years to simulate, `cases` of (place among the packed plans, replication); `look` makes the answer."""

    parcel: bytes
    cases: tuple[tuple[int, int], ...]
    seed: int
    engine: str
    look: Callable[[Simulated], Seen]

    def __str__(self) -> str:
        years = sorted({replication + 1 for _, replication in self.cases})
        few = f"year {years[0]}" if len(years) == 1 else f"years {years[0]} to {years[-1]}"
        return f"simulated {few} of seed {self.seed}"


def simulate_call(call: Call[Seen]) -> Seen:
    """Simulate the years of a call, one at a time, and return what its `look` makes of them; ledgers stay here."""
    plans = unpacked(call.parcel)
    return call.look(
        (plans[place], simulate(plans[place], call.seed, replication, call.engine)) for place, replication in call.cases
    )


class Measured(NamedTuple):
    """Numbers of every year of a call; of a pair also changes of outcome from the first year to each other."""

    numbers: tuple[Floats, ...]
    changes: tuple[PairChanges, ...] = ()
    ledger: Ledger | None = None  # of the first year, where it is kept


def measured(years: Simulated, wanted: Wanted) -> Measured:
    """Measure some years."""
    return Measured(tuple(numbers_of(plan, ledger, wanted) for plan, ledger in years))


def measured_pairs(years: Simulated, wanted: Wanted, keep_ledger: bool = False) -> Measured:
    """Measure the years of one replication under several plans, and pair the leads of the first with those of each."""
    first, base = next(years)
    numbers, changes = [numbers_of(first, base, wanted)], []
    for plan, ledger in years:
        numbers.append(numbers_of(plan, ledger, wanted))
        changes.append(pair_changes(first, base, plan, ledger))
    return Measured(tuple(numbers), tuple(changes), base if keep_ledger else None)


def numbers_of(plan: Plan, ledger: Ledger, wanted: Wanted = EVERYTHING) -> Floats:
    """Return [2, keys] numerators and denominators of some metrics of a year; the keys follow from the plan."""
    found = measure(plan, ledger, wanted)
    return np.stack([found.numerator, found.denominator])


@runtime_checkable
class Compiling(Protocol):
    """An executor that compiles while it works, and may give a task back for that: its future is cancelled then."""

    def room(self) -> int | None:
        """Return how many tasks it can use at once now; None: as many as there are."""


def run_calls(
    call: Callable[[Item], Answer],
    items: Sequence[Item],
    *,
    executor: Executor | None = None,
    workers: int = 1,
    on_done: Callable[[int], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> list[Answer]:
    """Return the answers of `call` to `items`, in their order; fewer than `items` only when `stop` said so.

    `call` and the items must be picklable when an executor is given; without one everything happens here, one by one.
    At most `IN_FLIGHT_PER_WORKER * workers` calls are in flight, so a stop takes no longer than the calls in hand.
    After a stop the answers are those of the first items without a gap, so they can be repeated by asking for fewer.
    An executor whose worker died must take new calls again (it rebuilds itself); what was in flight is sent again, one
    at a time, at most `RESENDS` times an item.

    Raises whatever `call` raises, and WorkerError naming the item that kills its worker.
    """
    board: _Board[Item, Answer] = _Board(call, items, on_done, stop)
    if executor is None:
        board.run_here()
    else:
        board.run_on(executor, IN_FLIGHT_PER_WORKER * max(1, workers))
    return [board.answers[at] for at in takewhile(board.answers.__contains__, range(len(items)))]


@dataclass
class _Board(Generic[Item, Answer]):
    """Calls that wait, are in flight and are answered, by the place of their items."""

    call: Callable[[Item], Answer]
    items: Sequence[Item]
    on_done: Callable[[int], None] | None
    stop: Callable[[], bool] | None
    answers: dict[int, Answer] = field(default_factory=dict)
    waiting: deque[int] = field(default_factory=deque)
    flying: dict[Future[Answer], int] = field(default_factory=dict)
    losses: Counter[int] = field(default_factory=Counter)

    def run_here(self) -> None:
        for place, item in enumerate(self.items):
            if self.stopped():
                return
            self.keep(place, self.call(item))

    def run_on(self, executor: Executor, window: int) -> None:
        self.waiting.extend(range(len(self.items)))
        try:
            while self.waiting or self.flying:
                if self.stopped():
                    self.drain()
                    return
                self.send(executor, window)
                self.collect(isinstance(executor, Compiling))
        finally:
            for future in self.flying:
                future.cancel()

    def stopped(self) -> bool:
        return self.stop is not None and self.stop()

    def keep(self, place: int, answer: Answer) -> None:
        self.answers[place] = answer
        if self.on_done is not None:
            self.on_done(len(self.answers))

    def send(self, executor: Executor, window: int) -> None:
        room = executor.room() if isinstance(executor, Compiling) else None
        window = window if room is None else room
        while self.waiting:
            # an item that was in flight when a worker died is a suspect: alone, it can only harm itself
            alone = self.waiting[0] in self.losses or any(place in self.losses for place in self.flying.values())
            if len(self.flying) >= (1 if alone else window):
                return
            place = self.waiting.popleft()
            try:
                self.flying[executor.submit(self.call, self.items[place])] = place
            except BrokenExecutor as broken:
                self.lost([place], broken)

    def collect(self, gives_back: bool) -> None:
        done, _ = wait(self.flying, timeout=POLL_S, return_when=FIRST_COMPLETED)
        lost: list[int] = []
        cause: BrokenExecutor | None = None
        for future in sorted(done, key=self.flying.__getitem__):
            place = self.flying.pop(future)
            try:
                self.keep(place, future.result())
            except BrokenExecutor as broken:
                lost.append(place)
                cause = broken
            except CancelledError:
                if not gives_back:
                    raise
                self.waiting.appendleft(place)
        if cause is not None:
            self.lost(lost, cause)

    def lost(self, places: list[int], cause: BrokenExecutor) -> None:
        for place in sorted(places, reverse=True):
            self.losses[place] += 1
            if self.losses[place] > RESENDS:
                raise WorkerError(
                    f"task {place + 1} of {len(self.items)} took its worker process down {self.losses[place]} times "
                    f"(out of memory?): {self.items[place]}"
                ) from cause
            self.waiting.appendleft(place)

    def drain(self) -> None:
        for future in [future for future in self.flying if future.cancel()]:
            del self.flying[future]
        for future in sorted(self.flying, key=self.flying.__getitem__):
            try:
                self.keep(self.flying[future], future.result())
            except BrokenExecutor:  # stopped anyway: what that worker had in hand is not needed
                continue
        self.flying.clear()


def warm_up(beside: Executor | None = None) -> None:
    """Compile whatever the engines need, and keep it on disk, by simulating weeks of the starter scenario.

    `beside`: another process, which compiles the loop while this one compiles all that the engines have in common.
    """
    loop = beside.submit(compile_the_loop) if beside is not None else None
    compile_the_rest()
    if loop is not None:
        with suppress(BrokenExecutor):  # then it is compiled here
            loop.result()
    _simulate_weeks(resolve(AUTO))
    seal_cache()


def compile_the_rest() -> None:
    """Compile what the engines have in common: all but the loop of the compiled one."""
    _simulate_weeks(SIMPY)
    for function in (effort_factor, ndtri):  # of work under load, and of what is written: the weeks have neither
        compile_for(function)


def _simulate_weeks(engine: str) -> None:
    """Simulate a week that begins with a run-in and changes its hours, and one that begins with a pipeline."""
    for period in (WEEK, WITHOUT_RUN_IN):
        text = starter_text().replace(YEAR, period) + OTHER_HOURS
        for typed, nurtured in NURTURED:
            text = text.replace(typed, nurtured)
        scenario = parse(text)
        spec = phases_of(scenario, ["other_hours"])
        parcel = packed([compile_plan(spec, static_calibration(scenario))] * 2)
        simulate_call(Call(parcel, ((0, 0), (1, 0)), 1, engine, partial(measured_pairs, wanted=EVERYTHING)))


def workers_will_compile(executor: Executor) -> bool:
    """Return whether workers that start now would each compile what this process could compile for all of them."""
    return cache_is_cold() and not nothing_is_kept() and not isinstance(executor, Compiling)
