"""Run the demo notebook for real, in a folder of its own that is gone afterwards, and tell its story in the terminal as it happens.

Exits with 1 where a cell raises: the notebook asserts what it shows. Other notebooks, named as arguments, are run in its stead.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from textwrap import indent

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from rich.console import Console
from rich.markdown import Markdown
from rich.syntax import Syntax
from rich.text import Text

NOTEBOOK = Path(__file__).with_name("demo.ipynb")

CELL_SECONDS_MAX = 120
"""Longer than any cell takes on a slow machine; a cell that hangs ends the demo."""


def run(notebook: Path, console: Console) -> None:
    """Execute ``notebook`` in a temporary folder, saving it after every cell as Jupyter does, and print each cell with what came out."""
    document = nbformat.read(notebook, as_version=4)
    with tempfile.TemporaryDirectory(prefix="jupyter-kit-demo-") as folder:
        client = NotebookClient(
            document,
            timeout=CELL_SECONDS_MAX,
            kernel_name="python3",
            extra_arguments=["--log-level=ERROR"],  # The kernel's warnings about its transport tell this story's readers nothing.
            resources={"metadata": {"path": folder}},
        )
        nbformat.write(document, Path(folder, notebook.name))
        with client.setup_kernel():
            for index, cell in enumerate(document.cells):
                if cell.cell_type == "markdown":
                    console.print(Markdown(cell.source))
                    console.print()
                    continue
                console.print(highlight(indent(cell.source, "  ")), soft_wrap=True)
                client.execute_cell(cell, index)
                nbformat.write(document, Path(folder, notebook.name))
                for output in cell.outputs:
                    console.print("", Text.from_ansi(indent(text_of(output).rstrip("\n"), "    ")), sep="\n", soft_wrap=True)
                console.print()


def highlight(code: str) -> Text:
    """Notebook code in the terminal's own colours."""
    text = Syntax("", "ipython", theme="ansi_dark", background_color="default").highlight(code)
    text.rstrip()
    text.no_wrap = False  # A terminal narrower than the code shows all of it.
    return text


def text_of(output: nbformat.NotebookNode) -> str:
    """An output as a terminal shows it."""
    if output.output_type == "stream":
        return str(output.text)
    return str(output.data.get("text/plain", ""))


def main() -> int:
    """Run the demo; returns the exit code."""
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # The kernel of this environment, whatever kernels the user has.
    console = Console(highlight=False)
    started = time.monotonic()
    try:
        for notebook in map(Path, sys.argv[1:] or [NOTEBOOK]):
            run(notebook, console)
    except CellExecutionError as error:
        console.print(Text.from_ansi(str(error)))
        return 1
    console.print(f"Everything above happened just now, in {time.monotonic() - started:.0f} s, in a folder that is gone again.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
