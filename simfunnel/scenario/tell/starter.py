"""The commented scenario that `simfunnel init` writes: enough for a first answer, with the next steps in comments."""

from __future__ import annotations

from simfunnel.scenario.tell.reference import EDITOR_LINE

_TEXT = """\
# Type your own numbers; whatever is not typed is assumed, and listed by: simfunnel check {name}
# Then: simfunnel run {name}    and: simfunnel compare {name} stricter two_more_reps
title: Our inbound funnel
currency: USD
period: {{start: 2027-01-04, months: 12}}
calendar: {{days: Mon-Fri, hours: "09:00-17:30"}}          # add holidays: US and time_zone: America/New_York

# Where leads come from. Volume as leads (1000 / month) or as visits with visit_to_lead.
channels:
  website:
    leads: 700 / month
    cost_per_lead: 60
    deal_value: {{median: 9k, p90: 30k}}                   # half below 9k, nine of ten below 30k
    patience: {{median: 3 days}}                           # how long a lead waits for an answer before it goes cold
  webinar:
    leads: 300 / month
    cost_per_lead: 85
    deal_value: 11k
    patience: {{median: 5 days}}

# Today's rates, as your CRM shows them: simfunnel solves the funnel so that it shows them too.
qualification: {{mql_rate: 30%}}                           # or threshold: 60, in points of your score
acceptance: {{rate: 60%}}                                  # share of MQLs that sales accepts

handoff:
  default: {{delay: {{median: 3 hours, p90: 1 day}}, leak: 2%}}
  # webinar: {{batch: "Mon,Thu 09:00"}}                    # leads that are handed over as a list

# What a late first call does to the odds at the first stage. A belief: dial strength from 0 (off) to 1.
speed_to_lead:
  default: {{strength: 0.5, odds: {{0 hours: 1.0, 1 hour: 0.6, 24 hours: 0.2}}}}

pools:
  SDR: {{stages: [discovery], reps: 4, selling_time: 50%, cost_per_rep: 75k / year}}
  AE: {{stages: [demo, proposal], reps: 4, selling_time: 50%, cost_per_rep: 140k / year, ownership: rep}}

stages:
  - {{name: discovery, conversion: 45%, effort: 45 minutes}}
  - {{name: demo, conversion: 55%, effort: 60 minutes, wait: {{median: 5 days, p90: 14 days}}}}
  - {{name: proposal, conversion: 30%, effort: 3 hours, wait: {{median: 12 days, p90: 35 days}}}}

target: {{revenue: 1.5M, confidence: 80%}}

# Each what-if is one or more changes of the file above, by path.
what_ifs:
  stricter: {{qualification.mql_rate: 20%}}
  faster_handoff: {{handoff.default.delay: 15 minutes}}
  two_more_reps: {{pools.SDR.reps: 2 more}}
  more_leads: {{channels.*.volume: 20% more}}
  growth_plan: [more_leads, two_more_reps, faster_handoff]
"""


def starter_text(name: str = "funnel.yaml") -> str:
    """The text of a new scenario file called `name`; it can be run as it stands."""
    return f"{EDITOR_LINE}\n{_TEXT.format(name=name)}"
