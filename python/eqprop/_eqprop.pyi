"""The engine: options as the command line has them, arrays out. Use the functions of `eqprop` around it."""

from collections.abc import Callable
from os import PathLike
from typing import Any, TypedDict

from numpy import bool_, float64, int64, uint8, uint32, uint64
from numpy.typing import NDArray

__version__: str

class Told(TypedDict):
    result: str | None
    warnings: list[str]
    notes: list[str]

# (what, unit, total, done, detail)
Watcher = Callable[[str, str, int, int, str], None] | None

def command(options: list[str], watcher: Watcher) -> tuple[None, Told]: ...
def predict(
    options: list[str], watcher: Watcher
) -> tuple[
    tuple[
        NDArray[int64],
        NDArray[int64] | None,
        list[str] | None,
        NDArray[float64] | None,
        NDArray[uint32],
        NDArray[bool_],
        NDArray[float64],
    ],
    Told,
]: ...
def settle(
    options: list[str], nudged: bool, watcher: Watcher
) -> tuple[
    list[tuple[NDArray[float64], NDArray[float64] | None, list[tuple[int, NDArray[float64]]]]], Told
]: ...
def cosim(
    options: list[str], writes: bool, watcher: Watcher
) -> tuple[
    str,
    tuple[
        NDArray[int64],
        NDArray[uint8],
        NDArray[int64],
        NDArray[int64],
        NDArray[int64],
        NDArray[uint64],
        NDArray[float64],
        NDArray[float64],
        NDArray[float64],
    ]
    | None,
    tuple[tuple[Any, ...], BaseException] | None,
    Told,
]: ...
def describe(options: list[str]) -> tuple[str, list[str]]: ...
def initial(options: list[str], path: str | PathLike[str], raw: bool) -> None: ...
def tensors(path: str | PathLike[str]) -> tuple[list[tuple[str, list[int], NDArray[float64]]], str | None]: ...
def toml(fields: str) -> str: ...

class Trainer:
    epochs: int
    samples_per_epoch: int
    position: tuple[int, int]
    history: list[str]
    def __init__(self, options: list[str], watcher: Watcher) -> None: ...
    def step(self, samples: int, watcher: Watcher) -> tuple[list[str], Told]: ...
    def test(self, watcher: Watcher) -> tuple[tuple[int, float | None, float | None, float], Told]: ...
    def save(self, path: str | PathLike[str]) -> None: ...

class VirtualBoard:
    port: str
    def __init__(self, options: list[str], watcher: Watcher) -> None: ...
    def close(self) -> None: ...

class Stream:
    sizes: tuple[int, int, int]
    state_fraction: int
    def __init__(self, options: list[str], json: str | None) -> None: ...
    def configure(self) -> list[tuple[NDArray[uint32], NDArray[uint32]]]: ...
    def load(self, path: str | PathLike[str]) -> list[tuple[NDArray[uint32], NDArray[uint32]]]: ...
    def sample(
        self, input: NDArray[float64], target: NDArray[float64] | None, learn: bool
    ) -> tuple[tuple[NDArray[uint32], NDArray[uint32]], int]: ...
    def decode(self, words: NDArray[uint32]) -> tuple[NDArray[float64], int, int, bool] | None: ...
    def read(self) -> list[tuple[NDArray[uint32], NDArray[uint32]]]: ...
    def save(self, path: str | PathLike[str]) -> None: ...
