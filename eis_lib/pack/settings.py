"""The parameters of the six workbooks: name, type, default, range and help of each, stated once.

Precedence: a parameter passed to the notebook, then the region's ``region.yaml`` (``steps: <step>: …``; ``language``, which
all steps share, at its top), then the default given here. All are project conventions, shown to the reader where they are used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import pydantic
from pydantic import ConfigDict, Field

from eis_lib.language.messages import ENGLISH, Language, unknown_language
from eis_lib.pack.facets import Facet
from eis_lib.pack.schema import nearest_of

Weights = Literal["published", "own", "equal"]
Emphasis = Literal["balanced", "need", "quick-wins", "evidence"]
Template = Literal["2021-2027", "2014-2020"]


class ParameterError(ValueError):
    """Raised when a workbook is given a parameter it does not know, or a value that is not allowed."""


class StepParameters(pydantic.BaseModel):
    """What the workbooks of all steps take."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    year: int | None = Field(
        None, ge=1990, le=2035, description="Year looked at; none: the year of the review date in region.yaml"
    )
    language: Language = Field(
        ENGLISH,
        description="Language of headings, labels and fixed words; what has no translation is English",
    )


class MapParameters(StepParameters):
    """Parameters of step 1, map."""

    other_year: int = Field(2018, ge=1990, le=2035, description="Year laid beside the year looked at")
    facet: Facet = Field("journey_stages", description="Facet laid against support type in the coverage map")
    hub_stages: int = Field(4, ge=1, le=6, description="Stages a provider must span to be called a hub")
    hub_support_types: int = Field(
        3, ge=1, le=18, description="Kinds of support a provider must give to be called a hub"
    )
    second_list: int | None = Field(
        None,
        ge=0,
        description="Services on a second list, drawn up independently of the pack; none: what the searches found",
    )
    on_both_lists: int | None = Field(
        None,
        ge=0,
        description="Services of the second list that the pack holds too; none: what the searches found",
    )


class ExamineParameters(StepParameters):
    """Parameters of step 2, examine."""

    weights: Weights = Field("published", description="Where the demand weights of barriers come from")
    draws: int = Field(
        1000, ge=100, le=20000, description="Bootstrap draws for the interval of rater agreement"
    )
    seed: int = Field(2026, ge=0, description="Seed of every random draw")


class TestParameters(StepParameters):
    """Parameters of step 3, test."""

    __test__ = False  # not a test class

    weights: Weights = Field("published", description="Where the demand weights of barriers come from")
    duplication_share: float = Field(
        0.4,
        gt=0,
        le=1,
        description="Share of the firms from which two like services are a duplication candidate",
    )
    persona: str = Field(
        "", description="Persona whose journey is drawn first; empty: the one hardest to serve"
    )


class CompareParameters(StepParameters):
    """Parameters of step 4, compare."""

    neighbours: int = Field(3, ge=1, le=6, description="Structural peers shown")
    other_countries_only: bool = Field(
        default=True, description="Leave out peers of the region's own country"
    )
    minimum_evidence_grade: int = Field(
        1, ge=0, le=4, description="Weakest evidence of success a practice may have to be proposed"
    )
    benchmark_set: str = Field(
        "", description="CSV file of all NUTS 2 regions, columns as _common/indicators.csv; empty: none"
    )
    draws: int = Field(1000, ge=100, le=100000, description="Draws of the uncertainty analysis")
    seed: int = Field(2026, ge=0, description="Seed of every random draw")


class PlanParameters(StepParameters):
    """Parameters of step 5, plan."""

    budget_eur: float | None = Field(
        None,
        ge=0,
        description="Budget in euros; none: the budget of region.yaml, else half of the known costs",
    )
    redundancy: int = Field(1, ge=1, le=3, description="Services every needed cell must keep")
    first_year: int | None = Field(
        None, ge=2014, le=2040, description="First year of the plan; none: next year"
    )
    years: int = Field(3, ge=1, le=7, description="Years over which the plan is phased")
    emphasis: Emphasis = Field(
        "balanced", description="Which set of swing weights orders the recommendations"
    )
    actions: int = Field(5, ge=1, le=12, description="Recommendations written out as actions of the plan")
    per_territory: int = Field(
        0, ge=0, le=5, description="Actions every territory named by a service must get in the portfolio"
    )
    template: Template = Field(
        "2021-2027", description="Programme period whose common indicator codes the plan uses"
    )


class ReviewParameters(StepParameters):
    """Parameters of step 6, review."""

    green: float = Field(
        0.85, gt=0, le=2, description="Share of the expected path from which an indicator is green"
    )
    amber: float = Field(0.65, gt=0, le=2, description="Share of the expected path from which it is amber")
    baseline_points: int = Field(
        12,
        ge=10,
        le=60,
        description="Points of a monthly or quarterly series that set its control limits, never moved afterwards; annual series take ten",
    )
    indicator: str = Field(
        "", description="Series whose control chart is drawn first; empty: the one that says most"
    )
    lag_months: int = Field(
        6, ge=0, le=36, description="Months a value may take to arrive before it counts as out of date"
    )
    previous_year: int | None = Field(
        None,
        ge=1990,
        le=2035,
        description="Year of the landscape that is compared with; none: two years before",
    )


PARAMETERS: Mapping[str, type[StepParameters]] = {
    "map": MapParameters,
    "examine": ExamineParameters,
    "test": TestParameters,
    "compare": CompareParameters,
    "plan": PlanParameters,
    "review": ReviewParameters,
}
"""The parameters of each step."""


def resolve_parameters(
    step: str, passed: Mapping[str, Any], from_region: Mapping[str, Any]
) -> StepParameters:
    """Return the parameters of a step, checked: passed, then the region's, then the default.

    Parameters
    ----------
    step : str
        One of the six steps.
    passed, from_region : mapping
        Name → value; ``None`` and an empty text mean "not given".

    Raises
    ------
    ParameterError
        If a name is not known (the nearest is named) or a value is not allowed (all are listed at once).
    """
    model = PARAMETERS[step]
    merged: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for source, values in (("region.yaml", from_region), ("parameter", passed)):
        for name, value in values.items():
            if name not in model.model_fields:
                raise ParameterError(unknown_parameter(name, step, source))
            if value is not None and value != "":
                merged[name] = value
                origin[name] = source
    try:
        return model(**merged)
    except pydantic.ValidationError as error:
        lines = []
        for fault in error.errors():
            name = str(fault["loc"][0])
            if name == "language":
                lines.append(f"{origin[name]} language: {unknown_language(fault['input'])}".rstrip("."))
                continue
            lines.append(
                f"{origin[name]} {name}: holds {fault['input']!r}; allowed: {allowed_values(step, name)}"
            )
        raise ParameterError(f"workbook '{step}': " + "; ".join(lines)) from None


def unknown_parameter(name: str, step: str, source: str = "parameter") -> str:
    """Return the message for a parameter that a workbook does not know."""
    known = ["region", *PARAMETERS[step].model_fields]
    nearest = nearest_of(name, known)
    hint = f" Did you mean '{nearest}'?" if nearest else ""
    return f"workbook '{step}': unknown {source} '{name}'.{hint} Known: {', '.join(known)}."


def allowed_values(step: str, name: str) -> str:
    """Return in words what a parameter of a step may hold.

    Examples
    --------
    >>> allowed_values("test", "duplication_share")
    'a whole number, at least 1, at most 3'
    """
    schema = PARAMETERS[step].model_json_schema()["properties"][name]
    options = schema.get("anyOf", [schema])
    concrete = next(option for option in options if option.get("type") != "null")
    if "enum" in concrete:
        return ", ".join(map(str, concrete["enum"]))
    kinds = {"integer": "a whole number", "number": "a number", "boolean": "true or false", "string": "text"}
    words = [kinds[concrete["type"]]]
    for key, word in (
        ("minimum", "at least"),
        ("exclusiveMinimum", "more than"),
        ("maximum", "at most"),
        ("exclusiveMaximum", "less than"),
    ):
        if key in concrete:
            words.append(f"{word} {concrete[key]:g}")
    return ", ".join(words)
