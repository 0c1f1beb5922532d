"""What a run shows while it goes on: a live table in a terminal, a line per event in a log, JSON for a scheduler."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from eis_lib.record.graph import Node
from eis_lib.section.method import STEPS

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from eis_lib.batch.request import Event, Show, Summary

SHOWN_REGIONS = 24
"""Rows of the live table; with more regions, those at work are shown."""

SIGNS = {
    "done": "[green]✓[/]",
    "fresh": "[dim]·[/]",
    "failed": "[red]✗[/]",
    "skipped": "[yellow]–[/]",
    "start": "[cyan]▸[/]",
}


def json_line(event: Event) -> str:
    """Return an event as one line of JSON; what is empty is left out."""
    data = {name: value for name, value in asdict(event).items() if value or name == "kind"}
    if "nodes" in data:
        data["notebooks"] = len(data.pop("nodes"))
    return json.dumps(data, ensure_ascii=False)


def log_line(event: Event) -> str:
    """Return an event as one line of text; nothing for those a log does not need."""
    name = f"{event.region} {STEPS[event.step].stem}" if event.step else event.region
    match event.kind:
        case "done":
            return f"{name}: done in {event.seconds:.1f} s, {event.tables} tables, {event.charts} charts"
        case "failed":
            kept = f"; kept as far as it got: {event.path}" if event.path else ""
            return f"{name}: FAILED: {event.message}{kept}"
        case "skipped":
            return f"{name}: skipped: {event.message}"
        case "refused":
            return "\n".join([f"{name}: refused: {event.message}", *(f"  {fault}" for fault in event.faults)])
        case "gathered":
            return f"gathered {event.message}"
        case "remark":
            return event.message
        case _:
            return ""


def summary_lines(summary: Summary) -> list[str]:
    """Return what a run says at its end."""
    counts = {
        "done": summary.done,
        "fresh": summary.fresh,
        "failed": summary.failed,
        "skipped": summary.skipped,
    }
    parts = [f"{len(nodes)} {word}" for word, nodes in counts.items() if nodes]
    if summary.refused:
        parts.append(f"{len(summary.refused)} region{'s' if len(summary.refused) > 1 else ''} refused")
    total = sum(map(len, counts.values()))
    lines = [
        f"{total} notebook{'' if total == 1 else 's'}: {', '.join(parts) or 'nothing to do'}; "
        f"{summary.tables} tables, {summary.charts} charts; {_spoken(summary.seconds)}",
        f"in {summary.outputs}",
    ]
    if summary.failed:
        lines.append(f"failed: {', '.join(map(str, summary.failed))}")
    if summary.skipped:
        lines.append(f"skipped: {', '.join(map(str, summary.skipped))}")
    if summary.refused:
        lines.append(f"refused: {', '.join(summary.refused)}")
    if summary.stopped:
        lines.append("stopped by hand; the next run picks up what is missing")
    return lines


@contextmanager
def showing(console: Console, *, quiet: bool, as_json: bool) -> Iterator[Show]:
    """Give the function that shows events, in the manner that fits where they are shown."""
    if as_json:
        yield lambda event: print(json_line(event), flush=True)
    elif quiet:
        yield lambda event: _say(console, event) if event.kind in {"failed", "refused", "remark"} else None
    elif console.is_terminal:
        yield from _live(console)
    else:
        yield lambda event: _say(console, event)


def _say(console: Console, event: Event) -> None:
    line = log_line(event)
    if line:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _live(console: Console) -> Iterator[Show]:
    from rich.live import Live

    board = Board()
    with Live(board, console=console, refresh_per_second=4) as live:

        def show(event: Event) -> None:
            board.add(event)
            if event.kind in {"done", "failed", "refused", "remark"}:
                _say(live.console, event)

        yield show


class Board:
    """Regions × steps, with what is done, at work, failed; elapsed time and an estimate of what remains."""

    def __init__(self) -> None:
        self.begin = time.monotonic()
        self.signs: dict[Node, str] = {}
        self.spent: list[float] = []
        self.at_once = 1

    def add(self, event: Event) -> None:
        """Take note of an event."""
        if event.kind == "plan":
            self.signs = dict.fromkeys(event.nodes, "")
        elif event.step:
            self.signs[Node(event.region, event.step)] = event.kind
            self.at_once = max(self.at_once, sum(kind == "start" for kind in self.signs.values()) - 1)
            if event.kind == "done":
                self.spent.append(event.seconds)

    def remaining(self) -> float | None:
        """Return an estimate of the seconds that remain: open notebooks at the average so far; None before that."""
        left = sum(kind in {"", "start"} for kind in self.signs.values())
        if not self.spent:
            return None
        return left * sum(self.spent) / len(self.spent) / self.at_once

    def __rich__(self) -> Table:
        """Return the table as it stands."""
        from rich.table import Table

        ended = sum(kind not in {"", "start"} for kind in self.signs.values())
        remaining = self.remaining()
        about = f", about {_clock(remaining)} remain" if remaining is not None else ""
        table = Table(
            title=f"{ended} of {len(self.signs)} notebooks, {_clock(time.monotonic() - self.begin)}{about}",
            title_justify="left",
            box=None,
            pad_edge=False,
        )
        table.add_column("region")
        for step in STEPS:
            table.add_column(step, justify="center")
        regions = list(dict.fromkeys(node.region for node in self.signs))
        if len(regions) > SHOWN_REGIONS:
            busy = [node.region for node, kind in self.signs.items() if kind in {"start", "failed"}]
            regions = list(dict.fromkeys(busy))[:SHOWN_REGIONS]
        for region in regions:
            table.add_row(region, *(SIGNS.get(self.signs.get(Node(region, step), ""), " ") for step in STEPS))
        return table


def _spoken(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
