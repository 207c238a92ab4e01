"""
One adapter for everything a caller may hold: a path, bytes, a PIL image, an array, a tensor.

`take` says what it was and hands out either file bytes or an array of shape (..., H, W, C);
`give_back` returns the result in the kind that came in. No tensor library is ever imported:
tensors are recognised by their module and moved through NumPy.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labeler.errors import UnsupportedMedia


if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

CHANNELS = range(1, 5)
_TENSOR_MODULES = ("torch", "jax", "jaxlib", "tensorflow", "cupy", "mlx")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """
    What came in.

    ``kind`` is "path", "bytes", "pil", "array" or "tensor". Files have ``data``; pictures in
    memory have ``pixels`` of shape (..., H, W, C) or (H, W), uint8, uint16 or float32 in 0..1.
    """

    kind: str
    data: bytes | None = None
    path: Path | None = None
    pixels: NDArray[Any] | None = None
    original: Any = None
    layout: str = "HWC"
    value_range: tuple[float, float] = (0.0, 1.0)


def is_path(content: object) -> bool:
    """Say whether ``content`` names a file."""
    return isinstance(content, str | os.PathLike)


def take(
    content: Any,
    *,
    layout: str | None = None,
    value_range: tuple[float, float] = (0.0, 1.0),
) -> Taken:
    """
    Recognise a picture held in memory, or file bytes.

    Parameters
    ----------
    content
        bytes-like, PIL image, NumPy array or torch-like tensor. Paths are read by the caller.
    layout
        "HWC" or "CHW", leading batch axes allowed in both. Default: "HWC" for arrays, "CHW" for
        tensors, as pipelines hold them. It is checked, never guessed.
    value_range
        What floats run over: (0, 1), (-1, 1) or (0, 255). Checked against the data.

    Raises
    ------
    UnsupportedMedia
        Another type, a shape that does not fit the layout, values outside the range.
    """
    if isinstance(content, bytes | bytearray | memoryview):
        return Taken(kind="bytes", data=bytes(content), original=content)
    module = type(content).__module__
    if module.startswith("PIL."):
        return _take_pil(content)
    if module == "numpy" or module.startswith("numpy."):
        shape = layout or "HWC"
        return _take_array(content, content, kind="array", layout=shape, value_range=value_range)
    if module.split(".", 1)[0] in _TENSOR_MODULES or hasattr(content, "__array__"):
        shape = layout or "CHW"
        pixels = to_numpy(content)
        return _take_array(pixels, content, kind="tensor", layout=shape, value_range=value_range)
    raise UnsupportedMedia(
        f"{type(content).__name__} is no path, bytes, PIL image, NumPy array or tensor"
    )


def _take_pil(image: Any) -> Taken:
    import numpy as np

    if getattr(image, "n_frames", 1) > 1:
        raise UnsupportedMedia("an animation; pass its file or bytes so that all frames are kept")
    if image.mode not in {"L", "LA", "RGB", "RGBA", "I;16"}:
        raise UnsupportedMedia(
            f"a PIL image of mode {image.mode} cannot be returned unchanged; "
            "convert it to RGB, RGBA or L, or pass the file"
        )
    return Taken(kind="pil", pixels=np.asarray(image), original=image)


def to_numpy(tensor: Any) -> Any:
    """Return a tensor of any library as a NumPy array on the CPU."""
    import numpy as np

    if hasattr(tensor, "detach"):
        tensor = tensor.detach()
        if "bfloat16" in str(tensor.dtype):
            tensor = tensor.float()
        tensor = tensor.cpu().numpy()
    return np.asarray(tensor)


def _take_array(
    array: Any, original: Any, *, kind: str, layout: str, value_range: tuple[float, float]
) -> Taken:
    import numpy as np

    if layout not in {"HWC", "CHW"}:
        raise UnsupportedMedia(f'layout is "HWC" or "CHW", not {layout!r}')
    if array.size == 0:
        raise UnsupportedMedia("an array without pixels")
    pixels = array
    if array.ndim > 2:
        axis = -1 if layout == "HWC" else -3
        if array.shape[axis] not in CHANNELS:
            other = "CHW" if layout == "HWC" else "HWC"
            raise UnsupportedMedia(
                f"shape {array.shape} is not (..., {', '.join(layout)}) with 1 to 4 channels; "
                f'pass layout="{other}" if that is how it is laid out'
            )
        pixels = array if layout == "HWC" else np.moveaxis(array, -3, -1)
    elif array.ndim < 2:
        raise UnsupportedMedia(f"shape {array.shape} is no picture")
    if pixels.dtype.kind == "f":
        pixels = _to_unit(pixels, value_range)
    elif pixels.dtype not in (np.uint8, np.uint16):
        raise UnsupportedMedia(f"pixels of dtype {pixels.dtype}; use uint8, uint16 or floats")
    return Taken(
        kind=kind, pixels=pixels, original=original, layout=layout, value_range=value_range
    )


def _to_unit(pixels: NDArray[Any], value_range: tuple[float, float]) -> NDArray[np.float32]:
    import numpy as np

    low, high = value_range
    least, most = float(pixels.min()), float(pixels.max())
    slack = 1e-3 * (high - low)
    if not (least >= low - slack and most <= high + slack):  # also refuses NaN
        raise UnsupportedMedia(
            f"values run from {least:g} to {most:g}, outside {low:g} to {high:g}; "
            "pass value_range=(-1, 1) or (0, 255) if that is meant"
        )
    unit = (pixels.astype(np.float32) - low) / (high - low)
    return np.clip(unit, 0, 1, out=unit)


def give_back(taken: Taken, pixels: NDArray[Any]) -> Any:
    """Return ``pixels`` (as `take` handed them out) in the kind, dtype and layout that came in."""
    import numpy as np

    if taken.kind == "pil":
        from PIL import Image

        image = Image.fromarray(pixels)
        image.info = dict(taken.original.info)
        return image
    if pixels.dtype == np.float32:
        low, high = taken.value_range
        pixels = pixels * (high - low) + low
    if pixels.ndim > 2 and taken.layout == "CHW":
        pixels = np.moveaxis(pixels, -1, -3)
    if taken.kind == "array":
        return np.ascontiguousarray(pixels).astype(taken.original.dtype, copy=False)
    return like(taken.original, np.ascontiguousarray(pixels))


def like(tensor: Any, values: NDArray[Any]) -> Any:
    """Return a tensor of the same library, dtype and device; tensors bring their own makers."""
    if hasattr(tensor, "new_tensor"):
        return tensor.new_tensor(values)
    if hasattr(tensor, "at") and hasattr(tensor, "astype"):  # JAX arrays are immutable
        return tensor.at[...].set(values.astype(str(tensor.dtype)))
    return type(tensor)(values)
