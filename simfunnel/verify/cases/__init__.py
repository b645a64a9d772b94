"""Cases of queueing and selection theory: small funnels whose numbers are known exactly."""

from simfunnel.verify.cases import effects, patience, priority, revenue, scores, stages, waiting
from simfunnel.verify.cases.case import Case, Simulate, Trial

__all__ = ["CASES", "Case", "Simulate", "Trial"]

CASES: tuple[Case, ...] = tuple(
    sorted(
        (
            *waiting.CASES,
            *patience.CASES,
            *priority.CASES,
            *stages.CASES,
            *revenue.CASES,
            *scores.CASES,
            *effects.CASES,
        ),
        key=lambda case: case.reference,
    )
)
