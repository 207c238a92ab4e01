"""``python -m labeler``: the same command line as ``aigc-label``."""

from __future__ import annotations

import sys

from cli import aigc_label


if __name__ == "__main__":
    sys.exit(aigc_label())
