"""Geometries of pictures for tests."""

from __future__ import annotations

import numpy as np


def turned(scale: float, degrees: float) -> np.ndarray:
    """The matrix that turns by so many degrees and enlarges."""
    turn = np.deg2rad(degrees)
    return scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
