"""Statistics over replications: intervals, pairs, the best of many, quantiles, stopping; plain arrays in."""

from simfunnel.stats.elimination import Batch, Elimination, EliminationRule, Selection
from simfunnel.stats.holm import DETECTED_AT, Verdict, holm_adjust, verdict
from simfunnel.stats.intervals import (
    Estimate,
    estimate,
    estimate_ratio,
    half_width,
    replications_for_skew,
    share_bounds,
    share_interval,
)
from simfunnel.stats.pairs import Difference, paired_difference, paired_ratio_difference, smallest_detectable
from simfunnel.stats.quantiles import QuantileEstimate, order_ranks, outcome_range, quantile_estimate
from simfunnel.stats.ranking import BestComparison, TwoStage, compare_with_best, two_stage
from simfunnel.stats.stopping import Precision, StopRule, precision_of, replication_checks

__all__ = [
    "DETECTED_AT",
    "Batch",
    "BestComparison",
    "Difference",
    "Elimination",
    "EliminationRule",
    "Estimate",
    "Precision",
    "QuantileEstimate",
    "Selection",
    "StopRule",
    "TwoStage",
    "Verdict",
    "compare_with_best",
    "estimate",
    "estimate_ratio",
    "half_width",
    "holm_adjust",
    "order_ranks",
    "outcome_range",
    "paired_difference",
    "paired_ratio_difference",
    "precision_of",
    "quantile_estimate",
    "replication_checks",
    "replications_for_skew",
    "share_bounds",
    "share_interval",
    "smallest_detectable",
    "two_stage",
    "verdict",
]
