"""A typed rate describes today: the base's constants are solved once and hold in every plan (MODEL 0, 9)."""

from __future__ import annotations

from simfunnel.scenario import parse
from simfunnel.study.years.plans import prepare
from simfunnel.study.years.work import Work
from tests.traces.harness import at, compiled, funnel


def test_a_comparison_keeps_the_constants_of_the_base_under_levers() -> None:
    """As a study prepares it: solved anew at a threshold of 65, the better leads would get a lower intercept for
    45%.
    """
    scenario = funnel(
        {"a": at(10)},
        call={"conversion": "45%"},
        qualification={"threshold": 50},
        what_ifs={"change": {"qualification.threshold": 65}},
    )
    base, stricter = prepare(parse(scenario), [[], ["change"]], "period", Work()).plans
    assert [phase.threshold[0] for phase in stricter.phases] == [50, 65]
    intercept = base.phases[0].stages[0].intercept
    assert [phase.stages[0].intercept for phase in stricter.phases] == [intercept] * 2
    anew = compiled({**scenario, "qualification": {"threshold": 65}})
    assert anew.phases[0].stages[0].intercept < intercept - 0.05
