"""Pilots: when they are needed, what they solve, and where it is kept."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from simfunnel.errors import ScenarioError
from simfunnel.ledger.columns import ADVANCED, DECIDED
from simfunnel.plan import Calibration, Plan, compile_plan, static_calibration
from simfunnel.plan.today.solve import Base, static_constants
from simfunnel.scenario import Scenario, parse
from simfunnel.study.calibrate import calibrate as study
from simfunnel.study.calibrate.calibrate import calibrate, fingerprint, pilot_base
from simfunnel.study.calibrate.pilots import Pilot, pilot, refined, step_between

FUNNEL = """
period: {start: 2027-01-04, weeks: 12, run_in: 52 weeks}
channels:
  web: {leads: 70 / week, deal_value: 10k}
  chat: {leads: 30 / week, deal_value: 10k, quality: 0.5, patience: 4 hours}
qualification: {threshold: 55}
acceptance: {rate: 60%, rejected_to: nurture}
pools:
  SDR: {stages: [discovery], reps: 2, discipline: highest score first}
  AE: {stages: [proposal], reps: 4, cost_per_rep: 100k / year}
speed_to_lead: {default: {odds: {0 hours: 1, 4 hours: 0.5, 24 hours: 0.2}}}
stages:
  - {name: discovery, conversion: 45%, effort: 1 hour}
  - {name: proposal, conversion: 25%, effort: 2 hours, wait: 7 days}
nurture: {delay: 21 days, score_lift: 5}
"""


@pytest.fixture(scope="module")
def funnel() -> Scenario:
    return parse(FUNNEL)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def found(funnel: Scenario, kept: Path) -> Calibration:
    """Calibrated once for all tests here, with two replications a round."""
    with pytest.MonkeyPatch.context() as patch:
        _few(patch)
        return calibrate(funnel, cache_dir=kept)


def _few(patch: pytest.MonkeyPatch, decisions: int = 100) -> None:
    patch.setattr(study, "FIRST_REPLICATIONS", 2)
    patch.setattr(study, "USUAL_YEARS", 6)
    patch.setattr(study, "MOST_YEARS", 6)
    patch.setattr(study, "ENOUGH_DECISIONS", decisions)


def test_a_base_in_which_nothing_selects_needs_no_pilots(tmp_path: Path) -> None:
    plain = parse(FUNNEL, sets=["speed_to_lead=none", "nurture=none", "acceptance.rejected_to=lost",
                                "pools.SDR.discipline=fifo", "channels.chat.patience=none"])  # fmt: skip

    constants = calibrate(plain, cache_dir=tmp_path)

    assert constants == static_calibration(plain)
    assert constants.exact
    assert list(tmp_path.iterdir()) == []


def test_pilots_make_the_typed_rates_come_out(funnel: Scenario, found: Calibration) -> None:
    """On luck that the pilots never saw; 8 replications, 4 standard errors of replication means."""
    plan = compile_plan(funnel, found)
    rates = []
    for replication in range(8):
        shown = _shown(plan, replication)
        rates.append(shown)
    mean, error = np.mean(rates, axis=0), np.std(rates, axis=0, ddof=1) / np.sqrt(8)

    assert (np.abs(mean - [0.45, 0.25, 0.6]) < 4.0 * error + 0.005).all(), (mean, error)
    assert not found.exact
    assert found.step < 0.01
    assert 1 < found.rounds <= 6
    assert found.warnings == ()


def _shown(plan: object, replication: int) -> list[float]:
    from simfunnel.engine import simulate

    ledger = simulate(plan, 11, replication)  # type: ignore[arg-type]
    tasks, passes = ledger.tasks, ledger.passes
    ended = np.asarray(tasks["ended"], dtype=np.float64)
    inside = np.isin(tasks["decision"], DECIDED) & (ended >= 0.0)
    rates = [float(np.mean(tasks["decision"][inside & (tasks["stage"] == k)] == ADVANCED)) for k in range(2)]
    met = np.asarray(passes["first_response_at"], dtype=np.float64) >= 0.0
    judged = passes["accepted"][met]
    return [*rates, float(np.mean(judged[judged >= 0] == 1))]


def test_integrals_alone_would_miss_them(funnel: Scenario, found: Calibration) -> None:
    assert found.intercepts[0] > static_calibration(funnel).intercepts[0] + 0.1  # late calls cost odds


def test_pilots_run_on_the_engine_of_the_study(funnel: Scenario, tmp_path: Path) -> None:
    engines = []

    def told(replication: int, plan: Plan, engine: str, luck: int) -> Pilot:
        engines.append(engine)
        return pilot(replication, plan, engine, luck)

    with pytest.MonkeyPatch.context() as patch:
        _few(patch)
        patch.setattr(study, "MOST_ROUNDS", 1)
        patch.setattr(study, "pilot", told)
        calibrate(funnel, engine="simpy", cache_dir=tmp_path)

    assert engines == ["simpy"] * 6


def test_what_was_found_is_kept_and_read_back(funnel: Scenario, found: Calibration, kept: Path) -> None:
    (file,) = kept.iterdir()
    assert stat.S_ISREG(os.stat(file).st_mode)
    assert file.suffix == ".json"

    assert calibrate(funnel, executor=_Refuses(), cache_dir=kept) == found


class _Refuses(ThreadPoolExecutor):
    def submit(self, *args: object, **more: object):  # type: ignore[no-untyped-def, override]
        raise AssertionError("nothing should be simulated")


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "{broken",
        lambda text: "",
        lambda text: "[" * 100_000,
        lambda text: text.split("\n")[0] + "\n" + "[" * 100_000,
        lambda text: text[:-1],
        lambda text: text + " ",
        lambda text: text[:-3] + ("1" if text[-3] != "1" else "2") + text[-2:],
        lambda text: text.partition("\n")[2],
    ],
    ids=["broken", "empty", "deep", "deep below its digest", "cut", "longer", "another number", "without a digest"],
)
@pytest.mark.usefixtures("found")
def test_a_file_that_was_damaged_or_edited_is_as_good_as_none(
    funnel: Scenario, kept: Path, tmp_path: Path, damage: Callable[[str], str]
) -> None:
    whole = next(kept.iterdir())
    (tmp_path / whole.name).write_text(damage(whole.read_text()))

    with pytest.raises(AssertionError, match="nothing should be simulated"):  # it would be made anew
        calibrate(funnel, executor=_Refuses(), cache_dir=tmp_path)


def test_what_is_made_anew_is_kept_in_place_of_what_was_damaged(
    funnel: Scenario, found: Calibration, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = next(kept.iterdir()).name
    (tmp_path / name).write_text("{broken")
    _few(monkeypatch)

    assert calibrate(funnel, cache_dir=tmp_path) == found
    assert (tmp_path / name).read_text() == (kept / name).read_text()


@pytest.mark.usefixtures("found")
def test_the_file_of_another_base_is_none_of_this_one(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text(next(kept.iterdir()).read_text())

    assert study.kept(tmp_path / "other.json") is None


def test_a_folder_that_cannot_be_written_costs_only_time(
    funnel: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study, "MOST_ROUNDS", 1)
    _few(monkeypatch, decisions=1)
    (tmp_path / "file").write_text("")

    constants = calibrate(funnel, cache_dir=tmp_path / "file" / "below")

    assert constants.rounds == 1


def test_constants_that_still_move_are_told(funnel: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "MOST_ROUNDS", 1)
    _few(monkeypatch, decisions=1)

    (warning,) = calibrate(funnel, cache_dir=tmp_path).warnings

    assert "stopped after 1 rounds" in warning


def test_what_cannot_be_planned_is_refused_before_anything_is_simulated(
    funnel: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    split = ("pools.SDR.structure=dedicated", "pools.SDR.reps=1")
    told: list[Calibration] = []

    with pytest.raises(ScenarioError, match="SDR"):
        calibrate(parse(FUNNEL, sets=split), executor=_Refuses(), cache_dir=tmp_path)
    with pytest.raises(AssertionError, match="nothing should be simulated"):
        calibrate(funnel, executor=_Refuses(), cache_dir=tmp_path, before_pilots=told.append)
    assert told == [static_calibration(funnel)]


def test_workers_and_their_order_change_nothing(
    funnel: Scenario, found: Calibration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _few(monkeypatch)
    told: list[tuple[int, int]] = []
    with ThreadPoolExecutor(2) as pool:
        constants = calibrate(
            funnel,
            executor=pool,
            workers=2,
            cache_dir=tmp_path,
            on_progress=lambda done, total: told.append((done, total)),
        )

    assert constants == found
    assert told == sorted(told)
    assert all(done <= total for done, total in told)


def test_money_and_titles_do_not_make_another_base(funnel: Scenario) -> None:
    mine = fingerprint(Base(funnel))

    for path in ("pools.AE.cost_per_rep=1k / year", "channels.web.deal_value=1k", "title=Other", "currency=EUR"):
        assert fingerprint(Base(parse(FUNNEL, sets=[path]))) == mine
    for path in ("stages.discovery.conversion=46%", "acceptance.rate=61%", "pools.SDR.reps=3", "score.accuracy=good",
                 "channels.web.win_rate=2%", "nurture.delay=22 days", "acceptance.agreement=0.4"):  # fmt: skip
        assert fingerprint(Base(parse(FUNNEL, sets=[path]))) != mine, path


def test_another_engine_does_not_take_over_what_the_last_one_found(
    funnel: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = fingerprint(Base(funnel))
    monkeypatch.setattr(study, "source_digest", lambda: "other machine code")
    other_code = fingerprint(Base(funnel))
    monkeypatch.undo()
    monkeypatch.setattr(study, "pilot_sources", lambda: "other rules")

    assert len({mine, other_code, fingerprint(Base(funnel))}) == 3


@pytest.mark.parametrize(
    "part",
    [
        "engine/reference/lead.py",
        "engine/rules.py",
        "plan/loads.py",
        "theory/selection.py",
        "study/calibrate/pilots.py",
    ],
)
def test_every_source_that_pilots_run_counts(part: str, tmp_path: Path) -> None:
    source = tmp_path / part
    source.parent.mkdir(parents=True)
    source.write_text("before = 1\n")
    (tmp_path / "report").mkdir()
    before = study.pilot_sources(tmp_path)
    study.pilot_sources.cache_clear()
    (tmp_path / "report" / "words.py").write_text("another = 1\n")
    assert study.pilot_sources(tmp_path) == before
    study.pilot_sources.cache_clear()
    source.write_text("after = 12\n")

    assert study.pilot_sources(tmp_path) != before
    study.pilot_sources.cache_clear()
    assert (study.PACKAGE / part).is_file()


def test_a_lever_on_acceptance_uses_what_pilots_saw_where_today_accepts_everybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those whom sales meets twice, after nurture, are in the pilots' assessments and not in the integrals'."""
    monkeypatch.setattr(study, "MOST_ROUNDS", 1)
    _few(monkeypatch, decisions=1)
    everybody = parse(FUNNEL, sets=["acceptance.rate=100%"])
    base = Base(everybody)
    silent = compile_plan(everybody, static_calibration(everybody))
    judged = pilot(0, study.judging(silent, everybody))
    not_judged = pilot(0, silent)

    found = calibrate(everybody, cache_dir=tmp_path)

    assert found.cut == -np.inf
    assert found.assessments != static_calibration(everybody).assessments
    assert len(judged.assessments) > 300
    assert len(not_judged.assessments) == 0
    for k in range(2):
        assert judged.log_odds[k].tolist() == not_judged.log_odds[k].tolist()
    plan = study.judging(silent, everybody)
    seen = np.concatenate([pilot(k, study.without_money(plan)).assessments for k in range(6)])
    assert len(found.assessments) == 1001
    assert found.assessment_at(0.4) == pytest.approx(np.quantile(seen, 0.4), abs=1e-6)
    assert base.scenario.acceptance is not None


def test_pilots_run_in_for_a_year_even_when_the_study_begins_empty(funnel: Scenario) -> None:
    empty = parse(FUNNEL, sets=["period.run_in=0 days"])
    opening = parse(FUNNEL, sets=["opening_pipeline=[{channel: web, stage: proposal, count: 7, age: 5 days}]"])
    long = parse(FUNNEL, sets=["period.run_in=60 weeks"])

    assert pilot_base(empty).run_in_days == pilot_base(opening).run_in_days == 364
    assert pilot_base(opening).opening_pipeline is None
    assert pilot_base(long).run_in_days == 420


def test_an_opening_pipeline_brings_open_leads_of_every_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "MOST_ROUNDS", 1)
    _few(monkeypatch, decisions=1)
    opening = parse(FUNNEL, sets=["opening_pipeline=[{channel: web, stage: proposal, count: 7, age: 5 days}]"])

    leads = calibrate(opening, cache_dir=tmp_path).open_leads

    assert leads.shape[1] == 5
    assert set(leads[:, 3]) == {0.0, 1.0}
    assert set(leads[:, 4]) == {0.0, 1.0}  # chat, web
    assert np.isfinite(leads).all()
    proposal = leads[leads[:, 3] == 1.0]
    assert proposal[:, 0].mean() > 0.3  # who got so far is better than most


def test_refining_solves_each_rate_on_the_decisions_seen() -> None:
    base = Base(parse(FUNNEL))
    random = np.random.default_rng(1)
    x = (random.normal(size=4000) - 1.0, random.normal(size=3000) + 0.5)
    seen = Pilot(x, random.normal(size=5000), np.array([30.0, 70.0]), np.array([3.0, 4.0]), np.empty((0, 5)))
    start = static_constants(base)

    after = refined(base, start, [seen])

    for k, rate in enumerate((0.45, 0.25)):
        assert np.mean(1.0 / (1.0 + np.exp(-(after.intercepts[k] + x[k])))) == pytest.approx(rate, abs=1e-9)
    assert np.mean(seen.assessments >= after.cut) == pytest.approx(0.6, abs=1e-3)
    assert step_between(start, after) == pytest.approx(
        max(abs(after.cut - start.cut), *np.abs(np.subtract(after.intercepts, start.intercepts)))
    )


def test_win_rates_of_channels_move_qualities_until_wins_have_their_ratio() -> None:
    base = Base(parse(FUNNEL, sets=["channels.web.win_rate=3%", "channels.chat.win_rate=3%"]))
    start = static_constants(base)
    none = (np.zeros(10), np.zeros(10))
    seen = Pilot(none, np.zeros(10), np.array([1000.0, 1000.0]), np.array([20.0, 40.0]), np.empty((0, 5)))

    after = refined(base, start, [seen])

    assert after.quality[0] > start.quality[0]  # chat wins too rarely
    assert after.quality[1] < start.quality[1]
    assert after.factor == pytest.approx((0.3 * 0.02 + 0.7 * 0.04) / 0.03)


def test_a_pilot_reports_only_what_happens_in_the_period(funnel: Scenario) -> None:
    seen = pilot(0, compile_plan(funnel, static_calibration(funnel)))

    assert seen.leads.sum() == pytest.approx(12 * 100, rel=0.2)
    assert len(seen.assessments) > len(seen.log_odds[0]) > len(seen.log_odds[1]) > 0
    assert np.isfinite(np.concatenate(seen.log_odds)).all()
    assert seen.open_leads.shape[1] == 5
