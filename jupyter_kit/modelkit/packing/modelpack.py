"""The config of a ModelPack: what the CNCF's model specification says of a model, filled from a Kitfile (kitops.md 1.4)."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_kit.modelkit.kitfile import Kitfile
from jupyter_kit.oci.gojson import encode


def model_config(kitfile: Kitfile, diff_ids: Sequence[str], created: str) -> bytes:
    """The config as kit writes it, but for two things: ``created`` is the caller's time (RFC 3339), so that the same content gives the same
    bytes, and ``diff_ids`` are the digests of the layers before compression, where kit 1.11 writes hashes of their text.
    """
    package = kitfile.package
    descriptor: dict[str, object] = {
        "createdAt": created,
        "authors": list(package.authors),
        "name": package.name,
        "version": package.version,
        "licenses": licenses(kitfile),
        "title": package.name,
        "description": package.description,
    }
    config: dict[str, object] = {"format": kitfile.model.format if kitfile.model else ""}
    return encode(
        {"descriptor": _filled(descriptor), "modelfs": {"type": "layers", "diffIds": list(diff_ids)}, "config": _filled(config)},
    )


def licenses(kitfile: Kitfile) -> list[str]:
    """Every licence that the Kitfile names, once, sorted."""
    named = {kitfile.package.license, *(code.license for code in kitfile.code), *(dataset.license for dataset in kitfile.datasets)}
    if kitfile.model:
        named |= {kitfile.model.license, *(part.license for part in kitfile.model.parts)}
    return sorted(named - {""})


def _filled(fields: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in fields.items() if value}
