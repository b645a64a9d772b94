"""Cases of queueing and selection theory: small funnels whose numbers are known exactly."""

from simfunnel.verify.cases.funnel import EFFECTS_CASES, REVENUE_CASES, SCORES_CASES, STAGES_CASES
from simfunnel.verify.cases.queues import PATIENCE_CASES, PRIORITY_CASES, WAITING_CASES
from simfunnel.verify.judging import Case, Simulate, Trial

__all__ = ["CASES", "Case", "Simulate", "Trial"]

CASES: tuple[Case, ...] = tuple(
    sorted(
        (
            *WAITING_CASES,
            *PATIENCE_CASES,
            *PRIORITY_CASES,
            *STAGES_CASES,
            *REVENUE_CASES,
            *SCORES_CASES,
            *EFFECTS_CASES,
        ),
        key=lambda case: case.reference,
    )
)
