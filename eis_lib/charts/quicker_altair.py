"""What Altair does again and again while a chart is put together, done with less work and the same result.

A quarter of the processor time of sections and their pictures went into them (Altair 5.5, to which the project is pinned):

- Each time charts are layered or concatenated, Altair copies them deeply, and makes each copy by its constructor, which
  layers and copies again. Here a copy is made of what a part holds, without putting it together anew, and the parameters
  that were never set (most of some fifty in each part) are passed over.
- A channel given as text (``y="label:N"``) or as a condition makes Altair list the schemas of all its classes, to find
  the one that goes with each. Here the list is made once, and a text or a value needs none.

``tests/charts/test_quicker_altair.py`` holds all of it against Altair's own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, ClassVar

from altair.utils import core, schemapi

_copy_by_altair = schemapi._deep_copy  # noqa: SLF001
_wrap_by_altair = core._ChannelCache._wrap_in_channel  # noqa: SLF001
_from_dict_by_altair = schemapi._FromDict  # noqa: SLF001


def deep_copy(part: Any, by_ref: set[str]) -> Any:
    """Return a deep copy of a part of a chart: of objects of a schema, lists and mappings; anything else is shared.

    Parameters
    ----------
    part : Any
    by_ref : set of str
        Names of parameters that are shared too.
    """
    if isinstance(part, schemapi.SchemaBase):
        if getattr(part, "__deepcopy__", None):
            return _copy_by_altair(part, by_ref)
        copy = object.__new__(type(part))
        for name, value in vars(part).items():
            object.__setattr__(copy, name, value)
        object.__setattr__(copy, "_args", tuple(deep_copy(value, by_ref) for value in part._args))  # noqa: SLF001
        object.__setattr__(copy, "_kwds", _copied(part._kwds, by_ref))  # noqa: SLF001
        return copy
    if isinstance(part, list):
        return [deep_copy(value, by_ref) for value in part]
    if isinstance(part, dict):
        return _copied(part, by_ref)
    return part


_SHARED = frozenset({str, int, float, bool, type(None), type(schemapi.Undefined)})


def _copied(values: dict[str, Any], by_ref: set[str]) -> dict[str, Any]:
    copy = values.copy()
    for name, value in values.items():
        if type(value) not in _SHARED and name not in by_ref:
            copy[name] = deep_copy(value, by_ref)
    return copy


def _wrap_in_channel(self: Any, given: Any, encoding: str, /) -> Any:
    if channel := self.name_to_channel.get(encoding):
        if isinstance(given, str):
            return channel["field"](shorthand=given)
        if isinstance(given, dict) and "value" in given and _is_plain(given):
            return channel["value"](**given)
    return _wrap_by_altair(self, given, encoding)


def _is_plain(given: dict[str, Any]) -> bool:
    """Return whether a value, and the other one of its condition, hold nothing that Altair has to read first."""
    condition = given.get("condition", {})
    return (
        given.keys() <= {"value", "condition"}
        and isinstance(condition, dict)
        and condition.keys() <= {"test", "value"}
        and all(isinstance(part, str | int | float) for part in (given["value"], *condition.values()))
    )


class _FromDictListedOnce(_from_dict_by_altair):
    """Altair's maker of objects from mappings; all of its classes are those of Vega-Lite, listed once."""

    listed: ClassVar[defaultdict[int, list[type[schemapi.SchemaBase]]]] = defaultdict(list)

    def __init__(self, wrapper_classes: Iterable[type[schemapi.SchemaBase]], /) -> None:
        if not self.listed:
            super().__init__(wrapper_classes)
            self.listed.update(self.class_dict)
        self.class_dict = self.listed


def install() -> None:
    """Let every chart of this process be put together this way."""
    schemapi._deep_copy = deep_copy  # type: ignore[assignment]  # noqa: SLF001
    core._ChannelCache._wrap_in_channel = _wrap_in_channel  # type: ignore[method-assign]  # noqa: SLF001
    schemapi._FromDict = _FromDictListedOnce  # type: ignore[misc]  # noqa: SLF001
