"""Plans of which some dimension is empty: no pools, no stage worked, no leads, no MQLs, no decisions."""

from __future__ import annotations

import math
import os
import subprocess
import sys

import pytest

import simfunnel as sf
from simfunnel.scenario import parse
from simfunnel.study.years.plans import prepare
from simfunnel.study.years.work import Work
from tests.engines.agree import by_every_engine

PERIOD = "period: {start: 2027-01-04, weeks: 9, run_in: 4 weeks}\n"
LEADS = "channels: {web: {leads: 40 / week, deal_value: 12k}}\n"
BAR = "qualification: {mql_rate: 30%}\n"
POOLS = "pools: {P: {stages: [s, t], reps: 2, selling_time: 50%}}\n"
STAGES = "stages: [{name: s, conversion: 50%}, {name: t, conversion: 50%, wait: 3 days}]\n"
NO_LEADS = "channels: {web: {leads: 0 / week, deal_value: 12k}}\n"
OPEN = "opening_pipeline: [{channel: web, stage: t, count: 20, age: 3 days}]\n"
EMPTY = {
    "no pools": LEADS + BAR + STAGES,
    "no pools, acceptance, nurture": LEADS + "qualification: {mql_rate: 30%, below_to: nurture}\nacceptance: 60%\n"
    "nurture: {delay: 5 days, score_lift: 5}\n" + STAGES,
    "a pool without stages": LEADS + BAR + "pools: {P: {stages: [], reps: 2}}\n" + STAGES,
    "a pool without channels": LEADS + BAR + "pools: {P: {stages: [s], channels: [], reps: 2}}\n" + STAGES,
    "a pool without stages and reps": LEADS + BAR + "pools: {P: {stages: [], reps: 0}}\n" + STAGES,
    "no leads": NO_LEADS + BAR + POOLS + STAGES,
    "no leads, no pools": NO_LEADS + BAR + STAGES,
    "a threshold out of reach": LEADS + "qualification: {threshold: 500}\n" + POOLS + STAGES,
    "all leak": LEADS + BAR + POOLS + STAGES + "handoff: {default: {leak: 100%}}\n",
    "no decision": LEADS + BAR + POOLS + STAGES.replace("3 days", "900 days"),
    "only open leads": NO_LEADS + BAR + POOLS + STAGES + OPEN,
    "only open leads, no pools": NO_LEADS + BAR + STAGES + OPEN,
}

PLAIN = """\
import sys
from simfunnel.engine import simulate
from simfunnel.scenario import parse
from simfunnel.study.years.plans import prepare
from simfunnel.study.years.work import Work
plan = prepare(parse(sys.argv[1]), [()], "period", Work(engine="simpy")).plans[0]
one, other = (simulate(plan, 1, 0, engine) for engine in ("simpy", "compiled"))
tables = ("leads", "passes", "tasks", "entries", "reps", "queues")
pairs = [(getattr(one, t)[c], getattr(other, t)[c]) for t in tables for c in getattr(one, t)]
print(all(a.tobytes() == b.tobytes() for a, b in pairs), len(one.leads["id"]))
"""


@pytest.mark.parametrize("name", EMPTY)
def test_both_engines_write_the_same_bytes_where_a_dimension_is_empty(name: str) -> None:
    plan = prepare(parse(PERIOD + EMPTY[name]), [()], "period", Work()).plans[0]

    by_every_engine(plan, 1)


@pytest.mark.parametrize("name", EMPTY)
def test_every_metric_is_measured_where_a_dimension_is_empty(name: str) -> None:
    result = sf.run(parse(PERIOD + EMPTY[name]), replications=2, executor=None)

    means = [row["mean"] for row in result.table()]
    assert any(math.isfinite(mean) for mean in means)
    assert not any(math.isinf(mean) for mean in means)


@pytest.mark.parametrize("name", ["no pools", "only open leads, no pools"])
def test_plain_python_writes_the_same_bytes_without_pools(name: str) -> None:
    few = (PERIOD + EMPTY[name]).replace("40 / week", "8 / week").replace("weeks: 9, run_in: 4", "weeks: 5, run_in: 1")
    done = subprocess.run(
        [sys.executable, "-c", PLAIN, few],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""
    same, leads = done.stdout.split()
    assert same == "True"
    assert int(leads) > 10


def test_a_funnel_without_teams_wins_what_its_rates_say() -> None:
    leads, mqls, wins, deal = 12_000, 0.3, 0.5, 12_000  # a year: 1,000 a month x 30% x 50% = 1,800 wins, $21.6M
    text = "period: {start: 2027-01-01}\nchannels: {a: {leads: 1000 / month, deal_value: 12k}}\n"
    text += "qualification: {mql_rate: 30%}\nstages: [{name: s, conversion: 50%}]\n"

    result = sf.run(parse(text), replications=120, executor=None)

    for metric, right in (("wins", leads * mqls * wins), ("revenue", leads * mqls * wins * deal)):
        found = result.estimate(metric)
        assert found is not None
        se = found.half_width / 1.98  # of 119 degrees of freedom
        assert se <= 0.01 * right
        assert abs(found.mean - right) <= 4 * se
