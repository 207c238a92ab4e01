"""Apply labels to AI-generated content: visible, invisible (watermark) and in file metadata."""

from __future__ import annotations


__version__ = "0.1.0"
