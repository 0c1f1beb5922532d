"""Recommendations that rest on findings, the options there are, and what an action plan needs of each.

Every recommendation names the findings it comes from and the rows behind them; what a person decided stands above what was
computed. A pair of services that merely look alike is never recommended for closure (GAO-15-49SP): until people have
confirmed the pair and assessed its effects, the only thing to do is to talk. Kinds of option, efforts by option and the
weight of a shared door are project conventions. Indicator codes after Regulation (EU) 2021/1058, annex I, and the common
indicators of 2014–2020; none of them measures exports.
"""

from eis_lib.methods.recommendation._checks import (
    CHECKS,
    RACI_WORDS,
    check_plan,
    funding_table,
    parse_funding,
    parse_players,
    raci_faults,
)
from eis_lib.methods.recommendation._evidence import (
    COLUMNS,
    EFFORT_YEARS,
    PROPOSED,
    TURNED_DOWN,
    Evidence,
    split,
)
from eis_lib.methods.recommendation._indicators import (
    CODE_NAMES,
    NO_EXPORT_CODE,
    NON_FINANCIAL,
    OUTPUT_CODES,
    RESULT_CODE,
    TAKEN_UP_CODE,
    indicators_for,
)
from eis_lib.methods.recommendation._lessons import EFFORT_OF_OPTION
from eis_lib.methods.recommendation._options import CANDIDATE_OPTIONS, list_options, meet
from eis_lib.methods.recommendation._rules import (
    ASK_FIRST,
    OPTION_OF_GAP,
    SHARED_DOOR,
    recommend,
)

__all__ = [
    "ASK_FIRST",
    "CANDIDATE_OPTIONS",
    "CHECKS",
    "CODE_NAMES",
    "COLUMNS",
    "EFFORT_OF_OPTION",
    "EFFORT_YEARS",
    "NON_FINANCIAL",
    "NO_EXPORT_CODE",
    "OPTION_OF_GAP",
    "OUTPUT_CODES",
    "PROPOSED",
    "RACI_WORDS",
    "RESULT_CODE",
    "SHARED_DOOR",
    "TAKEN_UP_CODE",
    "TURNED_DOWN",
    "Evidence",
    "check_plan",
    "funding_table",
    "indicators_for",
    "list_options",
    "meet",
    "parse_funding",
    "parse_players",
    "raci_faults",
    "recommend",
    "split",
]
