"""
Sound held in memory: arrays and tensors of any library to samples (n, channels), and back.

The twin of `labeler.adapt`: nothing of a tensor library is imported, layouts are checked, never
guessed, and what goes back has the kind, dtype, shape order and device that came in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from labeler.adapt import like, to_numpy
from labeler.errors import UnsupportedMedia


if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_CHANNELS = 8
LAYOUTS = ("NC", "CN")
"""Samples first, as files and NumPy code hold sound, or channels first, as tensor code does."""

_FULL = {"int16": 32768.0, "int32": 2147483648.0}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeldSound:
    """Samples (n, channels) float32, full scale 1.0, and what they were."""

    samples: NDArray[np.float32]
    original: Any
    layout: str

    def give_back(self, samples: NDArray[np.float32]) -> Any:
        """Return samples (n, channels) in the kind, dtype and layout that came in."""
        shape = np.shape(self.original)
        out = samples[:, 0] if len(shape) == 1 else samples
        out = out.T if self.layout == "CN" else out
        name = str(self.original.dtype).removeprefix("torch.")
        if name in _FULL:
            full = _FULL[name]
            out = np.clip(np.rint(out * np.float64(full)), -full, full - 1).astype(name)
        if type(self.original).__module__.split(".", 1)[0] == "numpy":
            return np.ascontiguousarray(out).astype(self.original.dtype, copy=False)
        return like(self.original, np.ascontiguousarray(out))


def take_sound(content: Any, *, layout: str | None = None) -> HeldSound:
    """
    Recognise sound in memory: (n,), (n, channels) or (channels, n); floats, int16 or int32.

    ``layout`` is "NC" for arrays and "CN" for tensors unless given.

    Raises `UnsupportedMedia` for another type, a shape that does not fit the layout, no samples.
    """
    is_array = type(content).__module__.split(".", 1)[0] == "numpy"
    layout = layout or ("NC" if is_array else "CN")
    if layout not in LAYOUTS:
        raise UnsupportedMedia(f'layout of sound is "NC" or "CN", not {layout!r}')
    if not hasattr(content, "shape") or not hasattr(content, "dtype"):
        raise UnsupportedMedia(f"{type(content).__name__} is no array or tensor of samples")
    values = to_numpy(content)
    if values.ndim not in {1, 2} or values.size == 0:
        raise UnsupportedMedia(f"sound of shape {values.shape}; use (n,) or two axes")
    values = values[:, None] if values.ndim == 1 else values
    values = values.T if layout == "CN" and np.ndim(content) == 2 else values
    if values.shape[1] > MOST_CHANNELS:
        other = "CN" if layout == "NC" else "NC"
        raise UnsupportedMedia(
            f"shape {tuple(content.shape)} has {values.shape[1]} channels in layout {layout}; "
            f'at most {MOST_CHANNELS} are handled: pass layout="{other}" if that is how it lies'
        )
    if values.dtype.name in _FULL:
        values = values / np.float64(_FULL[values.dtype.name])
    elif values.dtype.kind != "f":
        raise UnsupportedMedia(f"samples of dtype {values.dtype}; use floats, int16 or int32")
    samples = np.ascontiguousarray(values, np.float32)
    return HeldSound(samples=samples, original=content, layout=layout)
