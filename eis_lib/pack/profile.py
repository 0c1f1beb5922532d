"""What region.yaml says of a region, and its faults."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pydantic
import yaml
from pydantic import ConfigDict, Field

from eis_lib.language.messages import ENGLISH, LANGUAGES, Language, nearest_language
from eis_lib.pack.csv_text import _short
from eis_lib.pack.schema import Fault, nearest_of
from eis_lib.pack.settings import PARAMETERS, allowed_values, unknown_parameter

NUTS_VERSIONS = ("2003", "2006", "2010", "2013", "2016", "2021", "2024")


class Partner(pydantic.BaseModel):
    """An EIS partner organisation of the region."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str = Field(description="Name of the organisation")
    provider_id: str = Field("", description="Its row in providers.csv, where it has one")


class IndicatorArea(pydantic.BaseModel):
    """An area whose indicators may stand for the region."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    code: str = Field(
        pattern=r"^([A-Z]{2}[0-9A-Z]{0,3}|EU[0-9_]+)$", description="NUTS code, country or EU aggregate"
    )
    version: str = Field("", description="NUTS version of the code; empty for countries and aggregates")
    note: str = Field("", description="How far the area stands for the region")


class RegionProfile(pydantic.BaseModel):
    """What ``region.yaml`` says of a region."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, description="Name in English")
    name_native: str = Field(min_length=1, description="Name in its own language")
    nuts_code: str = Field(pattern=r"^[A-Z]{2}[0-9A-Z]{0,3}$", description="a NUTS code such as DK04")
    nuts_version: str = Field(description=f"one of {', '.join(NUTS_VERSIONS)}")
    nuts_level: int = Field(ge=0, le=3, description="a whole number from 0 to 3")
    level: str = Field(min_length=1, description="the kind of area in words, e.g. county")
    country: str = Field(
        pattern=r"^[A-Z]{2}$", description="two capital letters, as Eurostat writes them (EL, UK)"
    )
    languages: tuple[str, ...] = Field(min_length=1, description="a list of two-letter language codes")
    currency: str = Field(pattern=r"^[A-Z]{3}$", description="three capital letters, e.g. EUR")
    population: int | None = Field(None, ge=0, description="a whole number, or nothing")
    population_year: int | None = Field(
        None, ge=1990, le=2035, description="a year from 1990 to 2035, or nothing"
    )
    population_source: str = Field("", description="where the figure comes from")
    review_date: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="a day as YYYY-MM-DD")
    policy_instrument: str = Field("", description="name of the policy instrument addressed")
    policy_instrument_kind: str = Field("", description="kind of the policy instrument")
    budget_eur: float | None = Field(None, ge=0, description="a number of euros, or nothing")
    budget_note: str = Field("", description="what the budget rests on")
    indicator_areas: tuple[IndicatorArea, ...] = Field(
        (), description="a list of {code, version, note}, nearest first"
    )
    partners: tuple[Partner, ...] = Field((), description="a list of {name, provider_id}")
    invented: bool = Field(default=False, description="true or false")
    note: str = Field("", description="text")
    language: Language = Field(ENGLISH, description=", ".join(LANGUAGES))
    layers: tuple[str, ...] = Field((), description="a list of layers, folders of parameters/_layers")
    steps: Mapping[str, Mapping[str, str]] = Field(
        default_factory=dict, description="step → parameter → value, see the parameters cell of each workbook"
    )

    @property
    def nuts_2_code(self) -> str:
        """Return the code of the NUTS 2 region: of a county, the region around it; nothing for an area of several.

        The first four characters of a NUTS code are its NUTS 2 region.
        """
        return self.nuts_code[:4] if self.nuts_level >= 2 else ""

    @property
    def review_year(self) -> int:
        """Return the year of the review date."""
        return int(self.review_date[:4])

    def step_parameters(self, step: str) -> dict[str, str]:
        """Return the parameters that ``region.yaml`` gives a step."""
        return {"language": self.language, **self.steps.get(step, {})}


# --- region.yaml -----------------------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    """Return a YAML value read as text with "nothing" as None; every scalar stays text until the profile types it."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if _plain(item) is not None}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return None if value in {"", "null", "~", "Null", "NULL"} else value


def _lines_of(node: yaml.Node | None, prefix: str = "") -> dict[str, int]:
    lines: dict[str, int] = {}
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = f"{prefix}{key.value}"
            lines[name] = key.start_mark.line + 1
            lines.update(_lines_of(value, f"{name}."))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines[f"{prefix}{index}"] = value.start_mark.line + 1
            lines.update(_lines_of(value, f"{prefix}{index}."))
    return lines


def _twice(node: yaml.Node | None, prefix: str = "") -> Iterable[tuple[str, int]]:
    """Give the keys that are there a second time, of which YAML would silently take the last, and their lines."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield f"{prefix}{key.value}", key.start_mark.line + 1
            seen.add(key.value)
            yield from _twice(value, f"{prefix}{key.value}.")
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _twice(value, f"{prefix}{index}.")


def _parsed(text: str) -> tuple[Any, yaml.Node | None]:
    """Return the data of a YAML text and its nodes; every loader raises what PyYAML's own says of a fault."""
    # the quick loader is not in every build of PyYAML
    with contextlib.suppress(yaml.YAMLError, AttributeError):
        return yaml.load(text, Loader=yaml.CBaseLoader), yaml.compose(text, Loader=yaml.CBaseLoader)  # noqa: S506
    return yaml.load(text, Loader=yaml.BaseLoader), yaml.compose(text, Loader=yaml.BaseLoader)  # noqa: S506


def read_yaml(
    path: Path, file: str, known: Iterable[str]
) -> tuple[dict[str, Any] | None, dict[str, int], list[Fault]]:
    """Return what a file of keys says, every scalar as text, the line of each key, and the faults of its form.

    Parameters
    ----------
    path : Path
    file : str
        How the file is named in a fault.
    known : iterable of str
        The keys it may have, named where it is empty.
    """
    if path.is_dir():
        return None, {}, [Fault(file, 0, "", "is a folder", "a file")]
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        first = ", ".join(list(known)[:3])
        return None, {}, [Fault(file, 0, "", "is missing", f"a file that says {first}, …")]
    except UnicodeDecodeError as error:
        return None, {}, [Fault(file, 0, "", f"is not UTF-8 (byte {error.start})", "a file saved as UTF-8")]
    try:
        # every scalar as text: YAML would turn the country code NO into false
        data, node = _parsed(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", "cannot be read")
        line = mark.line + 1 if mark else 0
        if mark and text.splitlines()[mark.line][mark.column : mark.column + 1] == "\t":
            return None, {}, [Fault(file, line, "", "is indented with a tab", "spaces")]
        return None, {}, [Fault(file, line, "", f"is not YAML: {problem}", "lines as 'key: value'")]
    if not isinstance(data, dict):
        return None, {}, [Fault(file, 0, "", "is empty", f"keys: {', '.join(known)}")]
    faults = [Fault(file, line, key, "is there twice", "each key once") for key, line in _twice(node)]
    return _plain(data), _lines_of(node), faults


def read_profile(path: Path, file: str) -> tuple[RegionProfile | None, list[Fault]]:
    """Return what a ``region.yaml`` says, and its faults (line, key, what it holds, what is allowed)."""
    data, lines, faults = read_yaml(path, file, RegionProfile.model_fields)
    if data is None:
        return None, faults
    profile: RegionProfile | None = None
    try:
        profile = RegionProfile(**data)
    except pydantic.ValidationError as error:
        for problem in error.errors():
            faults.append(_profile_fault(problem, lines, file))
    faults.extend(_step_faults(data.get("steps") or {}, lines, file))
    if profile is not None:
        faults.extend(_profile_rules(profile, lines, file))
    return (None if faults else profile), faults


def _step_faults(steps: Any, lines: Mapping[str, int], file: str) -> list[Fault]:
    """Return the faults of the parameters given to steps."""
    faults: list[Fault] = []
    for step, values in steps.items() if isinstance(steps, dict) else []:
        line = lines.get(f"steps.{step}", 0)
        if step not in PARAMETERS:
            faults.append(
                Fault(
                    file,
                    line,
                    f"steps.{step}",
                    "is not a step",
                    ", ".join(PARAMETERS),
                    nearest_of(step, PARAMETERS),
                )
            )
            continue
        for name in values if isinstance(values, dict) else []:
            if name == "language":
                where = lines.get(f"steps.{step}.{name}", line)
                key = f"steps.{step}.{name}"
                faults.append(
                    Fault(file, where, key, "is for all steps", "the key 'language' beside 'steps'")
                )
            elif name not in PARAMETERS[step].model_fields:
                message = unknown_parameter(name, step, "key")
                faults.append(
                    Fault(
                        file, lines.get(f"steps.{step}.{name}", line), f"steps.{step}.{name}",
                        "is not a parameter of this step", message.split("Known: region, ")[-1].rstrip("."),
                        nearest_of(name, PARAMETERS[step].model_fields),
                    )
                )  # fmt: skip
        if not any(fault.column.startswith(f"steps.{step}.") for fault in faults):
            try:
                PARAMETERS[step](**(_plain(values) or {}))
            except pydantic.ValidationError as error:
                for problem in error.errors():
                    name = str(problem["loc"][0])
                    key = f"steps.{step}.{name}"
                    holds, allowed = f"holds '{_short(str(problem['input']))}'", allowed_values(step, name)
                    faults.append(Fault(file, lines.get(key, line), key, holds, allowed))
    return faults


def _profile_fault(problem: Any, lines: Mapping[str, int], file: str) -> Fault:
    where = ".".join(map(str, problem["loc"]))
    top = str(problem["loc"][0])
    line = lines.get(where, lines.get(top, 0))
    known = list(RegionProfile.model_fields)
    if problem["type"] == "extra_forbidden":
        return Fault(
            file, line, where, "is not a key of region.yaml", ", ".join(known), nearest_of(where, known)
        )
    info = RegionProfile.model_fields.get(top)
    allowed = (info.description if info else None) or "text"
    if top == "language":
        near = nearest_language(str(problem["input"]))
        return Fault(file, line, where, f"holds '{_short(str(problem['input']))}'", allowed, near)
    holds = "is missing" if problem["type"] == "missing" else f"holds '{_short(str(problem['input']))}'"
    return Fault(file, line, where, holds, allowed)


def _profile_rules(profile: RegionProfile, lines: Mapping[str, int], file: str) -> list[Fault]:
    faults = []
    if profile.nuts_version not in NUTS_VERSIONS:
        faults.append(
            Fault(
                file, lines.get("nuts_version", 0), "nuts_version", f"holds '{profile.nuts_version}'",
                ", ".join(NUTS_VERSIONS), nearest_of(profile.nuts_version, NUTS_VERSIONS),
            )
        )  # fmt: skip
    if not profile.nuts_code.startswith(profile.country):
        faults.append(
            Fault(
                file, lines.get("nuts_code", 0), "nuts_code", f"holds '{profile.nuts_code}'",
                f"a code that begins with the country, {profile.country}",
            )
        )  # fmt: skip
    if len(profile.nuts_code) - 2 != profile.nuts_level:
        faults.append(
            Fault(
                file, lines.get("nuts_level", 0), "nuts_level", f"holds '{profile.nuts_level}'",
                f"{len(profile.nuts_code) - 2}, the level of {profile.nuts_code}",
            )
        )  # fmt: skip
    return faults
