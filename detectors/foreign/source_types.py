"""The digital source types of IPTC, and which of them declare generated content."""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Iterable


GENERATED = frozenset(
    {
        "trainedAlgorithmicMedia",
        "compositeWithTrainedAlgorithmicMedia",
        "compositeSynthetic",
        "trainedAlgorithmicData",
    }
)
"""Made by a trained model, wholly or in part (IPTC NewsCodes, C2PA)."""

NOT_GENERATED = frozenset(
    {
        "compositeCapture",
        "computationalCapture",
        "digitalArt",
        "digitalCapture",
        "digitalCreation",
        "humanEdits",
        "minorHumanEdits",
        "negativeFilm",
        "positiveFilm",
        "print",
        "screenCapture",
        "softwareImage",
    }
)
"""Made by a camera, by hand or by plain software. Types in neither set say nothing."""


def declares_ai(names: Iterable[str]) -> bool | None:
    """
    Say whether source types declare generated content; None when they say neither.

    One generated ingredient is enough: an active manifest may leave the word to its ingredient.

    >>> declares_ai(["digitalCapture", "trainedAlgorithmicMedia"]), declares_ai([])
    (True, None)
    """
    told = {name.casefold() for name in names}
    if told & {name.casefold() for name in GENERATED}:
        return True
    if told and told <= {name.casefold() for name in NOT_GENERATED}:
        return False
    return None
