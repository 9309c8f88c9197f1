"""Make docs/terminal.svg, the picture in the README, from a real run: `.venv/bin/python docs/picture.py`.

Trains on scikit-learn's digits in a temporary folder and records what a terminal shows. Linux and macOS only: it needs a pseudo-terminal.
"""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path

from rich.console import Console
from rich.text import Text

PICTURE = Path(__file__).with_name("terminal.svg")

COLUMNS, LINES = 92, 60
"""Narrow enough to be read in a README without zooming."""

TRAIN = """\
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

rows = 200
strength = 0.1

pixels, digits = load_digits(return_X_y=True)
model = LogisticRegression(C=strength, max_iter=1000).fit(pixels[:rows] / 16, digits[:rows])
Path("model").mkdir(exist_ok=True)
save_file({"weights": model.coef_, "bias": model.intercept_}, "model/digits.safetensors")
np.savez("pixels.npz", pixels=pixels, digits=digits)
print(f"accuracy {model.score(pixels[-400:] / 16, digits[-400:]):.2f}")
"""

STORY = [
    "python train.py",
    'jupyter kit snapshot -m "first model" --tag v1 --metric accuracy=0.78',
    "sed -i 's/rows = 200/rows = 1397/; s/0.1/1.0/' train.py && python train.py",
    'jupyter kit snapshot -m "all the data" --tag v2 --metric accuracy=0.91',
    "jupyter kit diff v1 v2",
    "rm model/digits.safetensors",
    "jupyter kit rollback v2 --yes",
    "jupyter kit log -n 3",
]


def printed(command: str, folder: str) -> str:
    """What a terminal shows of a command, colours included."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "TERM": "xterm-256color", "PYTHONPATH": str(PICTURE.parents[1])}
    command = command.replace("jupyter kit", f"{sys.executable} -m jupyter_kit")
    shell = ["bash", "-c", command]
    with subprocess.Popen(shell, cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL) as process:
        os.close(theirs)
        chunks = []
        while chunk := read(ours):
            chunks.append(chunk)
    os.close(ours)
    if process.returncode:
        raise SystemExit(f"{command} failed:\n{b''.join(chunks).decode()}")
    return b"".join(chunks).decode().replace("\r\n", "\n")


def read(terminal: int) -> bytes:
    """The next bytes; none once the other side is closed, which Linux tells as an error."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def main() -> None:
    """Run the story and write the picture."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor", highlight=False)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "train.py").write_text(TRAIN)
        printed("jupyter kit init", folder)
        for command in STORY:
            console.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
            console.print(Text.from_ansi(printed(command, folder)))
    picture = console.export_svg(title="jupyter kit", unique_id="terminal")
    # The picture stands alone: a font from elsewhere would be fetched by whoever looks at it.
    PICTURE.write_text(re.sub(r"@font-face \{.*?\}", "", picture, flags=re.DOTALL))


if __name__ == "__main__":
    main()
