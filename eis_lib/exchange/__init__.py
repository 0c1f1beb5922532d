"""In and out of a pack: spreadsheets, CPSV-AP, SKOS, Eurostat."""
