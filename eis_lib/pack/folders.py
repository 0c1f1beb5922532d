"""Where region packs lie, and the errors about them: what a command needs before it needs anything heavy.

Nothing here imports pandas, so that a command that finds nothing to do says so at once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eis_lib.pack.schema import Fault


COMMON_FOLDER = "_common"
LAYERS_FOLDER = "_layers"
PROFILE_FILE = "region.yaml"
REGION_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


class RegionError(ValueError):
    """Raised when a region is asked for that does not exist or could never be a folder of ``parameters/``."""


class PackError(ValueError):
    """Raised when a pack has faults.

    Attributes
    ----------
    faults : tuple of Fault
        All of them, in reading order.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))

    def __reduce__(self) -> tuple[type[PackError], tuple[tuple[Fault, ...]]]:
        """Return how another process makes it again: of its faults, not of their words."""
        return type(self), (self.faults,)


class NoParametersError(FileNotFoundError):
    """Raised when no folder of region packs can be found."""


def find_parameters(start: Path | None = None) -> Path:
    """Return the folder of region packs: ``EIS_PARAMETERS``, else the first ``parameters`` upwards from here.

    Raises
    ------
    NoParametersError
        If there is none.
    """
    given = os.environ.get("EIS_PARAMETERS")
    if given:
        return Path(given)
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[2]):
        if (folder / "parameters" / COMMON_FOLDER).is_dir():
            return folder / "parameters"
    raise NoParametersError("no folder 'parameters' with '_common' here or above; set EIS_PARAMETERS to it")


def list_regions(parameters: Path, *, invented: bool = False) -> tuple[str, ...]:
    """Return the names of all regions that have a folder, sorted; invented ones only when asked for."""
    if not parameters.is_dir():
        return ()
    names = []
    for folder in sorted(parameters.iterdir()):
        if not REGION_NAME.fullmatch(folder.name) or not (folder / PROFILE_FILE).is_file():
            continue
        text = (folder / PROFILE_FILE).read_text("utf-8", errors="replace")
        if invented or not re.search(r"^invented:\s*true\s*$", text, flags=re.MULTILINE):
            names.append(folder.name)
    return tuple(names)


def list_unfinished(parameters: Path) -> tuple[str, ...]:
    """Return the folders that hold tables and no ``region.yaml``, sorted: nobody would miss them, were they not named."""
    return tuple(
        folder.name
        for folder in sorted(parameters.iterdir())
        if REGION_NAME.fullmatch(folder.name)
        and not (folder / PROFILE_FILE).is_file()
        and any(folder.glob("*.csv"))
    )


def region_folder(parameters: Path, region: str) -> Path:
    """Return the folder of a region.

    Raises
    ------
    RegionError
        If the name could never be a folder of ``parameters/`` (so that no path can be smuggled in), or there is
        no such folder; the nearest name is given.
    """
    could_be = isinstance(region, str) and REGION_NAME.fullmatch(region)
    if could_be and (parameters / region / PROFILE_FILE).is_file():
        return parameters / region
    known = list_regions(parameters, invented=True)
    if not could_be:
        raise RegionError(
            f"'{region}' cannot be the name of a region: use lower-case letters, digits and '-'. "
            f"Known: {', '.join(known)}."
        )
    if region in list_unfinished(parameters):
        raise RegionError(f"'{region}' has tables and no {PROFILE_FILE}, which says what region it is.")
    from eis_lib.pack.schema import nearest_of

    nearest = nearest_of(region, known)
    hint = f" Did you mean '{nearest}'?" if nearest else ""
    raise RegionError(f"there is no region '{region}'.{hint} Known: {', '.join(known)}.")
