"""``python -m jupyter_kit`` is ``jupyter kit``."""

from __future__ import annotations

import sys

from jupyter_kit.frontends.cli import main

if __name__ == "__main__":
    sys.exit(main())
