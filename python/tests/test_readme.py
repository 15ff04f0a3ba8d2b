"""The Python of the documents runs as it stands."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def blocks(text):
    """The Python of a document, one program."""
    return "\n".join(re.findall(r"```python\n(.*?)```", text, re.S))


@pytest.mark.parametrize("name", ["README.md", "docs/python.md", "python/README.md"])
def test_the_python_of_a_document_runs(name):
    text = (ROOT / name).read_text()
    if name == "README.md":
        # The section of the package; another one reads weights with numpy alone.
        text = text.split("\n## Python\n")[1].split("\n## ")[0]
    program = blocks(text)
    assert "import eqprop" in program
    names = {}
    exec(compile(program, name, "exec"), names)
    assert names["eqprop"].__version__


def test_the_documents_name_what_there_is():
    import eqprop

    text = (ROOT / "docs/python.md").read_text() + (ROOT / "README.md").read_text()
    for name in set(re.findall(r"eqprop\.([A-Za-z_]+)\(", text)):
        assert hasattr(eqprop, name), name
