from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

import simfunnel as sf
from simfunnel.engine import simulate
from simfunnel.errors import StoppedError
from simfunnel.ledger import Ledger
from simfunnel.plan import Plan
from simfunnel.verify import checks
from simfunnel.verify.checks import Simulate, subjects
from simfunnel.verify.run import chosen

FEW = ("names", "philox", "R11 order")


def seen(result: sf.VerifyResult) -> list[float]:
    return [figure.seen for check in result.checks for figure in check.figures]


@pytest.fixture(scope="module")
def few() -> sf.VerifyResult:
    return sf.verify(FEW)


def test_the_named_checks_are_made_in_their_own_order(few: sf.VerifyResult) -> None:
    assert [check.subject.name for check in few.checks] == ["philox", "names", "R11 order"]
    assert few.asked == 3
    assert few.passed
    assert not few.cancelled


def test_a_result_is_frozen_and_has_tidy_records(few: sf.VerifyResult) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        few.seed = 2  # type: ignore[misc]
    records = few.table()

    assert {tuple(record) for record in records} == {few.columns}
    assert len(records) == sum(len(check.figures) for check in few.checks)
    assert all(record["passed"] for record in records)


def test_the_json_has_machine_engine_and_every_figure(few: sf.VerifyResult) -> None:
    told = json.loads(few.to_json())

    assert told["schema"] == "simfunnel.verify/1"
    assert set(told["machine"]) == {"system", "python", "numpy", "scipy", "numba", "cores"}
    assert told["passed"] is True
    assert [len(check["figures"]) for check in told["checks"]] == [3, 3, 3]


def test_a_notebook_shows_a_line_for_each_check(few: sf.VerifyResult) -> None:
    assert few._repr_html_().count("<tr>") == 1 + 3


def test_workers_do_not_change_a_number(few: sf.VerifyResult) -> None:
    with ThreadPoolExecutor(2) as executor:
        assert seen(sf.verify(FEW, executor=executor, workers=2)) == seen(few)


def test_a_stop_keeps_what_is_finished_and_says_so() -> None:
    told: list[tuple[str, int, int]] = []
    result = sf.verify(FEW, on_progress=lambda *step: told.append(step), stop=lambda: told[-1][1] == 2)

    assert [check.subject.name for check in result.checks] == ["philox", "names"]
    assert result.cancelled
    assert result.asked == 3
    assert result.warnings
    assert told == [("checking", 0, 3), ("checking", 1, 3), ("checking", 2, 3)]


def test_a_stop_before_anything_is_finished_is_an_error() -> None:
    with pytest.raises(StoppedError):
        sf.verify(FEW, stop=lambda: True)


def longer(plan: Plan, seed: int, replication: int) -> Ledger:
    """An engine that starts every task a second late."""
    ledger = simulate(plan, seed, replication, engine="simpy")
    ledger.tasks["started"][:] += 1 / 3600
    return ledger


def broken(plan: Plan, seed: int, replication: int) -> Ledger:
    """An engine that falls over."""
    raise ZeroDivisionError("an empty queue")


@pytest.mark.parametrize(("engine", "words"), [(longer, ""), (broken, "ZeroDivisionError: an empty queue")])
def test_a_wrong_engine_fails_its_check_and_no_other(
    engine: Simulate, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "engine_of", lambda name: engine)
    result = sf.verify(FEW)

    assert [check.subject.name for check in result.failed] == ["R11 order"]
    assert not result.passed
    assert words in result.failed[0].faults[0]
    assert json.loads(result.to_json())["passed"] is False


def test_the_closest_figure_is_the_one_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "engine_of", lambda name: longer)

    assert not sf.verify(["R11 order"]).checks[0].closest.passed


def test_quick_checks_are_some_of_all_and_every_reference_has_one() -> None:
    quick, full = chosen([], 20, False), chosen([], 20, True)

    assert set(quick) < set(full) == set(subjects(20))
    assert sum(subject.cost_s for subject in quick) < 60  # on one core; two are asked to keep within a minute


def test_the_engines_agree_on_random_scenarios() -> None:
    result = sf.verify(["random"], random=5)

    assert [figure.fault for figure in result.checks[0].figures] == [""] * 5


def test_without_random_scenarios_there_is_no_check_of_them() -> None:
    assert not any(subject.name == "random" for subject in subjects(0))
    assert next(subject for subject in subjects(7) if subject.name == "random").parts == 7


@pytest.mark.parametrize(
    ("words", "found"),
    [(["R13"], 5), (["r13 40"], 1), (["R13 40", "R13"], 5), (["PHILOX", "quantiles"], 2)],
)
def test_a_word_names_a_check_or_all_of_a_reference(words: Sequence[str], found: int) -> None:
    assert len(chosen(words, 20, False)) == found


def test_an_unknown_check_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"no check is called 'R99'; there are: philox, .*R25"):
        sf.verify(["R99"])


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(ValueError, match="no engine is called"):
        sf.verify(["names"], engine="abacus")


def test_what_a_check_cannot_raise_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def unfinished(plan: Plan, seed: int, replication: int) -> Ledger:
        raise NotImplementedError

    monkeypatch.setattr(checks, "engine_of", lambda name: unfinished)
    with pytest.raises(NotImplementedError):
        sf.verify(["R11 order"])


def test_the_room_can_be_called_by_the_name_that_it_shares_with_the_function() -> None:
    code = "import simfunnel as sf, simfunnel.verify; print(sf.verify(['names']).passed, sf.verify(['names']).asked)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)

    assert done.stdout.split() == ["True", "1"]
