"""Decides from a file's name, and from its first bytes where the name says nothing, how it is cut and whether to try compression.

The name comes first: a file keeps its kind while it grows, and most files are decided without reading them.
"""

from __future__ import annotations

import codecs
from typing import Final

from jupyter_kit.chunking.chunker import KIB, MIB, ReadAt, Selection
from jupyter_kit.chunking.fastcdc import FASTCDC_4K, FASTCDC_64K
from jupyter_kit.chunking.gguf import gguf
from jupyter_kit.chunking.tensors import safetensors
from jupyter_kit.chunking.whole import WHOLE

LARGEST_NOTEBOOK: Final = 64 * MIB
"""Bytes. A notebook is split in memory, where it is held once as it is and once in parts; a larger one is cut as other large files."""

_RAW_WEIGHTS: Final = MIB
"""Bytes. In a smaller file of weights sampling each chunk costs nothing that anyone would notice."""

_SAMPLE: Final = 4 * KIB
"""Bytes looked at where the name says nothing: one page."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A name without a dot counts as its own extension, and so does what follows the dot of a hidden file.
_TEXT: Final = _words(
    "bat bib c cc cff cfg conf cpp cs css csv cu cuh dockerfile dockerignore editorconfig env geojson gitattributes gitignore go gradle"
    " graphql h hpp htm html ini java jinja jl js json jsonl jsx kitfile kitignore kt less license lock log lua m makefile md mdx ndjson"
    " pl po proto ps1 py pyi pyx qmd r readme rb rmd rs rst rtf sass scala scss sh sql srt sty svg swift tex tf toml ts tsv tsx txt vue"
    " xml yaml yml zsh"
)
_PACKED: Final = _words(
    "7z aac apk avif br bz2 conda docx egg epub flac gif gz heic jar jpeg jpg jxl keras lz4 lzma m4a m4v mkv mov mp3 mp4 odp ods odt ogg"
    " opus png pptx rar tbz2 tgz txz webm webp whl woff woff2 xlsx xz zip zst"
)
# Half floats shrink by a fifth and floats by a twelfth, at a quarter of the speed of storing them and a third of that of reading them
# back: not worth it for gigabytes, and a sample would say yes to half floats.
_WEIGHTS: Final = _words("ckpt ggml llamafile mar onnx pt pt2 pth ptl tflite")
# These hold anything, from random floats to a column of zeros; each chunk is sampled.
_MIXED: Final = _words("arrow avro bmp db dcm feather h5 hdf5 joblib mat nc npy npz orc parquet pb pdf pickle pkl sqlite tar tif tiff wav")

_TENSORS: Final = {"safetensors": safetensors, "gguf": gguf}

_PACKED_MAGIC: Final = (
    b"PK\x03\x04",  # zip, and what is one inside: office files, weights of PyTorch
    b"\x1f\x8b",  # gzip
    b"\x28\xb5\x2f\xfd",  # zstd
    b"\xfd7zXZ\x00",
    b"BZh",
    b"7z\xbc\xaf\x27\x1c",
    b"\x04\x22\x4d\x18",  # lz4
    b"\x89PNG",
    b"\xff\xd8\xff",  # JPEG
    b"GIF8",
)

_ANY: Final = Selection(FASTCDC_64K, "sample")
_RAW: Final = Selection(FASTCDC_64K, "never")
_SMALL_TEXT: Final = Selection(WHOLE, "delta")


def select(path: str, size: int, read: ReadAt) -> Selection:
    """How the file ``path`` of ``size`` bytes is kept. ``read`` is called only where the name does not decide; what it raises passes.

    A file of up to 16 KiB is one chunk whatever the answer.
    """
    extension = path.rpartition("/")[2].rpartition(".")[2].lower()
    if extension in _TEXT:
        return _SMALL_TEXT if size <= WHOLE.longest else _ANY
    if extension == "ipynb":
        return _notebook(size)
    if extension in _PACKED or (extension in _WEIGHTS and size >= _RAW_WEIGHTS):
        return _RAW
    if extension in _MIXED or extension in _WEIGHTS:
        return _ANY
    if extension in _TENSORS:
        return Selection(_TENSORS[extension](size, read) or FASTCDC_64K, "never")
    return _by_content(size, read)


def _notebook(size: int) -> Selection:
    if size > LARGEST_NOTEBOOK:
        return _ANY
    return Selection(WHOLE if size <= WHOLE.longest else FASTCDC_4K, "delta", notebook=True)


def _by_content(size: int, read: ReadAt) -> Selection:
    head = read(0, min(size, _SAMPLE))
    if head.startswith(b"GGUF"):
        return Selection(gguf(size, read) or FASTCDC_64K, "never")
    if head.startswith(_PACKED_MAGIC):
        return _RAW
    return _SMALL_TEXT if size <= WHOLE.longest and _is_text(head) else _ANY


def _is_text(head: bytes) -> bool:
    """Whether ``head`` begins a text in UTF-8. The last character may be incomplete."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return b"\x00" not in head
