"""
RivaGAN, the neural method of the package invisible-watermark, run by that package.

It needs the extra ``imwatermark``, with PyTorch and ONNX Runtime, and takes seconds a picture. The
other two methods need nothing: `labeler.image.imwatermark`.
"""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from labeler.errors import InvalidLabel, MissingBackend


if TYPE_CHECKING:
    from numpy.typing import NDArray


BITS = 32
"""What this method carries, no more and no less."""


def rivagan_encode(pixels: NDArray[np.uint8], bits: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return marked RGB pixels (H, W, 3); raises `MissingBackend`, `InvalidLabel`."""
    if bits.size != BITS:
        raise InvalidLabel(f"rivaGan carries {BITS} bits, not {bits.size}")
    encoder = _loaded("WatermarkEncoder")()
    encoder.set_watermark("bits", bits.astype(int).tolist())
    marked = encoder.encode(np.ascontiguousarray(pixels[..., ::-1]), "rivaGan")
    return np.ascontiguousarray(np.asarray(marked, np.uint8)[..., ::-1])


def rivagan_decode(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return the 32 bits that RGB pixels (H, W, 3) are read as, marked or not, (32,)."""
    decoder = _loaded("WatermarkDecoder")("bits", BITS)
    found = decoder.decode(np.ascontiguousarray(pixels[..., ::-1]), "rivaGan")
    return np.asarray(found).astype(bool).ravel()


def _loaded(name: str) -> Any:
    try:
        import_module("onnxruntime")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what its dependencies say of each other
            kind = getattr(import_module("imwatermark"), name)
        kind.loadModel()
    except ImportError as error:
        raise MissingBackend(
            "rivaGan needs invisible-watermark and onnxruntime; "
            "install them with: pip install 'aigc-label[imwatermark]'"
        ) from error
    return kind
