"""The sections of each workbook, one package per step: a review in, an answer with its charts and tables out."""
