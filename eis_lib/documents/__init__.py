"""Word: one file per document, and one list of them."""
