"""Ledgers in files: read back whole, or told to other programs."""

from __future__ import annotations

import csv
import dataclasses
import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from simfunnel.errors import SimfunnelError
from simfunnel.ledger import Ledger
from simfunnel.ledger import columns as c
from simfunnel.ledger.export import Run, export_ledger, export_tasks, load, save
from tests.unit.metrics.factory import AE, CHAT, SDR, WEB, ledger, plan

HAS_PYARROW = importlib.util.find_spec("pyarrow") is not None


def book() -> Ledger:
    """Lead 7 (web, of the fair) wins after a no-show; lead 2^40 (chat) is rejected."""
    leads = [
        {"id": 7, "channel": WEB, "campaign": 0, "created": 0.25, "outcome": c.WON, "closed_at": 34.0, "value": 99.5},
        {"id": 2**40, "channel": CHAT, "created": -1.0, "outcome": c.OPEN},
    ]
    passes = [{"lead": 1, "started": 1.0, "stage": 0}, {"lead": 0, "started": 0.25, "stage": 2, "pool": SDR, "rep": 1}]
    tasks = [
        {"lead": 0, "pool": SDR, "rep": 1, "started": 9.5, "ended": 10.0, "kind": 2, "decision": c.NOBODY_THERE},
        {"lead": 1, "pool": SDR, "rep": 0, "started": 9.0, "ended": 9.1, "kind": 0, "decision": c.REJECTED_CONTACT},
        {"lead": 0, "stage": 1, "pool": AE, "rep": 0, "started": 33.0, "ended": 34.0, "decision": c.ADVANCED},
        {"lead": 1, "stage": 1, "pool": -1, "started": 50.0},
        {"lead": 1, "stage": 1, "pool": AE},
    ]
    entries = [{"lead": 1, "entry": 1, "reason": c.AFTER_REJECTION, "entered": 9.2, "end": c.OPT_OUT}]
    return ledger(leads=leads, passes=passes, tasks=tasks, entries=entries)


def run(name: str = "today", replication: int = 0) -> Run:
    return Run(name, replication, plan(), book())


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_saved_ledger_is_read_back_byte_for_byte(tmp_path: Path) -> None:
    saved = book()

    save(tmp_path / "year.npz", saved)

    again = load(tmp_path / "year.npz")
    for name in c.TABLES:
        for column, values in saved.table(name).items():
            assert again.table(name)[column].dtype == values.dtype
            assert again.table(name)[column].tobytes() == values.tobytes(), (name, column)


def test_a_file_without_all_columns_is_not_a_ledger(tmp_path: Path) -> None:
    np.savez(tmp_path / "odd.npz", **{"leads.id": np.arange(3)})

    with pytest.raises(SimfunnelError, match=r"not a ledger of this version, it has no leads\.channel"):
        load(tmp_path / "odd.npz")


def test_leads_passes_tasks_and_stays_in_nurture_go_to_a_file_each(tmp_path: Path) -> None:
    files = export_ledger(tmp_path / "out.csv", [run()])

    assert [file.name for file in files] == ["out.csv", "out.passes.csv", "out.tasks.csv", "out.entries.csv"]
    assert [len(rows(file)) for file in files] == [2, 2, 5, 1]


def test_a_stay_in_nurture_says_why_it_began_and_how_it_ended(tmp_path: Path) -> None:
    (entry,) = rows(export_ledger(tmp_path / "out.csv", [run()])[3])

    assert (entry["lead"], entry["entry"], entry["reason"], entry["end"]) == (str(2**40), "1", "rejected", "opted out")


def test_names_that_a_spreadsheet_would_compute_are_quoted_in_every_file(tmp_path: Path) -> None:
    odd = dataclasses.replace(plan(), channels=("=web", "@chat"), pools=("+SDR", "-AE"))
    leads, passes, *_ = (rows(file) for file in export_ledger(tmp_path / "out.csv", [Run("-plan", 0, odd, book())]))
    log = rows(export_tasks(tmp_path / "log.csv", [Run("-plan", 0, odd, book())]))

    assert {row["plan"] for row in leads} == {"'-plan"}
    assert {row["channel"] for row in leads} == {"'=web", "'@chat"}
    assert "'+SDR" in {row["pool"] for row in passes}
    assert {row["case"][:2] for row in log} == {"'-"}


def test_cells_say_names_and_words_and_leads_are_told_by_their_id(tmp_path: Path) -> None:
    leads, passes, tasks, _ = (rows(file) for file in export_ledger(tmp_path / "out.csv", [run()]))

    assert leads[0]["id"] == "7"
    assert (leads[0]["channel"], leads[0]["campaign"], leads[0]["outcome"]) == ("web", "fair", "won")
    assert (leads[1]["campaign"], leads[1]["closed_at"]) == ("", "")
    assert passes[0]["lead"] == str(2**40)
    assert [row["stage"] for row in passes] == ["discovery", "end"]
    assert (tasks[0]["pool"], tasks[0]["kind"], tasks[0]["decision"]) == ("SDR", "no-show", "no-show")
    assert tasks[3]["pool"] == ""


def test_numbers_keep_every_digit(tmp_path: Path) -> None:
    saved = book()
    saved.leads["value"][0] = 0.1 + 0.2

    leads = rows(export_ledger(tmp_path / "out.csv", [Run("today", 0, plan(), saved)])[0])

    assert float(leads[0]["value"]) == 0.1 + 0.2


def test_plans_and_replications_stand_in_their_columns(tmp_path: Path) -> None:
    runs = [run("today", 0), run("stricter", 0), run("today", 1)]

    leads = rows(export_ledger(tmp_path / "out.csv", runs)[0])

    found = [(row["plan"], row["replication"]) for row in leads[::2]]
    assert found == [("today", "0"), ("stricter", "0"), ("today", "1")]


def test_the_event_log_has_the_columns_of_process_mining(tmp_path: Path) -> None:
    log = rows(export_tasks(tmp_path / "log.csv", [run()]))

    assert list(log[0]) == ["case", "activity", "resource", "start", "end", "plan", "replication"]
    assert log[0] == {
        "case": "today/0/7",
        "activity": "discovery: no-show",
        "resource": "SDR 1",
        "start": "2027-01-01T09:30:00.000",
        "end": "2027-01-01T10:00:00.000",
        "plan": "today",
        "replication": "0",
    }


def test_the_event_log_names_rejections_and_leaves_open_what_is_open(tmp_path: Path) -> None:
    log = rows(export_tasks(tmp_path / "log.csv", [run()]))

    assert [row["activity"] for row in log] == ["discovery: no-show", "discovery: rejected", "proposal", "proposal"]
    assert (log[3]["resource"], log[3]["end"]) == ("", "")
    assert log[2]["start"] == "2027-01-02T09:00:00.000"


def test_the_same_lead_is_another_case_in_another_replication_or_plan(tmp_path: Path) -> None:
    log = rows(export_tasks(tmp_path / "log.csv", [run("today", 0), run("today", 1), run("stricter", 0)]))

    assert len({row["case"] for row in log}) == 6


def test_an_empty_ledger_gives_a_header(tmp_path: Path) -> None:
    files = export_ledger(tmp_path / "out.csv", [Run("today", 0, plan(), ledger())])

    assert files[0].read_text(encoding="utf-8").startswith("plan,replication,id,channel,")
    assert export_tasks(tmp_path / "log.csv", [Run("today", 0, plan(), ledger())]).read_text().startswith("case,")


def test_a_file_appears_only_when_it_is_complete(tmp_path: Path) -> None:
    def breaks() -> object:
        yield run()
        raise KeyboardInterrupt

    (tmp_path / "out.csv").write_text("before")
    with pytest.raises(KeyboardInterrupt):
        export_ledger(tmp_path / "out.csv", breaks())  # type: ignore[arg-type]

    assert [file.name for file in tmp_path.iterdir()] == ["out.csv"]
    assert (tmp_path / "out.csv").read_text() == "before"


@pytest.mark.parametrize("name", ["out.xlsx", "out"])
def test_the_name_of_a_file_says_its_kind(name: str, tmp_path: Path) -> None:
    with pytest.raises(SimfunnelError, match=r"must end in \.csv or \.parquet"):
        export_ledger(tmp_path / name, [run()])


def test_parquet_without_pyarrow_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(SimfunnelError, match=r"pip install 'simfunnel\[parquet\]'"):
        export_ledger(tmp_path / "out.parquet", [run()])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not HAS_PYARROW, reason="pyarrow is not installed")
def test_parquet_holds_the_same_rows(tmp_path: Path) -> None:
    import pyarrow.parquet as parquet

    files = export_ledger(tmp_path / "out.parquet", [run("today", 0), run("today", 1)])

    leads = parquet.read_table(files[0]).to_pylist()
    assert len(leads) == 4
    assert (leads[0]["channel"], leads[0]["value"], leads[0]["id"]) == ("web", 99.5, 7)
