"""Weights that several tests ask."""

import warnings

import eqprop
import pytest


@pytest.fixture(scope="session")
def digits():
    """A run of one epoch on the digits."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", eqprop.EqpropWarning)
        return eqprop.train("digits", epochs=1, progress=False)


@pytest.fixture(autouse=True)
def _quiet():
    """Warnings of the engine are looked at where a test is about them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", eqprop.EqpropWarning)
        yield
