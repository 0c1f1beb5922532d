from __future__ import annotations

import pytest

from eis_lib.pack.settings import PARAMETERS, ParameterError, resolve_parameters


def test_a_passed_parameter_goes_before_the_region_and_the_default() -> None:
    assert (
        resolve_parameters("test", {"duplication_share": 0.3}, {"duplication_share": 0.5}).duplication_share
        == 0.3
    )
    assert (
        resolve_parameters("test", {"duplication_share": None}, {"duplication_share": 0.5}).duplication_share
        == 0.5
    )
    assert resolve_parameters("test", {}, {}).duplication_share == 0.4


def test_an_unknown_parameter_names_the_nearest() -> None:
    with pytest.raises(ParameterError) as error:
        resolve_parameters("test", {"duplication_shar": 1}, {})
    assert str(error.value).startswith(
        "workbook 'test': unknown parameter 'duplication_shar'. Did you mean 'duplication_share'? Known: region, year,"
    )


def test_every_wrong_value_is_told_at_once() -> None:
    with pytest.raises(ParameterError) as error:
        resolve_parameters("test", {"duplication_share": "two"}, {"weights": "guessed"})
    assert str(error.value) == (
        "workbook 'test': region.yaml weights: holds 'guessed'; allowed: published, own, equal; "
        "parameter duplication_share: holds 'two'; allowed: a number, more than 0, at most 1"
    )


def test_every_parameter_says_what_it_is() -> None:
    for model in PARAMETERS.values():
        for name, field in model.model_fields.items():
            assert field.description, name
