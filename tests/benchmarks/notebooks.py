"""A notebook with figures, as somebody works on it: many versions, each run again, most of it as before."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from .data import WORDS, generator

WIDTH, HEIGHT = 576, 432
"""Pixels of a figure: what matplotlib's inline back end shows for a default figure."""

FIGURES = 10
"""Figures in the notebook; about 45 kB each as PNG."""

CELLS = 40


@dataclass
class _Cell:
    source: list[str]
    figure: bytes | None = None
    log: list[str] = field(default_factory=list)
    table: list[list[float]] = field(default_factory=list)


def versions(count: int) -> Iterator[bytes]:
    """The notebook after each of ``count`` saves, as the bytes of an ``.ipynb`` file of about 0.6 MB.

    Between two saves the notebook is run again: execution counts move, a cell or two are edited, one figure changes in two of five
    saves, a log and a table of numbers change. All other outputs are the same as before.
    """
    numbers = generator(30)
    cells = [_new_cell(numbers, number) for number in range(CELLS)]
    executed = 0
    for version in range(count):
        if version:
            _edit(cells, numbers, version)
        yield _notebook(cells, executed)
        executed += CELLS + int(numbers.integers(0, 7))


def _new_cell(numbers: np.random.Generator, number: int) -> _Cell:
    cell = _Cell(_code(numbers, int(numbers.integers(3, 15))))
    if number % (CELLS // FIGURES) == 1:
        cell.figure = figure(numbers)
    elif number % 5 == 2:
        cell.log = _log(numbers)
    elif number % 7 == 3:
        cell.table = numbers.normal(0, 1, (8, 6)).tolist()
    return cell


def _edit(cells: list[_Cell], numbers: np.random.Generator, version: int) -> None:
    for index in numbers.choice(CELLS, int(numbers.integers(1, 3)), replace=False).tolist():
        source = cells[index].source
        source[int(numbers.integers(0, len(source)))] = _code(numbers, 1)[0]
    if version % 5 in {1, 3}:
        shown = [cell for cell in cells if cell.figure]
        shown[int(numbers.integers(0, len(shown)))].figure = figure(numbers)
    logs = [cell for cell in cells if cell.log]
    logs[int(numbers.integers(0, len(logs)))].log = _log(numbers)
    tables = [cell for cell in cells if cell.table]
    tables[int(numbers.integers(0, len(tables)))].table = numbers.normal(0, 1, (8, 6)).tolist()


def _code(numbers: np.random.Generator, lines: int) -> list[str]:
    chosen = [WORDS[index] for index in numbers.integers(0, len(WORDS), 3 * lines).tolist()]
    values = numbers.random(lines).tolist()
    return [f"{a} = {b}({c}, rate={value:.4f})\n" for a, b, c, value in zip(chosen[::3], chosen[1::3], chosen[2::3], values, strict=True)]


def _log(numbers: np.random.Generator) -> list[str]:
    losses = np.sort(numbers.random(30))[::-1].tolist()
    return [f"epoch {epoch:3d}  loss {loss:.6f}  accuracy {1 - loss / 2:.4f}\n" for epoch, loss in enumerate(losses)]


def figure(numbers: np.random.Generator) -> bytes:
    """A PNG like one of matplotlib's: curves and a cloud of coloured points on white."""
    pixels = np.full((HEIGHT, WIDTH, 4), 255, np.uint8)
    pixels[[20, HEIGHT - 20], 20:-20, :3] = 0
    pixels[20:-20, [20, WIDTH - 20], :3] = 0
    for _ in range(3):
        curve = np.cumsum(numbers.normal(0, 2, WIDTH - 40)) + HEIGHT / 2
        rows = np.clip(curve, 22, HEIGHT - 22).astype(int)
        pixels[rows, np.arange(20, WIDTH - 20), :3] = numbers.integers(0, 256, 3, np.uint8)
    points = 6000
    rows = numbers.integers(22, HEIGHT - 22, points)
    columns = numbers.integers(22, WIDTH - 22, points)
    pixels[rows, columns, :3] = numbers.integers(0, 256, (points, 3), np.uint8)
    lines = np.concatenate([np.zeros((HEIGHT, 1), np.uint8), pixels.reshape(HEIGHT, WIDTH * 4)], axis=1)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 6, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines.tobytes(), 6)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in parts
    )


def _notebook(cells: list[_Cell], executed: int) -> bytes:
    document = {
        "cells": [_json_cell(cell, number, executed + number + 1) for number, cell in enumerate(cells)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"file_extension": ".py", "name": "python", "version": "3.11.7"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return (json.dumps(document, indent=1, sort_keys=True) + "\n").encode()


def _json_cell(cell: _Cell, number: int, count: int) -> dict[str, object]:
    outputs: list[dict[str, object]] = []
    if cell.log:
        outputs.append({"name": "stdout", "output_type": "stream", "text": cell.log})
    if cell.table:
        body = "".join("<tr>" + "".join(f"<td>{value:.6f}</td>" for value in row) + "</tr>\n" for row in cell.table)
        html = ["<table>\n", *body.splitlines(keepends=True), "</table>"]
        outputs.append({"data": {"text/html": html}, "execution_count": count, "metadata": {}, "output_type": "execute_result"})
    if cell.figure:
        picture = base64.b64encode(cell.figure).decode() + "\n"
        data = {"image/png": picture, "text/plain": [f"<Figure size {WIDTH}x{HEIGHT} with 1 Axes>"]}
        outputs.append({"data": data, "metadata": {"needs_background": "light"}, "output_type": "display_data"})
    return {
        "cell_type": "code",
        "execution_count": count,
        "id": f"{zlib.crc32(bytes([number])):08x}",
        "metadata": {},
        "outputs": outputs,
        "source": cell.source,
    }
