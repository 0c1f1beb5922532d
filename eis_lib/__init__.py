"""EIS Workbooks: review how a European region helps its SMEs to internationalise.

Six workbooks (map, examine, test, compare, plan, review) share this library. Notebooks import
:mod:`eis_lib.workbook` and one package of :mod:`eis_lib.steps`; everything else serves those.
"""
