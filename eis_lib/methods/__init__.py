"""Pure functions of frames, one package per method, each file one idea."""
