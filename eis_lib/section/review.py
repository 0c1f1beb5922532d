"""What a section of a workbook is given (a review) and gives back (an answer, charts, tables, how sure)."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import pandas as pd

from eis_lib.pack.folders import region_folder
from eis_lib.pack.pack import Common, Pack, load_pack
from eis_lib.pack.settings import StepParameters, resolve_parameters
from eis_lib.pack.vocabulary import Vocabulary
from eis_lib.section.method import GATHERED
from eis_lib.section.section import SectionFunction
from eis_lib.section.table_text import frame_from_csv, frame_to_csv, stack

P = ParamSpec("P")
T = TypeVar("T")


class EarlierTableError(LookupError):
    """Raised when a step asks for a table that no earlier step leaves."""


@dataclass(frozen=True)
class Sources:
    """Where a review reads from: the packs and, in a run, the tables that earlier steps left.

    Attributes
    ----------
    parameters : Path
        Folder of region packs.
    chosen : tuple of str
        Regions that are compared, sorted.
    earlier : Path or None
        Folder laid out as ``outputs/``; ``None`` where earlier tables are computed on the spot.
    checked : frozenset of str
        Hashes of tables of packs that were checked before the review began.
    left_out : frozenset of str
        Regions of the run that are not compared, because enough others are more alike.
    """

    parameters: Path
    chosen: tuple[str, ...]
    earlier: Path | None = None
    checked: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()


@dataclass
class Review:
    """One region under review at one step: what a section may look at, and nothing else.

    Attributes
    ----------
    step : str
    pack : Pack
    common : Common
    parameters : StepParameters
        The parameters of this step, precedence resolved.
    sources : Sources
    leaves : callable
        Step → {table name: section function that makes it}; given by the workbook.
    inputs : dict
        What has been read so far besides the pack and the common tables: kind and name → hash.
    """

    step: str
    pack: Pack
    common: Common
    parameters: Any
    sources: Sources
    leaves: Callable[[str], Mapping[str, SectionFunction]] = field(default=lambda _step: {})
    inputs: dict[tuple[str, str], str] = field(default_factory=dict)
    _memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def vocabulary(self) -> Vocabulary:
        """Return the code lists with their labels in the language of the review."""
        return self.once(("vocabulary",), lambda: self.common.vocabulary.in_language(self.language))

    @property
    def language(self) -> str:
        """Return the language the review speaks."""
        language: str = self.parameters.language
        return language

    @property
    def year(self) -> int:
        """Return the year looked at: the parameter, or the year of the region's review date."""
        year: int | None = self.parameters.year
        return year if year is not None else self.pack.region.review_year

    @property
    def previous_year(self) -> int:
        """Return the year that step 6 compares with: the parameter, or two years before the year looked at."""
        year: int | None = self.parameters.previous_year
        return year if year is not None else self.year - 2

    def peers(self) -> tuple[Pack, ...]:
        """Return the packs of all chosen regions, this one included, sorted by folder name."""
        if "peers" not in self._memo:
            packs = []
            for region in sorted({*self.sources.chosen, self.pack.id}):
                if region == self.pack.id:
                    packs.append(self.pack)
                    continue
                pack = load_pack(region_folder(self.sources.parameters, region), self.sources.checked)
                self.inputs.update({("pack", name): sha for name, sha in pack.sha256.items()})
                packs.append(pack)
            self._memo["peers"] = tuple(packs)
        peers: tuple[Pack, ...] = self._memo["peers"]
        return peers

    def once(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """Return what `make` gives, made only once for this region; several sections rest on the same landscape."""
        if key not in self._memo:
            self._memo[key] = make()
        return self._memo[key]

    def earlier(self, step: str, table: str) -> pd.DataFrame:
        """Return a table that an earlier step left for this region.

        In a run it is read from the outputs of that step; elsewhere the same section function makes it, and the
        frame passes through the same text, so that both ways give the same types and digits.

        Raises
        ------
        EarlierTableError
            If the step does not leave such a table.
        """
        key = (step, table)
        if key not in self._memo:
            self._memo[key] = self._earlier(step, table)
        frame: pd.DataFrame = self._memo[key]
        return frame.copy()

    def gathered(self, table: str) -> pd.DataFrame:
        """Return a table of steps 1 to 3 stacked over all chosen regions, with the first column ``region``.

        Raises
        ------
        EarlierTableError
            If the table is not one of :data:`GATHERED`.
        """
        if table not in GATHERED:
            raise EarlierTableError(f"'{table}' is not gathered. Known: {', '.join(GATHERED)}.")
        key = ("_gathered", table)
        if key not in self._memo:
            if self.sources.earlier is not None:
                self._memo[key] = self._read(
                    self.sources.earlier / "_gathered" / f"{table}.csv", "gathered", table
                )
            else:
                frames = []
                for pack in self.peers():
                    frame = self._of(pack, GATHERED[table]).earlier(GATHERED[table], table)
                    frame.insert(0, "region", pack.id)
                    frames.append(frame)
                self._memo[key] = frame_from_csv(frame_to_csv(stack(frames)))
        stacked: pd.DataFrame = self._memo[key]
        return stacked[~stacked["region"].isin(self.sources.left_out)].reset_index(drop=True)

    def _of(self, pack: Pack, step: str) -> Review:
        """Return the review of another region or step over the same sources."""
        parameters: StepParameters = resolve_parameters(
            step, {"language": self.language}, pack.region.step_parameters(step)
        )
        memo = self._memo if pack.id == self.pack.id else self._memo.setdefault(("memo", pack.id), {})
        return replace(self, step=step, pack=pack, parameters=parameters, _memo=memo)

    def _earlier(self, step: str, table: str) -> pd.DataFrame:
        made_by = self.leaves(step).get(table)
        if made_by is None:
            known = ", ".join(self.leaves(step))
            raise EarlierTableError(f"step '{step}' leaves no table '{table}'. Known: {known}.")
        if self.sources.earlier is not None:
            path = self.sources.earlier / self.pack.id / "tables" / step / f"{table}.csv"
            return self._read(path, "earlier", f"{self.pack.id}/{step}/{table}")
        section = made_by(self._of(self.pack, step))
        return frame_from_csv(frame_to_csv(section.tables[table].frame))

    def _read(self, path: Path, kind: str, name: str) -> pd.DataFrame:
        import hashlib

        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise EarlierTableError(f"{kind} table '{name}' is not among the outputs of this run") from None
        self.inputs[kind, name] = hashlib.sha256(content).hexdigest()
        return frame_from_csv(content.decode("utf-8"))


def once_per_review(function: Callable[P, T]) -> Callable[P, T]:
    """Have a function of a review computed once for each choice of its other arguments; several sections rest on it.

    A frame is handed out as a copy that costs nothing until it is written to, so that no section changes another's.
    """
    signature = inspect.signature(function)

    @functools.wraps(function)
    def made(*args: P.args, **kwargs: P.kwargs) -> T:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()  # a choice left out and the same choice made are one
        review, *choices = bound.arguments.values()
        key = (function.__module__, function.__qualname__, review.step, *choices)
        found = review.once(key, lambda: function(*args, **kwargs))
        if isinstance(found, pd.DataFrame):
            return cast("T", found.copy(deep=False))
        return cast("T", found.copy()) if isinstance(found, list | dict) else found

    return made
