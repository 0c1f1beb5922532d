from __future__ import annotations

import pytest

from eis_lib.pack.settings import PARAMETERS, ParameterError, resolve_parameters


def test_a_passed_parameter_goes_before_the_region_and_the_default() -> None:
    assert resolve_parameters("test", {"minimum_grade": 3}, {"minimum_grade": 1}).minimum_grade == 3
    assert resolve_parameters("test", {"minimum_grade": None}, {"minimum_grade": 1}).minimum_grade == 1
    assert resolve_parameters("test", {}, {}).minimum_grade == 2


def test_an_unknown_parameter_names_the_nearest() -> None:
    with pytest.raises(ParameterError) as error:
        resolve_parameters("test", {"minimum_grad": 1}, {})
    assert str(error.value).startswith(
        "workbook 'test': unknown parameter 'minimum_grad'. Did you mean 'minimum_grade'? Known: region, year,"
    )


def test_every_wrong_value_is_told_at_once() -> None:
    with pytest.raises(ParameterError) as error:
        resolve_parameters("test", {"minimum_grade": "two"}, {"weights": "guessed"})
    assert str(error.value) == (
        "workbook 'test': region.yaml weights: holds 'guessed'; allowed: published, own, equal; "
        "parameter minimum_grade: holds 'two'; allowed: a whole number, at least 1, at most 3"
    )


def test_every_parameter_says_what_it_is() -> None:
    for model in PARAMETERS.values():
        for name, field in model.model_fields.items():
            assert field.description, name
