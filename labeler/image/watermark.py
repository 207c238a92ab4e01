"""
The invisible mark of pictures: put the payload into the pixels (Measures art. 5, R-43, R-44).

The mark is one luma residual, the same for red, green and blue, spread over the whole picture; it
is read without the original, after recompression, scaling, cropping, turning (docs/formats/
image-v1.md). Alpha is never touched, nor are pixels that are wholly transparent. The mathematics is
in `labeler.core`, the reader in `detectors.image.watermark`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from labeler.core.image.canonical import canonical_luma, canonical_scale, canonical_shape
from labeler.core.image.embedding import PRESETS, SMALL_PIXELS, Strength, plan_embedding
from labeler.core.image.lattice import lattice_of
from labeler.core.image.residual import add_residual
from labeler.core.image.self_check import check_mark
from labeler.core.image.similarity import ssim
from labeler.core.image.survival import chance_of_survival
from labeler.errors import (
    LabelError,
    LayerFailed,
    MediaTooSmall,
    UnknownPolicy,
    UnsupportedMedia,
)
from labeler.keys import DEFAULT_KEY, Key
from labeler.machine import plain
from labeler.payload import Payload
from labeler.schemes import IMAGE_V1
from labeler.threads import map_threads


if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from labeler.core.image.lattice import Lattice
    from labeler.core.image.self_check import SelfCheck
    from labeler.schemes import CodeMode


LONG_FROM, SURE_FROM, SMALLEST = 384, 256, 160
"""Least sqrt(width * height) for the long payload, for a safe short one, and for any mark."""

THINNEST = 32
"""Least rows and columns of the canonical picture: a quarter of a tile."""

DTYPES = ("uint8", "uint16", "float32")
"""Pixel types that can be marked: 0..255, 0..65535, and 0..1."""

DOUBTFUL = 0.5
"""Survival below which a mark is called weak and always read back."""

_STRONGEST = 4.0
_PICTURE_AXES, _BATCH_AXES, _CHANNELS = (2, 3), 4, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkReceipt:
    """
    What was put into one picture.

    ``bits`` of the payload that were carried (64, or 32 in small pictures); ``alpha`` the multiple
    of the visibility mask; ``psnr_db`` over the colours and ``ssim`` of the luma
    (`labeler.core.image.similarity`); ``survival`` the estimated chance that the message still
    reads after half size and JPEG 50 (`labeler.core.image.survival`); all three None when nothing
    changed.
    ``self_check`` is the statistic with which the mark was read back, None when it was not;
    ``note`` says when the mark is weak.
    """

    scheme: str
    mode: str
    bits: int
    key: str
    strength: str
    alpha: float
    psnr_db: float | None
    ssim: float | None = None
    survival: float | None = None
    self_check: float | None = None
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the receipt as it stands under ``layers.watermark`` in the machine output."""
        return plain(self, alpha=3, psnr_db=2, ssim=4, survival=2, self_check=2)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Order:
    """How to mark a picture: the same for all pictures of a batch."""

    shape: tuple[int, ...]
    mode: CodeMode
    lattice: Lattice
    scale: float
    key: str
    strength: str | float
    self_check: bool


def embed_mark(
    pixels: NDArray[Any],
    payload: Payload,
    *,
    key: Key = DEFAULT_KEY,
    strength: str | float = "default",
    self_check: bool = True,
) -> tuple[NDArray[Any], MarkReceipt]:
    """
    Return the marked picture, a new array, and the receipt.

    Parameters
    ----------
    pixels
        (H, W) or (H, W, C): grey, grey and alpha, RGB, RGBA; uint8, uint16 or float32 in [0, 1].
    strength
        A name of `labeler.core.image.embedding.PRESETS`, or a fixed multiple of the visibility
        mask; 0 changes nothing.
    self_check
        Read the mark back before returning (R-41). False is for callers that read the encoded
        picture back themselves; where the check decides about a refusal it is made all the same:
        under `SMALL_PIXELS` and where ``survival`` is below `DOUBTFUL`.

    Raises
    ------
    UnsupportedMedia
        Another shape or dtype.
    MediaTooSmall
        Smaller than `SMALLEST`, or smaller than `SURE_FROM` and not readable after one JPEG.
    LayerFailed
        The mark does not read back, as on a wholly black or white picture.
    """
    order = _order(pixels, key=key, strength=strength, self_check=self_check)
    return _embed(pixels, payload, order)


def _order(pixels: NDArray[Any], *, key: Key, strength: str | float, self_check: bool) -> _Order:
    _check_pixels(pixels)
    _strength_of(strength)
    height, width = pixels.shape[:2]
    return _Order(
        shape=pixels.shape,
        mode=mode_for(height, width),
        lattice=lattice_of(IMAGE_V1, key.subkey(IMAGE_V1.name)),
        scale=canonical_scale(height, width, IMAGE_V1.canonical),
        key=key.name,
        strength=strength,
        self_check=self_check,
    )


def _embed(
    pixels: NDArray[Any], payload: Payload, order: _Order
) -> tuple[NDArray[Any], MarkReceipt]:
    mode, lattice, scale = order.mode, order.lattice, order.scale
    bits = payload.to_bits()[: mode.payload_bits]
    luma = canonical_luma(pixels, IMAGE_V1.canonical)
    strength = _strength_of(order.strength)
    embedding = plan_embedding(luma, scale, bits, mode=mode, lattice=lattice, strength=strength)
    marked, psnr = add_residual(pixels, embedding.residual)
    receipt = MarkReceipt(
        scheme=IMAGE_V1.name,
        mode="long" if mode == IMAGE_V1.long_mode else "short",
        bits=mode.payload_bits,
        key=order.key,
        strength=str(order.strength),
        alpha=embedding.alpha,
        psnr_db=None if math.isinf(psnr) else psnr,
    )
    if embedding.alpha == 0:
        return marked, receipt
    survival = chance_of_survival(luma, embedding, scale, bits, mode=mode, lattice=lattice)
    receipt = replace(receipt, ssim=ssim(pixels, marked), survival=survival)
    if order.self_check or luma.size * scale * scale < SMALL_PIXELS or survival < DOUBTFUL:
        after = canonical_luma(marked, IMAGE_V1.canonical)
        check = check_mark(after, scale, bits, mode=mode, lattice=lattice)
        receipt = replace(receipt, self_check=check.z, note=_checked(check, survival, order.shape))
    return marked, receipt


def embed_batch(
    batch: NDArray[Any],
    payloads: Payload | Sequence[Payload],
    *,
    key: Key = DEFAULT_KEY,
    strength: str | float = "default",
    self_check: bool = True,
    threads: int | None = None,
) -> tuple[NDArray[Any], tuple[MarkReceipt, ...]]:
    """
    Return a marked batch (N, H, W, C) and one receipt each; one payload for all or one each.

    The same, bit by bit, as `embed_mark` on every picture: the strength is found for each by
    itself. ``threads`` pictures are marked at a time, each by one thread: by default one a core,
    at most `labeler.threads.MOST_THREADS`. Raises as `embed_mark`, for the first picture that
    cannot be marked, whose number the message says; nothing is returned then.
    """
    if batch.ndim != _BATCH_AXES:
        raise UnsupportedMedia(f"a batch has four axes (N, H, W, C), this has {batch.ndim}")
    each = [payloads] * len(batch) if isinstance(payloads, Payload) else list(payloads)
    if len(each) != len(batch):
        raise UnsupportedMedia(f"{len(batch)} pictures need {len(batch)} payloads, not {len(each)}")
    if not len(batch):
        return batch.copy(), ()
    _check_range(batch)
    order = _order(batch[0], key=key, strength=strength, self_check=self_check)
    marked = np.empty_like(batch)

    def embed(index: int) -> MarkReceipt:
        try:
            marked[index], receipt = _embed(batch[index], each[index], order)
        except LabelError as error:
            raise type(error)(f"picture {index} of the batch: {error}") from error
        return receipt

    receipts = map_threads(embed, range(len(batch)), threads=threads)
    return marked, receipts


def weakest(receipts: Sequence[MarkReceipt]) -> MarkReceipt:
    """Return one receipt for the frames of one picture: the worst of every figure."""
    worst = min(receipts, key=lambda receipt: receipt.psnr_db or math.inf)
    least: dict[str, Any] = {
        name: min((v for r in receipts if (v := getattr(r, name)) is not None), default=None)
        for name in ("psnr_db", "ssim", "survival", "self_check")
    }
    note = next((receipt.note for receipt in receipts if receipt.note), "")
    return replace(worst, note=note, **least)


def mode_for(height: int, width: int) -> CodeMode:
    """
    Return the mode for a picture of this size (design image-v1, section 5).

    Raises `MediaTooSmall` below `SMALLEST` and for strips thinner than `THINNEST`.
    """
    size = math.sqrt(height * width)
    if size < SMALLEST or min(canonical_shape(height, width, IMAGE_V1.canonical)) < THINNEST:
        raise MediaTooSmall(
            f"{width} x {height} pixels are too few for the invisible mark (at least {SMALLEST} x "
            f"{SMALLEST}, and no thin strip); rely on the visible label and the metadata"
        )
    return IMAGE_V1.long_mode if size >= LONG_FROM else IMAGE_V1.short_mode


def _check_pixels(pixels: NDArray[Any]) -> None:
    if pixels.dtype.name not in DTYPES:
        raise UnsupportedMedia(
            f"pixels of type {pixels.dtype} cannot be marked; use {', '.join(DTYPES)}"
        )
    if pixels.ndim not in _PICTURE_AXES or (
        pixels.ndim > 2 and not 1 <= pixels.shape[2] <= _CHANNELS
    ):
        raise UnsupportedMedia(
            f"pixels of shape {pixels.shape} are no picture; use (H, W) or (H, W, 1 to 4)"
        )
    if 0 in pixels.shape:
        raise MediaTooSmall("the picture has no pixels")
    _check_range(pixels)


def _check_range(pixels: NDArray[Any]) -> None:
    if pixels.dtype == np.float32 and not (pixels.min() >= 0 and pixels.max() <= 1):
        raise UnsupportedMedia("float pixels must lie in 0..1; scale or clip them first")


def _strength_of(strength: str | float) -> Strength:
    if isinstance(strength, str):
        if strength not in PRESETS:
            raise UnknownPolicy(f"strength {strength!r} is none of {', '.join(PRESETS)}")
        return PRESETS[strength]
    if not 0 <= strength <= _STRONGEST:
        raise UnknownPolicy(f"strength {strength} is outside 0..{_STRONGEST:g}")
    return Strength(fixed=float(strength))


def _checked(after: SelfCheck, survival: float, shape: tuple[int, ...]) -> str:
    """Return the note for a self-check, or raise when the mark is no use."""
    small = math.sqrt(shape[0] * shape[1]) < SURE_FROM
    if small and not after.survives:
        raise MediaTooSmall(
            f"{shape[1]} x {shape[0]} pixels of this kind do not hold an invisible mark through a "
            "recompression; rely on the visible label and the metadata"
        )
    if not after.reads:
        raise LayerFailed(
            "the invisible mark does not read back from this picture, which is too flat, too "
            "rough, too dark or too bright to hold one; rely on the visible label and the metadata"
        )
    if small:
        return "a picture this small holds a weak mark, best effort"
    large = shape[0] * shape[1] >= SMALL_PIXELS
    if after.survives and (survival >= DOUBTFUL or not large):
        return ""
    return "weak: the mark may not survive a reduction with recompression"
