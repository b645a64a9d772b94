"""Statistics over replications: intervals, pairs, Holm, quantiles, stopping; plain arrays in, small tuples out."""

from simfunnel.stats.holm import DETECTED_AT, Verdict, holm_adjust, verdict
from simfunnel.stats.intervals import Estimate, estimate, estimate_ratio, half_width, share_interval
from simfunnel.stats.pairs import Difference, paired_difference, paired_ratio_difference, smallest_detectable
from simfunnel.stats.quantiles import QuantileEstimate, order_ranks, outcome_range, quantile_estimate
from simfunnel.stats.stopping import Precision, StopRule, precision_of, replication_checks

__all__ = [
    "DETECTED_AT",
    "Difference",
    "Estimate",
    "Precision",
    "QuantileEstimate",
    "StopRule",
    "Verdict",
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
    "share_interval",
    "smallest_detectable",
    "verdict",
]
