"""
The OCR models run directly: where text stands in a picture, and what a line of it says.

The PP-OCR models are files of the package rapidocr, which is never imported: its import takes
seconds and sets up loggers. onnxruntime runs them; what goes in and what comes out is ours (design:
visible labels 4 and 7). Nothing is ever downloaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from detectors.image.ocr_models import MISSING, model_files
from labeler.errors import MissingBackend


if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Picture = NDArray[np.uint8]

_STEP = 32  # the detector halves its picture five times
_LINE = 48  # rows of a line, as the recogniser was trained
_WIDEST = 1600
_LEVEL, _SURE, _GROW = 0.2, 0.3, 1.6  # level of the text map, its mean in a box, growth of boxes
_LEAST = 4
_MOST_BOXES = 1000
_ALPHABET = "character"


class TextBox(NamedTuple):
    """A place with text: corners in pixels of the picture that was looked at, and how sure."""

    x0: float
    y0: float
    x1: float
    y1: float
    score: float

    @property
    def thickness(self) -> float:
        """The shorter side: the height of a line."""
        return min(self.x1 - self.x0, self.y1 - self.y0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Two sessions that may be shared by threads, and the characters the recogniser knows."""

    detector: Any
    recogniser: Any
    alphabet: tuple[str, ...]
    name: str


@lru_cache(maxsize=1)
def open_engine() -> Engine:
    """Load the models, once a process; `MissingBackend` where the extra is not installed."""
    models = model_files()
    if models is None:
        raise MissingBackend(MISSING)
    runtime = import_module("onnxruntime")
    options = runtime.SessionOptions()
    # Files are what is read side by side, in processes or threads; the arena would keep its peak
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    detector, recogniser = (
        runtime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        for model in models
    )
    described = recogniser.get_modelmeta().custom_metadata_map
    if _ALPHABET not in described:
        raise MissingBackend(f"{models[1].name} does not say its alphabet; {MISSING}")
    # Class 0 is the blank of CTC, the last one a space
    alphabet = ("", *described[_ALPHABET].splitlines(), " ")
    name = models[1].name.partition("_")[0]
    return Engine(detector=detector, recogniser=recogniser, alphabet=alphabet, name=name)


def find_text(engine: Engine, picture: Picture) -> list[TextBox]:
    """
    Return the upright boxes of text in a picture, (H, W, 3) BGR.

    The map of the detector is cut at a level; each connected part is a box, grown by its area over
    its circumference, as the maps of this family are drawn shrunk.
    """
    h, w = picture.shape[:2]
    down, right = (-h) % _STEP, (-w) % _STEP
    padded = cv2.copyMakeBorder(picture, 0, down, 0, right, cv2.BORDER_REPLICATE)
    scene = _as_input(np.asarray(padded, np.uint8))
    level = engine.detector.run(None, {engine.detector.get_inputs()[0].name: scene})[0][0, 0]
    mask = cv2.dilate((level > _LEVEL).astype(np.uint8), np.ones((2, 2), np.uint8))
    count, parts, stats, _ = cv2.connectedComponentsWithStats(mask)
    boxes = []
    for part in range(1, min(count, _MOST_BOXES)):
        x, y, bw, bh = (int(v) for v in stats[part, :4])
        if min(bw, bh) < _LEAST:
            continue
        window = np.s_[y : y + bh, x : x + bw]
        score = float(level[window][parts[window] == part].mean())
        if score >= _SURE:
            grow = bw * bh * _GROW / (2 * (bw + bh))
            box = (max(0.0, x - grow), max(0.0, y - grow), x + bw + grow, y + bh + grow)
            boxes.append(TextBox(box[0], box[1], min(w, box[2]), min(h, box[3]), score))
    return boxes


def read_line(engine: Engine, line: Picture) -> Floats:
    """Return the posteriors of a line, (H, W, 3) BGR, as (time, characters), float32."""
    h, w = line.shape[:2]
    width = int(np.clip(round(_LINE * w / h), 8, _WIDEST))
    way = cv2.INTER_AREA if h > _LINE else cv2.INTER_CUBIC
    resized = np.asarray(cv2.resize(line, (width, _LINE), interpolation=way), np.uint8)
    room = max(2 * _STEP, width + (-width) % _STEP)
    scene = np.zeros((1, 3, _LINE, room), np.float32)
    scene[..., :width] = _as_input(resized)
    out = engine.recogniser.run(None, {engine.recogniser.get_inputs()[0].name: scene})[0][0]
    return np.asarray(out, np.float32)


def decode(posteriors: Floats, alphabet: Sequence[str]) -> tuple[str, float]:
    """Return the best path of CTC as text, and the mean probability of its characters."""
    best, level = posteriors.argmax(1), posteriors.max(1)
    kept = (best != 0) & np.concatenate([[True], best[1:] != best[:-1]])
    if not kept.any():
        return "", 0.0
    return "".join(alphabet[i] for i in best[kept]), float(level[kept].mean())


def _as_input(picture: Picture) -> Floats:
    """Return a picture as both models take it: (1, 3, H, W), -1 to 1."""
    levels = picture.astype(np.float32) * np.float32(1 / 127.5) - np.float32(1)
    return np.ascontiguousarray(levels.transpose(2, 0, 1)[None])
