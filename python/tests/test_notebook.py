"""The notebook runs from top to bottom and draws."""

import pathlib

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("matplotlib")

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"


def test_the_notebook_runs_and_draws():
    notebook = nbformat.read(EXAMPLES / "settling.ipynb", as_version=4)
    nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) == 5
    printed = "".join(output.get("text", "") for output in outputs)
    assert "right" in printed and "writes" in printed and "cycles an answer" in printed
