"""Weighing options against several criteria: value functions, weights, three methods, and how firm the first place is.

Conventions, the same in every function: a frame of options × criteria without missing cells (missing is not zero; an option
that lacks a value is refused by name), a direction per criterion (1: more is better, −1: less is better) and weights that are
scaled to sum to one. A rank is 1 for the best; ties share the smallest. Constant criteria tell no option from another and are
dropped with a message before anything else. Formulas after Belton and Stewart (2002) for the weighted sum, Hwang and Yoon
(1981) for TOPSIS, Brans and Vincke (1985) for PROMETHEE.
"""

from eis_lib.methods.choice._decision import (
    Array,
    ChoiceError,
    Decision,
    dominated,
    local_values,
    prepare,
    swing_weights,
    value_function,
)
from eis_lib.methods.choice._methods import (
    Preference,
    PreferenceKind,
    compare_methods,
    promethee,
    rank,
    rank_reversals,
    topsis,
    weight_changes,
    weighted_sum,
)

__all__ = [
    "Array",
    "ChoiceError",
    "Decision",
    "Preference",
    "PreferenceKind",
    "compare_methods",
    "dominated",
    "local_values",
    "prepare",
    "promethee",
    "rank",
    "rank_reversals",
    "swing_weights",
    "topsis",
    "value_function",
    "weight_changes",
    "weighted_sum",
]
