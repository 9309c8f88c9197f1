"""The workspace that the pictures show: a notebook that trains on scikit-learn's digits, run for real and kept three times."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from jupyter_kit import Workspace

SOURCES = [
    """\
import joblib
from pathlib import Path
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

pixels, digits = load_digits(return_X_y=True)
Path("model").mkdir(exist_ok=True)""",
    """\
rows = 200
strength = 0.1""",
    """\
model = LogisticRegression(C=strength, max_iter=1000).fit(pixels[:rows] / 16, digits[:rows])
joblib.dump(model, "model/digits.joblib")""",
    """\
accuracy = model.score(pixels[-400:] / 16, digits[-400:])
print(f"right about {accuracy:.1%} of unseen digits")""",
]

TITLE = "# Which digit is it?\n\nLogistic regression on 1,797 handwritten digits; the last 400 are put aside."


KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


def train(notebook: Path, rows: int, strength: float) -> float:
    """Write the notebook with these settings, run it in its folder, and return the accuracy that it printed."""
    settings = f"rows = {rows}\nstrength = {strength}"
    cells = [nbformat.v4.new_markdown_cell(TITLE, id="title")]
    cells += [nbformat.v4.new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(SOURCES)]
    cells[2].source = settings
    document = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    NotebookClient(document, resources={"metadata": {"path": str(notebook.parent)}}, extra_arguments=["--log-level=ERROR"]).execute()
    nbformat.write(document, notebook)
    printed = re.search(r"([\d.]+)%", document.cells[-1].outputs[0].text)
    assert printed
    return float(printed[1]) / 100


def make(folder: Path) -> None:
    """Three versions, and changes that no version has yet."""
    notebook = folder / "train.ipynb"
    (folder / "data").mkdir()
    (folder / "data" / "classes.csv").write_text("digit,name\n0,zero\n1,one\n2,two\n")
    cells = [nbformat.v4.new_code_cell(source) for source in ("%load_ext jupyter_kit", "%kit history")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), folder / "history.ipynb")
    with Workspace.init(folder) as workspace:
        accuracy = train(notebook, 200, 0.1)
        workspace.snapshot("first model", tags=["v1"], metrics={"accuracy": accuracy}, notebook=str(notebook))
        accuracy = train(notebook, 1397, 0.1)
        workspace.snapshot("all the data", tags=["v2"], metrics={"accuracy": accuracy}, notebook=str(notebook))
        (folder / "README.md").write_text("# Digits\n\nReads handwritten digits.\n")
        accuracy = train(notebook, 1397, 1.0)
        workspace.snapshot("lean on the weights more", tags=["v3", "best"], metrics={"accuracy": accuracy}, notebook=str(notebook))
    (folder / "data" / "classes.csv").write_text("digit,name\n0,zero\n1,two\n2,one\n")
    train(notebook, 1397, 1000.0)
