"""
The shapes that the search for visible labels looks for: known wordings set in the label typeface.

Two lists: the few texts that are searched everywhere, and all wordings that a place found by
them may turn out to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import cv2
import numpy as np

from labeler.core.image.correlation import Template, make_template
from labeler.image.visible_type import break_lines, typeset
from labeler.texts import known_texts


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from labeler.core.image.compose import Floats

MASTER_EM = 96
"""Pixels per em at which the shapes are rendered, once."""
_FRAME = 0.10  # em around the ink
_RING = 0.065  # em of ground around the ink that count: plate, outline and bar look alike in it

SEARCHED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "zh": ("AI生成", "人工智能生成"),
        "zh-TW": ("AI生成", "人工智能生成"),
        "en": ("AI GENERATED", "MADE BY AI"),
        "ko": ("AI 생성",),
        "ja": ("AI生成",),
        "de": ("KI-GENERIERT", "KI-ERZEUGT"),
        "fr": ("GÉNÉRÉ PAR IA",),
        "es": ("GENERADO POR IA", "CREADO POR IA"),
    }
)
"""Texts that stand in, or nearly in, every wording of a language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """
    A wording rendered at `MASTER_EM`, framed: ink and valid surroundings, (H, W), 0 to 1.

    ``glyphs`` are the corners (x0, y0, x1, y1) of the measured glyphs' ink.
    """

    ink: Floats
    valid: Floats
    glyphs: NDArray[np.float32]

    def size_at(self, em: float) -> tuple[int, int]:
        """Return width and height at a type size in pixels."""
        h, w = self.ink.shape
        return max(8, round(w * em / MASTER_EM)), max(6, round(h * em / MASTER_EM))


@lru_cache(maxsize=64)
def shape_of(lines: str) -> Shape:
    """Render a wording, with its line breaks."""
    type_ = typeset(lines, MASTER_EM)
    frame = round(_FRAME * MASTER_EM)
    ink = np.pad(type_.ink, frame).astype(np.float32) * np.float32(1 / 255)
    width = 2 * round(_RING * MASTER_EM) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    valid = np.asarray(cv2.dilate(ink, kernel), np.float32)
    ink.flags.writeable = valid.flags.writeable = False
    boxes = np.array([g.box for g in type_.glyphs], np.float32) + frame
    return Shape(ink=ink, valid=valid, glyphs=boxes)


def label_template(lines: str, em: float) -> Template:
    """Return the template of a wording at a type size in pixels."""
    shape = shape_of(lines)
    return make_template(shape.ink, shape.valid, shape.size_at(em))


@lru_cache(maxsize=256)
def coarse_template(lines: str, em: float) -> Template:
    """Return what `label_template` returns, kept for the fixed sizes of the search."""
    return label_template(lines, em)


def searched_texts(langs: Sequence[str], texts: Sequence[str], *, small: bool) -> tuple[str, ...]:
    """
    Return the texts, with line breaks, that are searched everywhere.

    ``small`` adds the line breaks that only small pictures have.
    """
    usual = [text for lang in langs for text in SEARCHED[lang]]
    if small:
        usual += [lines for text in usual if (lines := break_lines(text, 2))]
    return tuple(dict.fromkeys((*texts, *usual)))


@lru_cache(maxsize=64)
def wordings_of(langs: tuple[str, ...], texts: tuple[str, ...]) -> Mapping[str, str]:
    """Return every wording a label may have, as lines, and the text it stands for."""
    known = (*texts, *(text for lang in langs for text in known_texts(lang)))
    found: dict[str, str] = {}
    for text in known:
        for lines in (text, break_lines(text, 2), break_lines(text, 3)):
            if lines:
                found.setdefault(lines, text)
    return MappingProxyType(found)
