"""The base's constants by integrals, and how levers move bars without touching them."""

from __future__ import annotations

from math import inf, log

import numpy as np
import pytest
from scipy.special import expit, ndtr

from simfunnel.errors import ScenarioError
from simfunnel.plan import Calibration, compile_plan, static_calibration
from simfunnel.plan.model import Phase
from simfunnel.plan.today.exact import what_selects
from simfunnel.scenario import parse, phases_of
from tests.unit.plan.scenes import FUNNEL, calibrated, planned, scene

CROWD = 1_000_000


def crowd(phase: Phase, weights: tuple[float, ...], seed: int = 3) -> dict[str, np.ndarray]:
    """A million leads of a phase drawn one by one."""
    random = np.random.default_rng(seed)
    channel = random.choice(len(weights), CROWD, p=weights)
    quality = phase.quality_mean[channel] + random.normal(size=CROWD)
    noise = random.normal(size=CROWD)
    core = phase.r_score * quality + np.sqrt(1.0 - phase.r_score**2) * noise
    score = phase.score_mean + phase.score_per_unit * core + phase.score_bias[channel]
    assessment = phase.r_assessment * quality + phase.a_score * noise + phase.a_noise * random.normal(size=CROWD)
    accepted = (score >= phase.threshold[channel]) & (assessment >= phase.cut)
    found = {"channel": channel, "quality": quality, "score": score, "assessment": assessment, "accepted": accepted}
    return found | {"passed": score >= phase.threshold[channel]}


def converted(phase: Phase, leads: dict[str, np.ndarray]) -> tuple[list[float], np.ndarray]:
    """Rates of the stages in turn, and each accepted lead's chance to win."""
    quality, chance, rates = leads["quality"][leads["accepted"]], 1.0, []
    for stage in phase.stages:
        advance = expit(stage.intercept + stage.log_quality_odds * quality)
        rates.append(float(np.sum(chance * advance) / np.sum(chance * np.ones_like(quality))))
        chance = chance * advance
    return rates, np.asarray(chance)


def of(*sets: str) -> tuple[Phase, Calibration]:
    scenario = scene(*sets)
    constants = static_calibration(scenario)
    return compile_plan(scenario, constants).phases[0], constants


def test_every_typed_rate_comes_out_of_a_crowd() -> None:
    phase, constants = of("score.accuracy={auc: 0.6}", "acceptance.agreement=0.5")
    leads = crowd(phase, constants.weights)

    assert leads["score"].mean() == pytest.approx(50.0, abs=0.1)
    assert leads["score"].std() == pytest.approx(20.0, abs=0.1)
    assert leads["quality"].mean() == pytest.approx(0.0, abs=0.005)
    met = leads["assessment"][leads["passed"]] >= phase.cut
    assert met.mean() == pytest.approx(0.6, abs=0.004)  # 4 standard errors of 300,000
    assert converted(phase, leads)[0] == pytest.approx([0.45, 0.25], abs=0.004)
    within = leads["channel"] == 0
    seen = np.corrcoef(leads["assessment"][within], leads["score"][within])[0, 1]
    assert seen == pytest.approx(0.5, abs=0.01)


def test_an_auc_is_that_of_the_score_over_all_leads() -> None:
    phase, constants = of("score.accuracy={auc: 0.6}")
    leads = crowd(phase, constants.weights)
    chance = np.ones(CROWD)
    for stage in phase.stages:
        chance = chance * expit(stage.intercept + stage.log_quality_odds * leads["quality"])
    order = np.argsort(leads["score"])
    win, lose = chance[order], 1.0 - chance[order]

    auc = float(np.sum(win * (np.cumsum(lose) - lose)) / (win.sum() * lose.sum()))

    assert auc == pytest.approx(0.6, abs=0.002)


def test_an_overall_mql_rate_sets_the_threshold() -> None:
    text = FUNNEL.replace("threshold: 60", "mql_rate: 30%")
    constants = static_calibration(parse(text))

    assert constants.thresholds[0] == constants.thresholds[1]
    phase = compile_plan(parse(text), constants).phases[0]
    assert crowd(phase, constants.weights)["passed"].mean() == pytest.approx(0.3, abs=0.002)


@pytest.mark.parametrize("flattered", ["channels.chat.score_bias=15", "channels.chat.mql_rate=50%"])
def test_the_mean_and_sd_typed_are_those_of_all_leads_before_score_bias(flattered: str) -> None:
    phase, constants = of("score={mean: 55, sd: 12}", "channels.web.quality=-0.4", flattered)
    leads = crowd(phase, constants.weights)
    before = leads["score"] - phase.score_bias[leads["channel"]]

    assert before.mean() == pytest.approx(55.0, abs=0.06)  # 5 standard errors of a million
    assert before.std() == pytest.approx(12.0, abs=0.05)
    assert phase.score_bias[0] > 0.0
    assert leads["score"].mean() == pytest.approx(55.0 + np.dot(constants.weights, phase.score_bias), abs=0.06)


def test_a_channels_own_mql_rate_becomes_its_bias() -> None:
    phase, constants = of("channels.chat.mql_rate=50%")
    leads = crowd(phase, constants.weights)

    assert constants.score_bias[0] > 0.0
    assert constants.score_bias[1] == 0.0
    assert leads["passed"][leads["channel"] == 0].mean() == pytest.approx(0.5, abs=0.004)


def test_win_rates_set_qualities_by_their_ratio_and_leave_one_factor() -> None:
    phase, constants = of("channels.web.win_rate=2%", "channels.chat.win_rate=5%")
    leads = crowd(phase, constants.weights)
    _, chance = converted(phase, leads)
    channel = leads["channel"][leads["accepted"]]
    wins = np.bincount(channel, chance) / np.bincount(leads["channel"])

    assert wins[0] / wins[1] == pytest.approx(2.5, rel=0.03)
    assert constants.win_rate_factor == pytest.approx(float(wins @ [0.3, 0.7]) / 0.029, rel=0.02)
    assert float(np.dot(constants.weights, constants.qualities)) == pytest.approx(0.0, abs=1e-5)


def test_an_auc_above_perfect_sight_names_the_ceiling_and_its_cause() -> None:
    with pytest.raises(ScenarioError, match=r"score\.accuracy\.auc: 0\.95, is above 0\.\d+.*quality odds are too weak"):
        calibrated("score.accuracy={auc: 0.95}")
    with pytest.raises(ScenarioError, match=r"acceptance\.accuracy\.auc_among_mqls"):
        calibrated("acceptance.accuracy={auc_among_mqls: 0.9}")


def test_an_auc_without_luck_or_losers_has_no_meaning() -> None:
    with pytest.raises(ScenarioError, match="write a correlation instead"):
        calibrated("score.accuracy={auc: 0.6}", "stages.*.conversion=100%")


def test_an_agreement_that_an_auc_makes_impossible_is_found_after_solving() -> None:
    with pytest.raises(ScenarioError, match=r"acceptance\.agreement: -0\.9"):
        calibrated("score.accuracy={auc: 0.65}", "acceptance.agreement=-0.9", "acceptance.accuracy={auc: 0.65}")


def test_contradicting_mql_rates_are_an_error() -> None:
    text = FUNNEL.replace("threshold: 60", "mql_rate: 30%").replace("quality: 0.5", "quality: 0.5, mql_rate: 99.9%")
    parse(text)  # website may make up for it
    with pytest.raises(ScenarioError, match="contradicts"):
        static_calibration(parse(text.replace("mql_rate: 30%", "mql_rate: 29%")))


def test_always_and_never_are_not_solved() -> None:
    constants = calibrated("stages.discovery.conversion=100%", "stages.proposal.conversion=0%", "acceptance=100%")

    assert constants.intercepts == (inf, -inf)
    assert constants.cut == -inf
    assert constants.exact
    assert not planned("acceptance=100%").phases[0].accepts


def test_a_lone_channel_of_equal_leads_needs_only_log_odds() -> None:
    constants = calibrated("stages.*.quality_odds=1", "acceptance=100%")

    assert constants.intercepts == pytest.approx((log(0.45 / 0.55), log(1 / 3)), abs=1e-6)


def test_skills_of_the_base_are_in_its_rates() -> None:
    skilled = calibrated("skills={SDR: {default: {odds: 2}}}")

    assert skilled.intercepts[0] == pytest.approx(calibrated().intercepts[0] - log(2.0), abs=1e-5)
    assert skilled.intercepts[1] == pytest.approx(calibrated().intercepts[1], abs=2e-5)


def test_what_selects_beyond_score_and_assessment_needs_pilots() -> None:
    nurture = "nurture={delay: 21 days}"
    selecting = [
        ("speed_to_lead={default: {odds: {0 hours: 1, 1 hour: 0.6}}}",),
        ("pools.AE.load={odds: {10: 1, 25: 0.7}}",),
        (nurture, "qualification.near_miss=10"),
        (nurture, "acceptance.rejected_to=nurture"),
        (nurture, "stages.discovery.otherwise={nurture: 40%, lost: 60%}"),
        ("stages.discovery.otherwise={postponed: 40%, lost: 60%}", "stages.discovery.postponed_for=90 days"),
        ("pools.SDR.discipline=highest score first",),
        ("channels.chat.patience=1 hour",),
        ("handoff.chat.leak=5%",),
        ("channels.chat.season={aug: 50%}",),
        ("channels.chat.growth=0.3",),
        ("channels.web.campaigns={fair: {from: 2027-03-01, to: 2027-03-05, leads: 300}}",),
        ("skills={SDR: {chat: {odds: 1.3}}}",),
        ("channels.*.patience=1 day", "handoff.chat={delay: 5 hours}"),
        ("opening_pipeline=[{channel: web, stage: proposal, count: 7, age: 5 days}]",),
    ]
    for sets in selecting:
        assert what_selects(scene(*sets)), sets
        assert not calibrated(*sets).exact, sets


def test_what_selects_nothing_needs_none() -> None:
    harmless = [
        (),
        ("channels.*.patience=1 day", "channels.*.day_to_day_swing=0.3"),
        ("handoff.chat={delay: 5 hours}",),
        ("channels.*.season={aug: 50%}", "handoff.default.leak=5%"),
        ("pools.SDR.load={effort: {10: 1, 25: 1.2}}",),
        ("speed_to_lead={default: {strength: 0, odds: {0 hours: 1, 1 hour: 0.6}}}",),
        ("pools.SDR.discipline=newest first", "stages.proposal.no_show=20%"),
        ("pools.SDR.structure=dedicated", "pools.SDR.specialised={default: {odds: 1.2}}"),
    ]
    for sets in harmless:
        assert what_selects(scene(*sets)) == (), sets


def lever(what_if: str, *sets: str, text: str = FUNNEL) -> tuple[Phase, Phase, Calibration]:
    scenario = parse(text + f"what_ifs: {{change: {what_if}}}\n", sets=sets)
    constants = static_calibration(scenario)
    before, after = compile_plan(phases_of(scenario, ["change"]), constants).phases
    return before, after, constants


def test_an_mql_rate_lever_moves_the_threshold_to_that_rate_of_todays_leads() -> None:
    _, after, constants = lever("{qualification.mql_rate: 20%}")

    assert crowd(after, constants.weights)["passed"].mean() == pytest.approx(0.2, abs=0.002)


def test_thresholds_by_channel_keep_their_distance_when_a_rate_moves_them() -> None:
    _, after, constants = lever("{qualification.mql_rate: 20%}", "qualification.threshold={default: 60, chat: 50}")

    assert after.threshold[1] - after.threshold[0] == pytest.approx(10.0)
    assert crowd(after, constants.weights)["passed"].mean() == pytest.approx(0.2, abs=0.002)


def test_the_same_mql_rate_typed_again_moves_nothing() -> None:
    text = FUNNEL.replace("threshold: 60", "mql_rate: 30%")
    before, after, _ = lever("{qualification.mql_rate: 30%}", text=text)

    assert before.threshold.tolist() == after.threshold.tolist()


def test_an_acceptance_lever_moves_the_cut_to_that_rate_of_todays_contacts() -> None:
    before, after, constants = lever("{acceptance.rate: 80%}")
    leads = crowd(before, constants.weights)

    assert (leads["assessment"][leads["passed"]] >= after.cut).mean() == pytest.approx(0.8, abs=0.004)
    assert lever("{acceptance.rate: 100%}")[1].cut == -inf


def test_a_stricter_bar_does_not_move_the_cut() -> None:
    before, after, _ = lever("{qualification.threshold: 75}")

    assert before.cut == after.cut


def test_a_new_acceptance_step_cuts_todays_passed_leads() -> None:
    text = FUNNEL.replace("acceptance: 60%\n", "acceptance: none\n")
    before, after, constants = lever("{acceptance: 70%}", text=text)
    leads = crowd(after, constants.weights)

    assert not before.accepts
    assert (leads["assessment"][leads["passed"]] >= after.cut).mean() == pytest.approx(0.7, abs=0.004)


def test_a_better_score_keeps_its_scale_the_cut_and_the_intercepts() -> None:
    before, after, constants = lever("{score.accuracy: good}")
    leads = crowd(after, constants.weights)

    assert leads["score"].std() == pytest.approx(20.0, abs=0.1)
    assert before.cut == after.cut
    assert [s.intercept for s in before.stages] == [s.intercept for s in after.stages]
    assert after.a_score == pytest.approx(0.0)  # still judges who never talk


def test_an_auc_as_a_lever_is_solved_with_todays_constants() -> None:
    _, after, constants = lever("{score.accuracy: {auc: 0.65}}")
    base = calibrated("score.accuracy={correlation: " + repr(after.r_score) + "}")

    assert 0.5 < after.r_score < 1.0
    assert constants.r_score == 0.5
    assert base.r_score == pytest.approx(after.r_score)


def test_an_agreement_lever_out_of_range_is_an_error() -> None:
    with pytest.raises(ScenarioError, match="agreement"):
        lever("{score.accuracy: perfect}", "acceptance.agreement=0.1")


def test_a_quality_lever_moves_its_channel_from_todays_centre() -> None:
    before, after, constants = lever("{channels.web.quality: 0.4}")

    assert constants.centre == pytest.approx(0.15)
    assert before.quality_mean.tolist() == pytest.approx([0.35, -0.15])
    assert after.quality_mean.tolist() == pytest.approx([0.35, 0.25])
    assert before.score_per_unit == after.score_per_unit


def test_a_win_rate_lever_moves_quality_by_the_ratio_of_rates() -> None:
    sets = ("channels.web.win_rate=2%", "channels.chat.win_rate=5%")
    before, after, constants = lever("{channels.web.win_rate: 3%}", *sets)
    wins = []
    for phase in (before, after):
        leads = crowd(phase, constants.weights)
        _, chance = converted(phase, leads)
        web = leads["channel"][leads["accepted"]] == 1
        wins.append(chance[web].sum())

    assert wins[1] / wins[0] == pytest.approx(1.5, rel=0.02)
    assert after.quality_mean[0] == before.quality_mean[0]


def test_a_win_rate_beyond_any_quality_is_an_error() -> None:
    with pytest.raises(ScenarioError, match=r"channels\.web\.win_rate"):
        lever("{channels.web.win_rate: 95%}", "channels.web.win_rate=2%", "channels.chat.win_rate=5%")


def test_a_bias_lever_flatters_only_its_channel() -> None:
    before, after, _ = lever("{channels.chat.score_bias: 6}")

    assert after.score_bias.tolist() == [6.0, 0.0]
    assert after.score_per_unit == before.score_per_unit


def test_an_mql_rate_lever_of_a_channel_moves_its_bias_at_todays_threshold() -> None:
    _, after, constants = lever("{channels.chat.mql_rate: 50%}")
    share = ndtr((50.0 + after.score_per_unit * 0.5 * 0.35 + after.score_bias[0] - 60.0) / after.score_per_unit)

    assert share == pytest.approx(0.5, abs=1e-6)
    assert constants.score_bias == (0.0, 0.0)
