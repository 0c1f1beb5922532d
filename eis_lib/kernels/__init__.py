"""Warm kernels from a fork server; imports nothing else of the library."""
