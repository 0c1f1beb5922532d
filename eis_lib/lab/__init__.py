"""A workbook in JupyterLab: page, parts, grid, picker, judgements, extension."""
