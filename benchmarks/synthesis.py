"""
Smooth pictures such as generators like to make, drawn by seeded mathematics: no package needed.

Gradients, soft shapes, clouds: nothing hides a mark in them, so they are the hard class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np


if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Plane = NDArray[np.float32]
    Picture = NDArray[np.uint8]

_SIDE = 1000
_SHAPE = (_SIDE, 1400)


def _grid() -> tuple[Plane, Plane]:
    """Return (y, x), both 0..1, of the picture."""
    y, x = np.mgrid[0 : _SHAPE[0], 0 : _SHAPE[1]].astype(np.float32)
    return y / np.float32(_SHAPE[0]), x / np.float32(_SHAPE[1])


def _blend(weight: Plane, first: tuple[int, ...], second: tuple[int, ...]) -> Plane:
    """Mix two colours by a plane of weights 0..1."""
    share = np.clip(weight, 0, 1)[..., None]
    low, high = np.array(first, np.float32), np.array(second, np.float32)
    return np.asarray(share * high + (1 - share) * low, np.float32)


def _finish(values: Plane) -> Picture:
    """Round to bytes with the half-step dither that renderers use against banding."""
    dither = np.random.default_rng(11).uniform(-0.5, 0.5, values.shape)
    finished: Picture = np.clip(np.rint(values + dither), 0, 255).astype(np.uint8)
    return finished


def _clouds(seed: int, octaves: int = 5) -> Plane:
    """Return fractal noise 0..1, each octave half as strong and twice as fine."""
    chance = np.random.default_rng(seed)
    total = np.zeros(_SHAPE, np.float32)
    for octave in range(octaves):
        cells = chance.random((3 * 2**octave, 4 * 2**octave)).astype(np.float32)
        fine = cv2.resize(cells, _SHAPE[::-1], interpolation=cv2.INTER_CUBIC)
        total += np.asarray(fine, np.float32) / np.float32(2**octave)
    return np.asarray((total - total.min()) / (total.max() - total.min()), np.float32)


def _gradient() -> Picture:
    y, x = _grid()
    return _finish(_blend(0.6 * x + 0.4 * y, (20, 40, 120), (250, 190, 140)))


def _halo() -> Picture:
    y, x = _grid()
    distance = np.hypot((x - 0.6) * 1.4, y - 0.4)
    return _finish(_blend(distance * 1.3, (255, 240, 210), (60, 30, 90)))


def _sky() -> Picture:
    y, _ = _grid()
    blue = _blend(y, (70, 120, 200), (200, 225, 245))
    white = np.clip((_clouds(1) - 0.55) * 3, 0, 1)[..., None]
    return _finish(np.asarray(blue * (1 - white) + 250 * white, np.float32))


def _mesh() -> Picture:
    colours = np.random.default_rng(2).integers(40, 256, (3, 4, 3)).astype(np.float32)
    return _finish(
        np.asarray(cv2.resize(colours, _SHAPE[::-1], interpolation=cv2.INTER_CUBIC), np.float32)
    )


def _lights() -> Picture:
    chance = np.random.default_rng(3)
    y, _ = _grid()
    values = _blend(y, (15, 15, 40), (60, 30, 60))
    for _ in range(40):
        disc = np.zeros((*_SHAPE, 3), np.float32)
        place = (int(chance.integers(_SHAPE[1])), int(chance.integers(_SHAPE[0])))
        colour = tuple(float(c) for c in chance.integers(10, 90, 3))
        cv2.circle(disc, place, int(chance.integers(20, 90)), colour, -1, cv2.LINE_AA)
        values += np.asarray(cv2.GaussianBlur(disc, (0, 0), float(chance.uniform(1, 6))))
    return _finish(values)


def _waves() -> Picture:
    y, x = _grid()
    values = _blend(y, (240, 245, 250), (210, 230, 240))
    for layer in range(6):
        edge = 0.3 + 0.11 * layer + 0.05 * np.sin(2 * np.pi * (x * (1 + 0.3 * layer) + layer / 5))
        inside = np.clip((y - edge) * 400, 0, 1)[..., None]
        colour = np.array((30 + 20 * layer, 140 - 18 * layer, 190 - 12 * layer), np.float32)
        values = np.asarray(values * (1 - inside) + colour * inside, np.float32)
    return _finish(values)


def _shapes() -> Picture:
    chance = np.random.default_rng(5)
    flat = np.full((*_SHAPE, 3), (236, 232, 224), np.uint8)
    for _ in range(14):
        place = (int(chance.integers(_SHAPE[1])), int(chance.integers(_SHAPE[0])))
        radius = int(chance.integers(60, 260))
        colour = tuple(int(c) for c in chance.integers(60, 240, 3))
        cv2.circle(flat, place, radius, colour, -1, cv2.LINE_AA)
    return flat


def _poster() -> Picture:
    flat = np.full((*_SHAPE, 3), (28, 60, 92), np.uint8)
    cv2.circle(flat, (1000, 320), 180, (248, 196, 80), -1, cv2.LINE_AA)
    for ridge, colour in enumerate(((70, 110, 120), (50, 84, 96), (24, 44, 58))):
        peaks = np.random.default_rng(20 + ridge).integers(0, 260, 9)
        tops = [(175 * i, 520 + 130 * ridge - int(p)) for i, p in enumerate(peaks)]
        outline = np.array([(0, _SHAPE[0]), *tops, (_SHAPE[1], _SHAPE[0])], np.int32)
        cv2.fillPoly(flat, [outline], colour, cv2.LINE_AA)
    return flat


def _marble() -> Picture:
    _, x = _grid()
    veins = 0.5 + 0.5 * np.sin(10 * np.pi * (x + 0.6 * _clouds(7, 4)))
    return _finish(_blend(np.asarray(veins, np.float32) ** 2, (232, 228, 222), (150, 140, 150)))


def _mist() -> Picture:
    return _finish(_blend(_clouds(8, 3), (120, 130, 128), (216, 214, 206)))


SMOOTH: dict[str, Callable[[], Picture]] = {
    "gradient": _gradient,
    "halo": _halo,
    "sky": _sky,
    "mesh": _mesh,
    "lights": _lights,
    "waves": _waves,
    "shapes": _shapes,
    "poster": _poster,
    "marble": _marble,
    "mist": _mist,
}
"""Makers of (1000, 1400, 3) uint8 RGB pictures; the same on every call."""
