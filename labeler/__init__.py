"""Apply labels to AI-generated content: visible, invisible (watermark) and in the file's metadata."""

from __future__ import annotations


__version__ = "0.1.0"
