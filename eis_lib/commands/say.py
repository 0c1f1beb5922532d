"""How a command talks to whoever called it, and how it refuses."""

from __future__ import annotations

import sys

import typer


def _refuse(message: str) -> None:
    print(f"eis: {message}", file=sys.stderr)
    raise typer.Exit(2)


def say(text: str) -> None:
    """Print talk, as against results, to standard error."""
    print(text, file=sys.stderr)
