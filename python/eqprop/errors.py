"""What goes wrong, with the command line's own words and the way out."""

from __future__ import annotations


class EqpropError(Exception):
    """Any error of eqprop.

    Attributes:
        message: what is wrong, in one sentence.
        help: the way out, or None.
        code: the kind of error, such as ``"eqprop::config::unknown"``.
        exit_code: what the command line exits with: 1 what was asked for failed, 2 bad input or a missing tool.
    """

    def __init__(self, message: str, help: str | None = None, code: str | None = None, exit_code: int = 2):
        super().__init__(message)
        self.message, self.help, self.code, self.exit_code = message, help, code, exit_code
        self.place: str | None = None

    def __str__(self) -> str:
        if self.place:
            return self.place
        return self.message if self.help is None else f"{self.message}\nhelp: {self.help}"


class InputError(EqpropError, ValueError):
    """Bad input: a network, data, weights or an option."""


class FailedError(EqpropError, RuntimeError):
    """What was asked for failed."""


class ToolError(EqpropError, RuntimeError):
    """A tool, such as Verilator, is missing or does not work. Everything that needs no tool still works."""


class Mismatch(FailedError):
    """Hardware and models differ.

    Attributes:
        sample: position of the sample in the run, from 0.
        cycle: clock cycle since reset.
        phase, sweep, layer, unit: the state concerned, or None (phase 0: free, 1: nudged, 2: nudged at −β).
        parameter: the weight or bias concerned, or None.
        quantity, expected, got: what differs.
        cosimulation: report and writes up to here, or None.
    """

    sample: int
    cycle: int
    phase: int | None
    sweep: int | None
    layer: int | None
    unit: int | None
    parameter: str | None
    quantity: str
    expected: str
    got: str
    cosimulation: object | None = None


class EqpropWarning(UserWarning):
    """Something that may go wrong, with the way out."""


TOOLS = ("eqprop::verilate", "eqprop::tools", "eqprop::tool")


def _make(message: str, help: str | None, code: str | None, exit_code: int, place: str | None) -> EqpropError:
    """The exception of an error of the engine."""
    kind = InputError if exit_code == 2 else FailedError
    if code and code.startswith(TOOLS):
        kind = ToolError
    error = kind(message, help, code, exit_code)
    error.place = place
    return error
