"""Options that stand for a setting, for one call."""

from __future__ import annotations

from pathlib import Path

from jupyter_kit.frontends.arguments import Options
from jupyter_kit.settings import ANY_HOST


def overrides(options: Options) -> dict[str, object]:
    """The settings that options of this call replace."""
    given = vars(options)
    found: dict[str, object] = {name: Path(given[name]) for name in ("ca_file", "client_cert", "client_key") if name in given}
    if "plain_http" in given:
        found["plain_http"] = (ANY_HOST,)
    return found | {name: given[name] for name in ("proxy", "concurrency") if name in given}
