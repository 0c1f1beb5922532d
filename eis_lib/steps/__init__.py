"""The sections of each workbook: a review in, an answer with its charts and tables out; one module per step."""
