"""English grammar: a number with its noun, and an enumeration."""

from __future__ import annotations


def count(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun in the right form.

    Examples
    --------
    >>> count(1, "service"), count(0, "service"), count(2, "policy", "policies")
    ('1 service', 'no services', '2 policies')
    """
    plural = many or f"{one}s"
    return f"1 {one}" if number == 1 else f"{number or 'no'} {plural}"


def listing(items: list[str], most: int = 5) -> str:
    """Return items as an English enumeration, with what is left out counted.

    Examples
    --------
    >>> listing(["a", "b", "c"]), listing(["a", "b", "c"], most=2)
    ('a, b and c', 'a, b and 1 more')
    """
    shown = items[:most]
    rest = len(items) - len(shown)
    if rest:
        shown.append(f"{rest} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else "none"
