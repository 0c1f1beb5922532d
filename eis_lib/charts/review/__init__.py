"""Charts of step 6, review: targets, control charts, alerts, what changed, the governance scorecard.

Every function takes a tidy frame whose labels are already words a reader knows and whose rows are in reading order, and
returns a finished chart; only the rows drawn go into it. Time axes are in UTC, so that a picture is the same everywhere.
"""

from eis_lib.charts.review._alerts import STATE_SHAPES, alerts_timeline
from eis_lib.charts.review._change import landscape_change, need_change
from eis_lib.charts.review._control import ROW_HEIGHT, SIGNAL_SHAPES, control_chart
from eis_lib.charts.review._governance import scorecard
from eis_lib.charts.review._hindsight import VERDICTS, hindsight
from eis_lib.charts.review._tracking import LIGHT_COLOURS, target_tracking

__all__ = [
    "LIGHT_COLOURS",
    "ROW_HEIGHT",
    "SIGNAL_SHAPES",
    "STATE_SHAPES",
    "VERDICTS",
    "alerts_timeline",
    "control_chart",
    "hindsight",
    "landscape_change",
    "need_change",
    "scorecard",
    "target_tracking",
]
