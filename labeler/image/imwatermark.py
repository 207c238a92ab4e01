"""
The marks of the package invisible-watermark, written without it: dwtDct and dwtDctSvd.

For those whose other programs read that format. It is no label in the sense of GB 45438-2025: it
has no key, no checksum and no length, a reader must be told how long the message is and answers for
any picture, and scaling or cropping ends it. `labeler.image.watermark` has none of these faults.

Its third method, rivaGan, is a neural network; it runs through the extra ``imwatermark``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import cv2
import numpy as np

from labeler.core.image.block_marks import (
    SIDE,
    STRIP,
    block_count,
    chroma_plane,
    message_votes,
    read_votes,
)
from labeler.core.image.block_marks_exact import embed_exactly
from labeler.core.image.block_marks_fixed import embed_fixed
from labeler.errors import InvalidLabel, LayerFailed, MediaTooSmall, UnsupportedMedia
from labeler.schemes import DWT_DCT, DWT_DCT_SVD, BlockScheme


if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Message = bytes | Sequence[int] | NDArray[Any]


Method = Literal["dwtDct", "dwtDctSvd", "rivaGan"]

SCHEMES = (DWT_DCT, DWT_DCT_SVD)

RIVAGAN = "rivaGan"

_THERE_AND_BACK = {
    "RGB": (cv2.COLOR_RGB2YUV, cv2.COLOR_YUV2RGB),
    "BGR": (cv2.COLOR_BGR2YUV, cv2.COLOR_YUV2BGR),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockReceipt:
    """
    What was put into one picture.

    ``exact`` says whether it is what the package itself writes; ``bits`` are those of the message,
    ``blocks`` the places over which it is repeated, ``misread`` how many of the bits the package's
    reader gets wrong without any change to the picture, None when it was not asked; ``psnr_db``
    over the colours.
    """

    method: str
    exact: bool
    bits: int
    blocks: int
    misread: int | None
    psnr_db: float


def embed(
    pixels: NDArray[Any],
    message: Message,
    *,
    method: Method = "dwtDct",
    exact: bool = False,
    self_check: bool = True,
) -> tuple[NDArray[Any], BlockReceipt]:
    """
    Return a marked copy of a picture and what was put into it.

    Parameters
    ----------
    pixels
        (H, W, 3) or (H, W, 4), uint8 RGB; alpha is kept. With ``exact`` also float32 on the scale
        0..255, (H, W, 3), which some pipelines hand to the package; the result is not clipped then.
    message
        Bytes, most significant bit first, or a sequence of 0 and 1.
    method
        ``dwtDct``, ``dwtDctSvd``; or ``rivaGan``, 32 bits, through the extra ``imwatermark``.
    exact
        Write byte for byte what invisible-watermark 0.2.0 writes, faults included. By default
        the picture is disturbed less and the same readers read it more often.
    self_check
        Read the message back, and fail rather than hand over a picture that does not hold it.
        rivaGan always does.

    Raises
    ------
    MediaTooSmall
        Less than 65,536 pixels, or fewer blocks than bits.
    InvalidLabel
        The message is empty or not of bits.
    UnsupportedMedia
        Another kind of pixels, or no such method.
    LayerFailed
        The picture (white, black, flat) does not hold the message. Not with ``exact``, nor
        without ``self_check``.
    MissingBackend
        rivaGan without its packages.

    Examples
    --------
    >>> picture = np.random.default_rng(0).integers(0, 256, (256, 256, 3), np.uint8)
    >>> marked, receipt = embed(picture, b"test")
    >>> receipt.bits, receipt.blocks, receipt.misread
    (32, 1024, 0)
    """
    bits = as_bits(message)
    check_picture(pixels, bits.size, floats=exact)
    if method == RIVAGAN:
        return _embed_rivagan(pixels, bits)
    scheme = scheme_named(method)
    colours = np.ascontiguousarray(pixels[..., :3])
    marked = _write_exactly(colours, bits, scheme) if exact else embed_fixed(colours, bits, scheme)
    misread = _misread(marked, bits, scheme) if self_check else None
    if misread and not exact:
        raise LayerFailed(
            f"{misread} of {bits.size} bits cannot be read back: the picture is too flat, white or "
            "black for this mark, or too small for so long a message; shorten it or leave it out"
        )
    receipt = BlockReceipt(
        method=method,
        exact=exact,
        bits=bits.size,
        blocks=block_count(*pixels.shape[:2]),
        misread=misread,
        psnr_db=_psnr(colours, marked),
    )
    return _with_alpha(marked, pixels), receipt


def _misread(marked: NDArray[Any], bits: NDArray[np.bool_], scheme: BlockScheme) -> int:
    found = message_votes(read_votes(chroma_plane(marked), scheme), bits.size)
    return int(np.count_nonzero(found != bits))


def as_bits(message: Message) -> NDArray[np.bool_]:
    """
    Return a message as bits, (n,) bool; raises `InvalidLabel` if it is none.

    >>> as_bits(b"A").astype(int).tolist()
    [0, 1, 0, 0, 0, 0, 0, 1]
    """
    if isinstance(message, bytes | bytearray):
        bits = np.unpackbits(np.frombuffer(bytes(message), np.uint8))
    else:
        bits = np.asarray(message)
    if bits.ndim != 1 or not bits.size:
        raise InvalidLabel("the message is empty or no row of bits; of a text pass the bytes")
    if not np.isin(bits, (0, 1)).all():
        raise InvalidLabel("the message holds other numbers than 0 and 1")
    return np.asarray(bits.astype(bool))


def scheme_named(method: str) -> BlockScheme:
    """Return the record of a method; raises `UnsupportedMedia` if there is none."""
    for scheme in SCHEMES:
        if scheme.name == method:
            return scheme
    known = ", ".join([*(scheme.name for scheme in SCHEMES), RIVAGAN])
    raise UnsupportedMedia(f"no method {method!r} of invisible-watermark; there are {known}")


def check_picture(pixels: NDArray[Any], bits: int, *, floats: bool = False) -> None:
    """Raise a `LabelError` unless a picture can carry so many bits."""
    kinds = ("uint8", "float32") if floats else ("uint8",)
    alpha = pixels.ndim == 3 and pixels.shape[2] == 4 and pixels.dtype == np.uint8
    if pixels.ndim != 3 or not (pixels.shape[2] == 3 or alpha) or pixels.dtype.name not in kinds:
        raise UnsupportedMedia(
            f"pixels of shape {pixels.shape} and dtype {pixels.dtype}; this mark lies in the "
            f"colours of one picture (H, W, 3) of {' or '.join(kinds)}"
        )
    height, width = pixels.shape[:2]
    if height * width < DWT_DCT.least_pixels:
        raise MediaTooSmall(f"{width} x {height}: this format needs {DWT_DCT.least_pixels} pixels")
    if block_count(height, width) < bits:
        raise MediaTooSmall(
            f"{width} x {height} has {block_count(height, width)} blocks for {bits} bits; "
            "shorten the message"
        )


def _write_exactly(
    pixels: NDArray[Any], bits: NDArray[np.bool_], scheme: BlockScheme
) -> NDArray[Any]:
    # The format is defined on BGR; in floats OpenCV rounds RGB and BGR differently.
    floats = pixels.dtype != np.uint8
    source = np.ascontiguousarray(pixels[..., ::-1]) if floats else pixels
    there, back = _THERE_AND_BACK["BGR" if floats else "RGB"]
    marked = np.empty_like(source)
    height, width = source.shape[:2]
    every, across = np.resize(bits, block_count(height, width)), block_count(SIDE, width)
    for top in range(0, height, STRIP):
        yuv = cv2.cvtColor(source[top : top + STRIP], there)
        chroma = cv2.extractChannel(yuv, 1)
        embed_exactly(chroma, every[top // SIDE * across :][: block_count(*chroma.shape)], scheme)
        cv2.insertChannel(chroma, yuv, 1)
        marked[top : top + STRIP] = cv2.cvtColor(yuv, back)
    return np.ascontiguousarray(marked[..., ::-1]) if floats else marked


def _embed_rivagan(
    pixels: NDArray[Any], bits: NDArray[np.bool_]
) -> tuple[NDArray[Any], BlockReceipt]:
    from labeler.integrations.imwatermark import rivagan_decode, rivagan_encode

    colours = np.ascontiguousarray(pixels[..., :3])
    marked = rivagan_encode(colours, bits)
    misread = int(np.count_nonzero(rivagan_decode(marked) != bits))
    receipt = BlockReceipt(
        method=RIVAGAN,
        exact=True,
        bits=bits.size,
        blocks=1,
        misread=misread,
        psnr_db=_psnr(colours, marked),
    )
    return _with_alpha(marked, pixels), receipt


def _psnr(before: NDArray[Any], after: NDArray[Any]) -> float:
    error = cv2.norm(before, after, cv2.NORM_L2SQR) / before.size
    return 10 * math.log10(255 * 255 / error) if error else math.inf


def _with_alpha(marked: NDArray[Any], pixels: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([marked, pixels[..., 3:]], axis=-1) if pixels.shape[2] > 3 else marked
