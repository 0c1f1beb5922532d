"""The common indicators to attach to an action, and what they do not measure."""

from __future__ import annotations

from collections.abc import Mapping

from eis_lib.language.templates import Words

_WORDS = Words(__file__)

OUTPUT_CODES: Mapping[str, tuple[str, str]] = {
    "grant": ("RCO02", "CO02"), "voucher": ("RCO02", "CO02"), "loan": ("RCO03", "CO03"),
    "guarantee-or-insurance": ("RCO03", "CO03"), "technology-partnering": ("RCO10", "CO01"), "digital-export": ("RCO13", "CO01"),
    "training": ("RCO101", "CO04"), "soft-landing": ("RCO15", "CO04"),
}  # fmt: skip
"""Support type → output code 2021–2027 and 2014–2020; all others are non-financial support."""

NON_FINANCIAL = ("RCO04", "CO04")

CODE_NAMES: Mapping[str, str] = {
    "RCO02": "Enterprises supported by grants",
    "RCO03": "Enterprises supported by financial instruments",
    "RCO04": "Enterprises with non-financial support",
    "RCO10": "Enterprises cooperating with research organisations",
    "RCO13": "Value of digital services, products and processes developed for enterprises",
    "RCO15": "Capacity of incubation created",
    "RCO101": "SMEs investing in skills",
    "CO01": "Enterprises receiving support",
    "CO02": "Enterprises receiving grants",
    "CO03": "Enterprises receiving financial support other than grants",
    "CO04": "Enterprises receiving non-financial support",
}

RESULT_CODE = ("RCR19", "Enterprises with higher turnover")
TAKEN_UP_CODE = ("RCR104", "Solutions taken up or up-scaled by organisations")
NO_EXPORT_CODE = "None of the common codes measures exports: a programme-specific indicator is needed."


def indicators_for(
    option: str, support_type: str, template: str, *, has_practice: bool
) -> list[tuple[str, str, str]]:
    """Return the indicators to attach to an action: (level, code, name), the programme-specific one last without a code.

    Parameters
    ----------
    option, support_type
        Of the recommendation.
    template
        ``2021-2027`` or ``2014-2020``: which common codes.
    has_practice
        Whether a practice of a partner region is taken up, which RCR104 counts.
    """
    new, old = OUTPUT_CODES.get(support_type, NON_FINANCIAL)
    code = old if template == "2014-2020" else new
    rows = [("output", code, CODE_NAMES[code])]
    if template != "2014-2020":
        rows.append(("result", *RESULT_CODE))
        if has_practice:
            rows.append(("interregional result", *TAKEN_UP_CODE))
    return [*rows, ("programme-specific", "", _WORDS.own_indicator(option))]
