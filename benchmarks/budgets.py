"""
What each strength costs: ``python -m benchmarks.budgets``.

Marks the photographs and the flat and smooth pictures for tuning at every named strength and prints
the PSNR, SSIM and survival of their receipts: the table of docs/watermark.md.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

import cv2

from benchmarks import pictures
from benchmarks.peers import message_for
from labeler.core.image.embedding import PRESETS
from labeler.image.watermark import embed_mark
from labeler.payload import from_bits


if TYPE_CHECKING:
    from collections.abc import Iterator

    from labeler.image.watermark import MarkReceipt

GROUPS = {"photographs": ("photo",), "flat, smooth": ("flat", "smooth")}


def receipts(kinds: tuple[str, ...], strength: str) -> Iterator[MarkReceipt]:
    """Yield the receipt of every picture for tuning of these kinds."""
    for source in pictures.sources(split="tuning", kinds=kinds):
        payload = from_bits(message_for(source.name))
        yield embed_mark(pictures.load(source), payload, strength=strength, self_check=False)[1]


def row(name: str, strength: str, found: list[MarkReceipt]) -> str:
    """Return one line of the table."""
    psnr = [receipt.psnr_db or 0.0 for receipt in found]
    ssim = [receipt.ssim or 0.0 for receipt in found]
    survival = statistics.mean(receipt.survival or 0.0 for receipt in found)
    return (
        f"| {strength} | {len(found)} {name} | {statistics.mean(psnr):.1f} | {min(psnr):.1f} "
        f"| {statistics.mean(ssim):.3f} | {min(ssim):.3f} | {survival:.2f} |"
    )


def main() -> None:
    """Print the table."""
    cv2.setNumThreads(1)
    print("| strength | pictures | PSNR mean | least | SSIM mean | least | survival mean |")
    print("|---|---|--:|--:|--:|--:|--:|")
    for strength in PRESETS:
        for name, kinds in GROUPS.items():
            print(row(name, strength, list(receipts(kinds, strength))))


if __name__ == "__main__":
    main()
