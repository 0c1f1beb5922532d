"""What tests of the steps share: a review is opened as a run would open it."""

from __future__ import annotations

from pathlib import Path

import pytest

from eis_lib.record.errand import Errand


def compare_only(patch: pytest.MonkeyPatch, *regions: str, earlier: Path | None = None) -> None:
    """Have reviews opened from here on compare these regions, with earlier steps from a folder or computed anew."""
    for name, value in Errand(chosen=regions, earlier=str(earlier or "")).environment().items():
        patch.setenv(name, value)
