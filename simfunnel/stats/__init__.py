"""Statistics over replications: intervals, pairs, the best of many, quantiles, stopping; plain arrays in."""

from simfunnel.stats.cheapest import CheapestPlan, PricedLever, cheapest_plan
from simfunnel.stats.coverage import Coverage, interval_coverage
from simfunnel.stats.elimination import Batch, Elimination, EliminationRule, Selection
from simfunnel.stats.goals import Bounds, ChanceGoal, Goal, LeverGrid, MeanGoal, RankGoal, ranks_for_chance
from simfunnel.stats.holm import DETECTED_AT, Verdict, holm_adjust, verdict
from simfunnel.stats.hypercube import latin_hypercube
from simfunnel.stats.intervals import (
    Estimate,
    estimate,
    estimate_ratio,
    half_width,
    normal_half_width,
    pseudo_values,
    replications_for_skew,
    share_bounds,
    share_interval,
    share_interval_of_groups,
)
from simfunnel.stats.pairs import (
    Difference,
    mean_beside,
    paired_difference,
    paired_ratio_difference,
    smallest_detectable,
)
from simfunnel.stats.quantiles import QuantileEstimate, order_ranks, outcome_range, quantile_estimate
from simfunnel.stats.ranking import BestComparison, TwoStage, compare_with_best, two_stage
from simfunnel.stats.retrospective import Ask, Root, RootSearch
from simfunnel.stats.screening import Screening, can_screen, screening_design, screening_effects
from simfunnel.stats.shapley import (
    MOST_GROUPS,
    Attribution,
    shapley_of_ratio,
    shapley_orders,
    shapley_sampled,
    shapley_values,
    subsets,
)
from simfunnel.stats.stopping import Precision, StopRule, precision_of, replication_checks
from simfunnel.stats.tolerance import KeepableRange, Side, keepable_range, keepable_ranges, least_replications
from simfunnel.stats.tornado import Tornado, interaction, tornado_bars
from simfunnel.stats.variance_components import LEAST_DRAWS, VarianceSplit, split_variance

__all__ = [
    "DETECTED_AT",
    "LEAST_DRAWS",
    "MOST_GROUPS",
    "Ask",
    "Attribution",
    "Batch",
    "BestComparison",
    "Bounds",
    "ChanceGoal",
    "CheapestPlan",
    "Coverage",
    "Difference",
    "Elimination",
    "EliminationRule",
    "Estimate",
    "Goal",
    "KeepableRange",
    "LeverGrid",
    "MeanGoal",
    "Precision",
    "PricedLever",
    "QuantileEstimate",
    "RankGoal",
    "Root",
    "RootSearch",
    "Screening",
    "Selection",
    "Side",
    "StopRule",
    "Tornado",
    "TwoStage",
    "VarianceSplit",
    "Verdict",
    "can_screen",
    "cheapest_plan",
    "compare_with_best",
    "estimate",
    "estimate_ratio",
    "half_width",
    "holm_adjust",
    "interaction",
    "interval_coverage",
    "keepable_range",
    "keepable_ranges",
    "latin_hypercube",
    "least_replications",
    "mean_beside",
    "normal_half_width",
    "order_ranks",
    "outcome_range",
    "paired_difference",
    "paired_ratio_difference",
    "precision_of",
    "pseudo_values",
    "quantile_estimate",
    "ranks_for_chance",
    "replication_checks",
    "replications_for_skew",
    "screening_design",
    "screening_effects",
    "shapley_of_ratio",
    "shapley_orders",
    "shapley_sampled",
    "shapley_values",
    "share_bounds",
    "share_interval",
    "share_interval_of_groups",
    "smallest_detectable",
    "split_variance",
    "subsets",
    "tornado_bars",
    "two_stage",
    "verdict",
]
