"""What names of files and folders tell: suffixes in lower case, whole names, words."""

from __future__ import annotations

import re

from jupyter_kit.modelkit.inference.licences import is_licence


def _suffixes(*lines: str) -> frozenset[str]:
    return frozenset(f".{word}" for line in lines for word in line.split())


CODE_SUFFIXES = _suffixes(
    "py ipynb pyx pyi r rmd qmd jl sh bash zsh bat ps1 sql js mjs ts tsx jsx css scss c cc cpp h hpp cu cuh java kt scala go rs rb php pl",
    "lua m swift cs proto dockerfile mk cmake mcpb",
)

DATA_SUFFIXES = _suffixes(
    "csv tsv parquet arrow feather orc avro jsonl ndjson tfrecord tfrecords npy npz mat h5ad nc sav dta sas7bdat xls xlsx ods",
    "db sqlite sqlite3 duckdb zip tar gz tgz bz2 xz zst 7z rar wav mp3 flac ogg m4a mp4 avi mov mkv webm tif tiff dcm nii las laz pcap",
    "shp geojson gpkg fasta fastq vcf bam rds rdata idx",
)

IMAGE_SUFFIXES = _suffixes("png jpg jpeg gif svg webp bmp")

LOOKED_AT_SUFFIXES = _suffixes("md rst adoc html htm pdf tex docx pptx odt bib txt") | IMAGE_SUFFIXES
"""Documentation, unless it lies among something else."""

_CODE_NAME = re.compile(
    r"(?:docker|make|just|proc|jenkins)file|(?:requirements|constraints|environment)(?:[._-].*)?\.(?:txt|in|pip|lock|ya?ml)", re.IGNORECASE
)
_DOCS_NAME = re.compile(
    r"(?:readme|changelog|changes|authors|contributors|contributing|citation|notice|code_of_conduct)(?:\..*)?", re.IGNORECASE
)
_PROMPT_NAME = re.compile(r"(?:agents|skill|claude)\.md|.*\.prompt.*", re.IGNORECASE)
_MODEL_NAME = re.compile(r".*(?:model|weights|checkpoint|classifier|regressor|estimator).*", re.IGNORECASE)

_PART_TYPES = {
    "adapter": re.compile(r"adapter_.*|(?:.*[._-])?q?lora(?:[._-].*)?", re.IGNORECASE),
    "tokenizer": re.compile(
        r".*tokenizer.*|vocab.*|merges\.txt|special_tokens_map\.json|added_tokens\.json|.*\.tiktoken|.*\.spm|spiece.*|sentencepiece.*"
    ),
    "config": re.compile(r".*\.(?:json|ya?ml|toml|cfg)", re.IGNORECASE),
}
_KNOWN_METADATA = re.compile(
    r"(?:.*_)?config\.json|model_index\.json|modules\.json|params\.json|.*\.index\.json|chat_template\..*", re.IGNORECASE
)


def is_prompt(name: str) -> bool:
    """Whether a file is a prompt or an agent's instructions by its name, as ``kit init`` says."""
    return _PROMPT_NAME.fullmatch(name) is not None


def is_code(name: str, suffix: str) -> bool:
    """Whether a file is code, or says how code is built and run."""
    return suffix in CODE_SUFFIXES or _CODE_NAME.fullmatch(name) is not None


def is_about(name: str) -> bool:
    """Whether a file is about the whole folder that it is in: a README, a licence."""
    return _DOCS_NAME.fullmatch(name) is not None or is_licence(name)


def may_be_model(name: str) -> bool:
    """Whether a name says that it is a model, which a suffix like ``.bin`` does not."""
    return _MODEL_NAME.fullmatch(name) is not None


def is_metadata(name: str) -> bool:
    """Whether a file is one of those that model hubs keep beside weights."""
    return part_type(name) in ("tokenizer", "adapter") or _KNOWN_METADATA.fullmatch(name) is not None


def part_type(name: str) -> str:
    """The type of a model's part by its name: ``adapter``, ``tokenizer``, ``config``, empty where it does not tell."""
    return next((kind for kind, pattern in _PART_TYPES.items() if pattern.fullmatch(name)), "")
