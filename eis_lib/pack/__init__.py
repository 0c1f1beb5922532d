"""The region pack: schema, facets, tables, checks, reading, saving, settings."""
