"""The suite has teeth: classic faults of queueing simulators, put into a copy of the package, each fail a small test.

A mutant is a text of the source and what replaces it; the text must occur exactly once, so that a mutant cannot die by
becoming a no-op. Each runs one named test in a fresh process; the same tests pass on an unchanged copy. A fault in one
engine is judged on that engine alone: what the trace expects must notice it, not the comparison with the other one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.traces.harness import ALONE

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
TRACES = "tests/traces"
ENGINES = "tests/engines"  # a trace is told by every engine
ENGINE_OF = {"simfunnel/engine/reference": "simpy", "simfunnel/engine/compiled": "compiled"}  # folder -> its engine


class Mutant(NamedTuple):
    """A fault and the test that must notice it."""

    file: str
    text: str
    fault: str
    killer: str


MUTANTS = {
    "last in, first out": Mutant(
        "simfunnel/engine/reference/pool.py",
        "        if policy.discipline == model.FIFO:\n            return 1, lead.queued\n",
        "        if policy.discipline == model.FIFO:\n            return 1, -lead.queued\n",
        f"{TRACES}/test_queue.py::test_fifo_goes_by_the_instant_of_joining_not_of_creation",
    ),
    "patience that includes handling": Mutant(
        "simfunnel/engine/reference/lead.py",
        "            decision = lead.decision\n            world.write_task(lead)\n",
        "            if lead.kind == c.FIRST_CONTACT and lead.gives_up < lead.ended:\n"
        "                return _leave_before_the_task(lead, c.COLD, world)\n"
        "            decision = lead.decision\n            world.write_task(lead)\n",
        f"{TRACES}/test_patience.py::test_a_contact_under_way_never_reneges",
    ),
    "a rate averaged over the week": Mutant(
        "simfunnel/engine/creation.py",
        "if height < sheet.level[d] * profiles[sheet.profile[d], minute]:",
        "if height < sheet.level[d]:",
        f"{TRACES}/test_leads.py::test_leads_come_in_opening_hours_only_under_the_business_profile",
    ),
    "an empty start": Mutant(
        "simfunnel/scenario/model.py",
        "        return 0 if self.opening_pipeline else self.period.run_in_days\n",
        "        return 0\n",
        f"{TRACES}/test_calendars.py::test_the_run_in_has_negative_hours_and_its_own_week_numbers",
    ),
    "sales' assessment taken from the score": Mutant(
        "simfunnel/engine/reference/lead.py",
        "        lead.accepted = int(lead.assessment >= phase.cut)\n",
        "        lead.accepted = int((lead.score - phase.score_mean) / phase.score_per_unit >= phase.cut)\n",
        f"{TRACES}/test_acceptance.py::test_sales_judge_by_their_own_view_and_not_by_the_score",
    ),
    "constants solved again in a what-if": Mutant(
        "simfunnel/study/years/plans.py",
        "    return planned(scenario, spec, known[meaning])\n",
        "    return planned(scenario, spec, calibrate(spec.phases[-1][1]))\n",
        f"{TRACES}/test_constants.py::test_a_comparison_keeps_the_constants_of_the_base_under_levers",
    ),
    "last in, first out, compiled": Mutant(
        "simfunnel/engine/compiled/lines.py",
        "        return bool(one.rank_key < other.rank_key)\n",
        "        return bool(one.rank_key > other.rank_key)\n",
        f"{TRACES}/test_queue.py::test_fifo_goes_by_the_instant_of_joining_not_of_creation",
    ),
    "patience after the first contact, compiled": Mutant(
        "simfunnel/engine/compiled/loop.py",
        "me.pass_ == pass_ and me.first_contact and me.waits:",
        "me.pass_ == pass_ and me.waits:",
        f"{TRACES}/test_patience.py::test_patience_that_ends_in_the_queue_for_a_later_task_ends_nothing",
    ),
    "events of one instant in any order, compiled": Mutant(
        "simfunnel/engine/compiled/clock.py",
        "        if other.t < t or (other.t == t and other.key < key):\n",
        "        if other.t <= t:\n",
        f"{TRACES}/test_instant.py::"
        "test_1_4_patience_that_was_set_first_loses_against_a_rep_who_gets_free_at_that_instant",
    ),
    "who gives up takes along those behind, compiled": Mutant(
        "simfunnel/engine/compiled/lines.py",
        "    return set_root(s, kind, meld(s, kind, root, rest))\n",
        "    return set_root(s, kind, root)\n",
        f"{TRACES}/test_patience.py::test_whoever_goes_cold_leaves_the_others_in_their_order_wherever_it_stood",
    ),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Package and traces, ready to be run in place of the checkout; the bytecode of what runs here first is kept."""
    folder = tmp_path_factory.mktemp("project")
    no_caches = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "simfunnel", folder / "simfunnel", ignore=no_caches)
    for tests in (TRACES, ENGINES):
        shutil.copytree(ROOT / tests, folder / tests, ignore=no_caches)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def run(folder: Path, *tests: str, engine: str = "") -> subprocess.CompletedProcess[str]:
    """Run tests in the copy, by one engine or every one; uncompiled, because a trace is too short to compile for."""
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONDONTWRITEBYTECODE": "", "PYTHONPATH": str(folder)}
    environment[ALONE] = engine
    command = [sys.executable, "-m", "pytest", "-x", "--tb=line", "-p", "no:cacheprovider", "-n0", *tests]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def test_the_killers_pass_on_an_unchanged_copy(project: Path) -> None:
    """Otherwise a failure would prove nothing."""
    done = run(project, *(mutant.killer for mutant in MUTANTS.values()))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_killed_by_its_test(name: str, project: Path, tmp_path: Path) -> None:
    """The fault goes in at exactly one place; the named test runs, and a trace is not what it should be (a return code
    of 2 would mean that it did not even run).
    """
    mutant = MUTANTS[name]
    folder = shutil.copytree(project, tmp_path / "project")
    file = folder / mutant.file
    source = file.read_text()
    assert source.count(mutant.text) == 1, f"{mutant.file} no longer holds the mutant's text once"
    file.write_text(source.replace(mutant.text, mutant.fault))
    Path(cache_from_source(str(file))).unlink(missing_ok=True)  # else a fault as long as the text might not be seen
    done = run(folder, mutant.killer, engine=ENGINE_OF.get(str(Path(mutant.file).parent), ""))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed" in done.stdout, done.stdout
    judge = rf"{TRACES}/\w+\.py:\d+: (assert|AssertionError|KeyError)"  # KeyError: a lead that should be is not
    assert re.search(judge, done.stdout), done.stdout
