"""Compare units on many indicators: a composite index whose every stage can be looked at, changed and run again.

The chain follows the OECD/JRC Handbook on Constructing Composite Indicators (2008): framework, denominators, selection,
missing data, outliers, normalisation, weights, aggregation, coherence, robustness, back to the details. One
:class:`Index` holds the data set of every stage, a log of everything that was changed on the way, and the choices;
``index.change(aggregation="geometric")`` runs the whole chain again with one choice altered.

Conventions that differ between sources, as used here: z-scores take the sample standard deviation unless
``zscore-population`` is chosen; Mazziotta–Pareto, CRITIC and structural distance take the population one; skewness and
kurtosis are the bias-corrected forms, kurtosis as excess; tied values share the smallest rank; Borda counts from zero;
rank 1 of a unit is the best. Statistics that have no power on a handful of units are refused below
:data:`MINIMUM_UNITS`.
"""

from eis_lib.methods.benchmark._aggregation import (
    RANK_DECIMALS,
    WHOLE_PROFILE,
    Aggregation,
    aggregate,
    rank_units,
)
from eis_lib.methods.benchmark._index import Index, build_index
from eis_lib.methods.benchmark._joining import join_areas, latest_values
from eis_lib.methods.benchmark._stages import STAGES, too_few_units
from eis_lib.methods.benchmark._treatment import (
    POSITIVE_ONLY,
    Array,
    BenchmarkError,
    Imputation,
    Normalisation,
    Outliers,
    Treatment,
    impute,
    is_outlying,
    kurtosis,
    make_positive,
    normalise,
    skewness,
    treat_outliers,
)
from eis_lib.methods.benchmark._tree import FRAMEWORK_COLUMNS, MINIMUM_UNITS, Choices, Tree, build_tree
from eis_lib.methods.benchmark._uncertainty import (
    INPUTS,
    Alternatives,
    Simulator,
    Uncertainty,
    run_sensitivity,
    run_uncertainty,
    sobol_indices,
)
from eis_lib.methods.benchmark._weights import (
    STATISTICAL_WEIGHTS,
    Weighting,
    critic_weights,
    cronbach_alpha,
    entropy_weights,
    pca_weights,
    statistical_weights,
)

__all__ = [
    "FRAMEWORK_COLUMNS",
    "INPUTS",
    "MINIMUM_UNITS",
    "POSITIVE_ONLY",
    "RANK_DECIMALS",
    "STAGES",
    "STATISTICAL_WEIGHTS",
    "WHOLE_PROFILE",
    "Aggregation",
    "Alternatives",
    "Array",
    "BenchmarkError",
    "Choices",
    "Imputation",
    "Index",
    "Normalisation",
    "Outliers",
    "Simulator",
    "Treatment",
    "Tree",
    "Uncertainty",
    "Weighting",
    "aggregate",
    "build_index",
    "build_tree",
    "critic_weights",
    "cronbach_alpha",
    "entropy_weights",
    "impute",
    "is_outlying",
    "join_areas",
    "kurtosis",
    "latest_values",
    "make_positive",
    "normalise",
    "pca_weights",
    "rank_units",
    "run_sensitivity",
    "run_uncertainty",
    "skewness",
    "sobol_indices",
    "statistical_weights",
    "too_few_units",
    "treat_outliers",
]
