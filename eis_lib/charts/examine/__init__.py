"""Charts of step 2, examine: tidy frame in, finished chart out; labels come ready to be read."""

from eis_lib.charts.examine._coherence import chart_candidates, chart_coherence
from eis_lib.charts.examine._criteria import chart_agreement, chart_criteria
from eis_lib.charts.examine._delivery import BACKING, chart_backing, chart_money, chart_timeline
from eis_lib.charts.examine._demand import chart_need_and_policy, chart_policy_barriers, chart_surveys
from eis_lib.charts.examine._governance import chart_bodies, chart_roles
from eis_lib.charts.examine._logic import chart_logic_chain, chart_logic_faults
from eis_lib.charts.examine._parts import ROW, STANDING_LABELS

__all__ = [
    "BACKING",
    "ROW",
    "STANDING_LABELS",
    "chart_agreement",
    "chart_backing",
    "chart_bodies",
    "chart_candidates",
    "chart_coherence",
    "chart_criteria",
    "chart_logic_chain",
    "chart_logic_faults",
    "chart_money",
    "chart_need_and_policy",
    "chart_policy_barriers",
    "chart_roles",
    "chart_surveys",
    "chart_timeline",
]
