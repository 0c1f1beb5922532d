"""The charts of each step, mirroring ``steps``: tidy frame in, Altair chart out; theme, picture, shared parts."""
