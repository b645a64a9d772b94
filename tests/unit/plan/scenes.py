"""Small scenarios for tests of the plan: one funnel, changed by paths."""

from __future__ import annotations

from simfunnel.plan import Calibration, Plan, compile_plan, static_calibration
from simfunnel.plan.frame import Frame, frame_of
from simfunnel.scenario import PlanSpec, Scenario, parse, phases_of

FUNNEL = """
period: {start: 2027-01-04, weeks: 52}
channels:
  web: {leads: 70 / week, deal_value: 10k, day_to_day_swing: 0}
  chat: {leads: 30 / week, deal_value: 10k, quality: 0.5}
qualification: {threshold: 60}
acceptance: 60%
handoff: {default: {instant: true}}
pools:
  AE: {stages: [proposal], reps: 5}
  SDR: {stages: [discovery], reps: 4}
stages:
  - {name: discovery, conversion: 45%, effort: 1 hour}
  - {name: proposal, conversion: 25%, effort: 2 hours, wait: 7 days}
"""


def scene(*sets: str, text: str = FUNNEL) -> Scenario:
    """The small funnel with `PATH=VALUE` changes to the base."""
    return parse(text, sets=sets)


def framed(*sets: str) -> Frame:
    """The frame of the small funnel."""
    return frame_of(scene(*sets))


def planned(*sets: str, what_if: str = "") -> Plan:
    """The plan of the small funnel; `what_if` is the YAML of one what-if."""
    spec = changed(*sets, what_if=what_if)
    return compile_plan(spec, static_calibration(spec.base))


def changed(*sets: str, what_if: str = "") -> PlanSpec:
    """The small funnel's plan in scenario form, with one what-if."""
    text = FUNNEL + (f"what_ifs: {{change: {what_if}}}\n" if what_if else "")
    return phases_of(scene(*sets, text=text), ["change"] if what_if else [])


def calibrated(*sets: str) -> Calibration:
    """Constants of the small funnel by integrals."""
    return static_calibration(scene(*sets))
