"""The six steps, in their order, and the tables that are gathered between them: said once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One of the six steps, as a run sees it.

    Attributes
    ----------
    name : str
        Name of the step, e.g. ``test``.
    number : int
        Its place in the order, 1–6.
    rests_on : tuple of str
        Steps of the same region that have to be done before.
    after_barrier : bool
        Whether it waits until the tables of every region of the run have been gathered.
    gathered : tuple of str
        Tables it has to leave because they are gathered at the barrier.
    """

    name: str
    number: int
    rests_on: tuple[str, ...] = ()
    after_barrier: bool = False
    gathered: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        """Return the name of the workbook without its ending, e.g. ``3_test``."""
        return f"{self.number}_{self.name}"

    @property
    def notebook(self) -> str:
        """Return the file name of the workbook, e.g. ``3_test.ipynb``."""
        return f"{self.stem}.ipynb"


STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step("map", 1, gathered=("coverage", "concentration")),
        Step("examine", 2, gathered=("barrier_coverage", "demand")),
        Step("test", 3, rests_on=("map", "examine"), gathered=("profile", "gaps", "journeys")),
        Step("compare", 4, rests_on=("test",), after_barrier=True),
        Step("plan", 5, rests_on=("test", "compare")),
        Step("review", 6, rests_on=("plan",)),
    )
}
"""The six steps in reading order."""

GATHERED: dict[str, str] = {table: step.name for step in STEPS.values() for table in step.gathered}
"""Table gathered at the barrier → step that leaves it."""


def step_number(step: str) -> int:
    """Return the number of a step, 1 to 6."""
    return STEPS[step].number
