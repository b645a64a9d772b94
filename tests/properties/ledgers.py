"""Known ledgers, and digests of what this process makes of them: `python -m tests.properties.ledgers` prints them.

Nothing is taken from a cache of calibrations: the constants of b2b are solved by this process. `--warm-up` compiles
before, as a study does for its workers, and tells how many pieces of machine code are kept then and in the end.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

from simfunnel.engine import AUTO, SIMPY, resolve, simulate
from simfunnel.jit import cache_folder
from simfunnel.ledger import Ledger
from simfunnel.ledger.columns import TABLES
from simfunnel.ledger.export import Run, export_ledger, export_tasks
from simfunnel.plan import compile_plan
from simfunnel.scenario import load
from simfunnel.study import compare, warm_up
from simfunnel.study.calibrate.calibrate import calibrate
from tests.properties.funnels import BUSY, Typed, changed, lived, plan_of

SOURCES = changed(
    BUSY,
    channels__web__campaigns={"fair": {"from": "2027-01-20", "to": "2027-01-22", "leads": 40, "cost": "2k"}},
    channels__web__value_quality=0.5,
    channels__web__season={"feb": "130%"},
    channels__lists={
        "lists": {"every": {"mean": "3 business days"}, "size": {"mean": 12, "cv": 0.5}},
        "deal_value": {"family": "gamma", "mean": "8k", "cv": 1.2},
        "patience": "none",
    },
    handoff__chat={"instant": True},
    handoff__lists={"batch": "Mon,Thu 09:00", "leak": "5%"},
    pools__SDR__structure="dedicated",
    qualification={"threshold": 50, "near_miss": 10, "below_to": "nurture"},
    nurture__delay={"mean": "6 business days", "cv": 0.4},
    nurture__quality_lift={"mean": 0.1, "sd": 0.2},
    what_ifs={"stricter": {"qualification.threshold": 55, "handoff.default.delay": "30 minutes"}},
)
OPENING = changed(
    BUSY,
    period={"start": "2027-01-04", "weeks": 6},
    opening_pipeline=[
        {"channel": "web", "stage": "call", "count": 25, "age": {"mean": "3 days"}},
        {"channel": "chat", "stage": "close", "count": 30, "age": {"median": "4 days", "p90": "20 days"}},
    ],
)


SOLVED = changed(
    BUSY,
    channels__web__growth="40%",
    channels__web__season={"jan": "120%"},
    channels__web__win_rate="6%",
    channels__web__value_quality=0.4,
    channels__chat__win_rate="9%",
    channels__chat__patience={"family": "weibull", "mean": "9 hours", "cv": 1.3},
    channels__chat__mql_rate="45%",
    score={"mean": 50, "sd": 20, "accuracy": {"auc": 0.62}},
    qualification={"mql_rate": "40%", "near_miss": 4},
    speed_to_lead={"default": {"odds": {"0 hours": 1, "1 hour": 0.7, "24 hours": 0.3}, "strength": 0.8}},
    pools__AE__load={"odds": {10: 1, 25: 0.7}, "effort": {10: 1, 25: 1.2}, "strength": 0.6},
    nurture__delay={"family": "gamma", "mean": "6 days", "cv": 0.9},
    what_ifs={"later": {"qualification.mql_rate": "30%", "acceptance.rate": "55%", "channels.chat.win_rate": "7%"}},
)
for _channel in ("web", "chat"):
    SOLVED["channels"][_channel].pop("quality")


def digest(ledger: Ledger) -> str:
    """Of the bytes of every column of every table."""
    whole = hashlib.sha256()
    for table, columns in TABLES.items():
        for column in columns:
            whole.update(ledger.table(table)[column.name].astype(column.dtype, copy=False).tobytes())
    return whole.hexdigest()[:16]


# name -> what is typed, what-ifs from 1 February 2027 on, digests of two replications
KNOWN: dict[str, tuple[Typed, list[str], list[str]]] = {
    "busy": (BUSY, [], ["d07c4d8480b2258f", "74fc29064be1054a"]),
    "sources": (SOURCES, [], ["0e5ec5b0f67e18b8", "3ff4b459bf171303"]),
    "a switch": (SOURCES, ["stricter"], ["49fcf373e1a540c1", "e4f5897f9b1bce22"]),
    "opening": (OPENING, [], ["cea3ed23f4e66d05", "584ddb82fad0cc26"]),
    "solved": (SOLVED, ["later"], ["f53a4af7126ca29d", "50848846ed3ab341"]),
}
FEW_PILOTS = {"FIRST_REPLICATIONS": 2, "ENOUGH_DECISIONS": 100, "USUAL_YEARS": 4, "MOST_YEARS": 4}
B2B = Path(__file__).parents[2] / "scenarios" / "b2b.yaml"
YEARS = 3


def digests(name: str) -> list[str]:
    """Of two replications of a known funnel."""
    typed, what_ifs, _ = KNOWN[name]
    plan = plan_of(typed, what_ifs, date(2027, 2, 1))
    return [digest(lived(plan, replication, 7)) for replication in range(2)]


def few_pilots() -> AbstractContextManager[object]:
    """Solve constants by so few pilot years as show what code does, not what rates come out."""
    return patch.multiple("simfunnel.study.calibrate.calibrate", **FEW_PILOTS)


def exported(folder: Path) -> dict[str, str]:
    """Of each file that `run --ledger --tasks` writes for b2b's first years, its constants solved by few pilots."""
    scenario = load(B2B)
    with few_pilots():
        plan = compile_plan(scenario, calibrate(scenario, cache_dir=folder / "calibrations"))
    runs = [Run("base", year, plan, simulate(plan, 1, year)) for year in range(YEARS)]
    files = [*export_ledger(folder / "ledger.csv", runs), export_tasks(folder / "tasks.csv", runs)]
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:16] for file in files}


REFERENCE = B2B.with_name("reference.yaml")
SHUT = 'what_ifs.shut={from: 2027-02-01, calendar.hours: "09:00-16:00"}'
PIPELINE = "opening_pipeline=[{channel: website, stage: discovery, count: 9, age: 5 days}]"


def study_everything() -> None:
    """Study a third of the scenario that types everything, with a run-in and with a pipeline, by every engine."""
    for given in ((), ("period.run_in=0 days", PIPELINE)):
        scenario = load(REFERENCE, sets=[*given, "period.months=4", SHUT])
        for engine in (resolve(AUTO), SIMPY):  # the second one reads the constants that the first one found
            compare(scenario, [*list(scenario.what_ifs)[:2], "shut"], replications=1, engine=engine)


def pieces() -> int:
    """Pieces of machine code that are kept."""
    folder = cache_folder()
    return 0 if folder is None else sum(1 for _ in folder.rglob("*.nbc"))


def main() -> None:
    """Print what this process makes, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--warm-up", action="store_true")
    warms = parser.parse_args().warm_up
    if warms:
        warm_up()
    compiled = pieces()
    with tempfile.TemporaryDirectory() as emptied:
        found: dict[str, Any] = {"known": {name: digests(name) for name in KNOWN}, "exported": exported(Path(emptied))}
    if warms:
        with few_pilots():
            study_everything()
        found["pieces"] = [compiled, pieces()]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
