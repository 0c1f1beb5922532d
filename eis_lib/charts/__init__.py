"""Charts: one module per step, tidy frame in, Altair chart out; the house look is in :mod:`eis_lib.charts.theme`."""
