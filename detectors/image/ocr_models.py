"""
Whether labels of others can be read here: where the models of the extra ``ocr`` are.

Light to import, as every picture asks; what reads with them is imported when there is something to
read (`detectors.image.ocr`).
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


MISSING = "install aigc-label[ocr] to read visible labels of others"
"""What is said where the models or the engine are not installed."""


def can_read() -> bool:
    """Say whether the models and the engine of the extra are installed."""
    return model_files() is not None


def model_files() -> tuple[Path, Path] | None:
    """Return the files of the detector and the recogniser, None where they are not installed."""
    package = find_spec("rapidocr")
    if package is None or package.origin is None or find_spec("onnxruntime") is None:
        return None
    folder = Path(package.origin).parent / "models"
    found = [sorted(folder.glob(f"*_{kind}_*.onnx")) for kind in ("det", "rec")]
    return (found[0][-1], found[1][-1]) if all(found) else None
