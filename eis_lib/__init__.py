"""EIS Workbooks: review how a European region helps its SMEs to internationalise.

Six workbooks (map, examine, test, compare, plan, review) share this library. Notebooks import
:mod:`eis_lib.workbook` and one module of :mod:`eis_lib.steps`; everything else serves those.
"""

STEPS = ("map", "examine", "test", "compare", "plan", "review")
"""The six steps, in the order in which a reader meets them. The names are this project's own."""

__all__ = ["STEPS"]
