"""Where FastCDC cuts is part of the store's format: a new release of the scanner must cut where the old one did."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from jupyter_kit.chunking.fastcdc import FASTCDC_4K, FASTCDC_64K

from .files import chunks, cut, noise

# By pyfastcdc's documentation these are the cuts of nlfiedler/fastcdc-rs, module v2020, with the same sizes, level 1 and no seed.
CUTS_64K = [
    *(17818, 142651, 63102, 65958, 78172, 25499, 84947, 110569),
    *(33650, 79146, 115586, 21985, 107313, 25731, 54523, 21926),
]
CUTS_4K = [
    *(2346, 1627, 2391, 5213, 6241, 4216, 1600, 1288, 3141, 4546),
    *(4144, 2583, 4207, 2376, 1376, 1322, 5412, 6809, 2935, 1763),
]


def test_cuts_of_known_bytes() -> None:
    data = noise(1 << 20, "jupyter-kit")
    assert data[:16].hex() == "d1c3e963ce1c2dd5d029d833da73dd68"
    assert cut(FASTCDC_64K, data) == CUTS_64K
    assert cut(FASTCDC_4K, data[: 1 << 16]) == CUTS_4K


def test_bytes_that_never_cut_make_the_longest_chunks() -> None:
    assert cut(FASTCDC_64K, bytes(600_000)) == [262_144, 262_144, 75_712]
    assert cut(FASTCDC_4K, bytes(40_000)) == [16_384, 16_384, 7_232]


def test_a_file_up_to_the_shortest_chunk_is_one() -> None:
    assert cut(FASTCDC_64K, noise(16_384)) == [16_384]
    assert cut(FASTCDC_4K, noise(1024)) == [1024]


def test_an_insertion_changes_the_chunks_about_it_only() -> None:
    data = noise(4 << 20, "insertion")
    before = set(chunks(data, cut(FASTCDC_64K, data)))
    edited = data[:2_000_000] + b"a few bytes" + data[2_000_000:]
    new = [chunk for chunk in chunks(edited, cut(FASTCDC_64K, edited)) if chunk not in before]
    assert 0 < sum(map(len, new)) < 500_000


def test_one_chunker_serves_many_threads() -> None:
    streams = [noise(1 << 20, str(number)) for number in range(8)]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda data: cut(FASTCDC_64K, data, 300_000), streams)) == [cut(FASTCDC_64K, data) for data in streams]


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def test_without_the_compiled_scanner_the_first_cut_is_refused() -> None:
    said = python(
        "import sys\n"
        "sys.modules['pyfastcdc.cy'] = None  # the import of the compiled part fails\n"
        "from jupyter_kit.chunking.fastcdc import FASTCDC_64K\n"
        "from jupyter_kit.errors import StoreUnavailable\n"
        "try:\n"
        "    FASTCDC_64K.cut(memoryview(bytes(20_000)), 0, final=True)\n"
        "except StoreUnavailable as error:\n"
        "    print(error)\n"
    )
    assert "pyfastcdc does not load" in said
    assert "pip install" in said


def test_selecting_a_chunker_does_not_load_the_scanner() -> None:
    said = python(
        "import sys\n"
        "from jupyter_kit.chunking.select import select\n"
        "select('model.bin', 10, lambda offset, length: b'')\n"
        "print('pyfastcdc' in sys.modules)\n"
    )
    assert said == "False\n"
