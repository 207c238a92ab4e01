"""
Marks of others: what is measured of invisible-watermark's format and of Stable Diffusion's marks.

Needs the package itself (``pip install torch invisible-watermark``), against which everything is
held. Pictures are those of `benchmarks.pictures`; for the marks of generators only its test split,
as the reader was made on the other one. One thread; times are processor time, in turns.

``python -m benchmarks.foreign_figures [identity|speed|quality|marks|unmarked ...]``
"""

from __future__ import annotations

import io
import statistics
import sys
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from PIL import Image

from benchmarks import pictures
from benchmarks.measuring import interleaved
from detectors.foreign import stable_diffusion
from detectors.foreign.imwatermark import read_bits
from detectors.foreign.stable_diffusion import MESSAGES
from labeler.errors import LayerFailed
from labeler.image.imwatermark import Method, embed


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]


METHODS: tuple[Method, ...] = ("dwtDct", "dwtDctSvd")
LENGTHS = (32, 48, 136)
MARKED = 24
SIDE = 1024

SDXL = [int(bit) for bit in MESSAGES[2].bits]
FLUX = [int(bit) for bit in MESSAGES[3].bits]

WANTED = {
    "Stable Diffusion 1.x": (MESSAGES[0].bits, 120),
    "Stable Diffusion 2.x": (MESSAGES[1].bits, 32),
    "Stable Diffusion XL": (MESSAGES[2].bits, 42),
    "FLUX": (MESSAGES[3].bits, 41),
}
"""The message that the package's reader is told, and how many bits count as found."""


def package() -> Any:
    """Return the module of the real package; ImportError when it is not installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return import_module("imwatermark")


def swapped(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return RGB as BGR, or back."""
    return np.ascontiguousarray(pixels[..., ::-1])


def encoded(pixels: NDArray[Any], bits: list[int], method: str = "dwtDct") -> NDArray[Any]:
    """Return what the package makes of an array, in whatever order its channels are."""
    encoder = package().WatermarkEncoder()
    encoder.set_watermark("bits", bits)
    return np.asarray(encoder.encode(pixels, method))


def decoded(pixels: Picture, length: int, method: str = "dwtDct") -> NDArray[np.bool_]:
    """Return the bits that the package reads in RGB pixels."""
    decoder = package().WatermarkDecoder("bits", length)
    return np.asarray(decoder.decode(swapped(pixels), method), bool)


def stored(values: NDArray[Any]) -> Picture:
    """Return values 0..255 rounded to bytes."""
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)


def as_uint8(bits: str) -> Callable[[Picture], Picture]:
    """Write as the scripts of Stable Diffusion 1.x and 2.x do: bytes, blue first."""
    message = [int(bit) for bit in bits]
    return lambda pixels: swapped(encoded(swapped(pixels), message))


def as_diffusers_new(pixels: Picture) -> Picture:
    """Write as diffusers does since 2024-02: floats, blue first (huggingface/diffusers #7013)."""
    return stored(swapped(encoded(swapped(pixels.astype(np.float32)), SDXL)))


def as_diffusers_old(pixels: Picture) -> Picture:
    """Write as diffusers did before: floats, red first."""
    return stored(encoded(pixels.astype(np.float32), SDXL))


def as_flux(pixels: Picture) -> Picture:
    """Write as the reference program of FLUX does: 46 bits, floats, blue first, cut to bytes."""
    marked = swapped(encoded(swapped(pixels.astype(np.float32)), FLUX))
    return np.asarray(np.clip(marked, 0, 255), np.uint8)


WRITERS: dict[str, tuple[str, Callable[[Picture], Picture]]] = {
    "SD 1.x": ("Stable Diffusion 1.x", as_uint8(MESSAGES[0].bits)),
    "SD 2.x": ("Stable Diffusion 2.x", as_uint8(MESSAGES[1].bits)),
    "SDXL, diffusers before 2024-02": ("Stable Diffusion XL", as_diffusers_old),
    "SDXL, diffusers since 2024-02": ("Stable Diffusion XL", as_diffusers_new),
    "FLUX, reference program": ("FLUX", as_flux),
}


def coded(form: str, quality: int, **options: Any) -> Callable[[Picture], Picture]:
    """Return what encodes and decodes a picture."""

    def code(pixels: Picture) -> Picture:
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, form, quality=quality, **options)
        return np.asarray(Image.open(buffer).convert("RGB"), np.uint8)

    return code


CODINGS: dict[str, Callable[[Picture], Picture]] = {
    "PNG": lambda pixels: pixels,
    "JPEG 95 4:4:4": coded("JPEG", 95, subsampling=0),
    "JPEG 80 4:4:4": coded("JPEG", 80, subsampling=0),
    "JPEG 95 4:2:0": coded("JPEG", 95, subsampling=2),
    "JPEG 90 4:2:0": coded("JPEG", 90, subsampling=2),
    "WebP 90": coded("WEBP", 90),
}


def square(source: pictures.Source) -> Picture:
    """Return the middle square of a picture, at most 1024 pixels wide, as generators make them."""
    pixels = pictures.load(source)
    side = min(pixels.shape[:2])
    top, left = (pixels.shape[0] - side) // 2, (pixels.shape[1] - side) // 2
    middle = np.ascontiguousarray(pixels[top : top + side, left : left + side])
    if side <= SIDE:
        return middle
    return np.asarray(cv2.resize(middle, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def bits_for(name: str, length: int) -> list[int]:
    """Return a message that depends on the name."""
    rng = np.random.default_rng([length, *name.encode()])
    return [int(bit) for bit in rng.integers(0, 2, length)]


def four_pictures() -> dict[str, Picture]:
    """Return the pictures of the identity test: two photographs, an uneven one, a drawing."""
    photos = pictures.sources(split="test", kinds=["photo"])
    small = pictures.sources(kinds=["small"])
    flat = pictures.sources(split="test", kinds=["flat"])
    return {
        "photograph": square(photos[0]),
        "photograph, 509 x 477": np.ascontiguousarray(square(photos[1])[:477, :509]),
        "small photograph": square(small[0]),
        "drawing": square(flat[0]),
    }


def show_identity() -> None:
    """Print how many exact embeds equal the package's, and how many reads agree both ways."""
    same = ours_theirs = theirs_ours = cases = 0
    for name, pixels in four_pictures().items():
        for method in METHODS:
            for length in LENGTHS:
                bits = bits_for(name, length)
                theirs = swapped(encoded(swapped(pixels), bits, method))
                ours, _ = embed(pixels, bits, method=method, exact=True)
                reference = decoded(theirs, length, method)
                cases += 1
                same += np.array_equal(ours, theirs)
                ours_theirs += np.array_equal(decoded(ours, length, method), reference)
                theirs_ours += np.array_equal(read_bits(theirs, length, method=method), reference)
    print(f"exact embeds byte-identical: {same} of {cases}")
    print(f"ours read by the package as its own: {ours_theirs} of {cases}")
    print(f"the package's read by us as by it: {theirs_ours} of {cases}")


def show_speed() -> None:
    """Print how many times faster than the package we are, in turns, one thread, 48 bits."""
    whole = square(pictures.sources(split="test", kinds=["photo"])[2])
    print("| | size | the package, ms | ours, times faster | `exact` | both, self-checked |")
    print("|---|---|--:|--:|--:|--:|")
    for side in (512, 1024):
        resized = cv2.resize(whole, (side, side), interpolation=cv2.INTER_AREA)
        pixels = np.asarray(resized, np.uint8)
        for method in METHODS:
            _time_method(pixels, method)
    ms = interleaved({"sd": lambda: stable_diffusion.read(pixels)})
    print(f"\nlooking for the marks of generators: {ms['sd']:.1f} ms at 1024 x 1024")


def _time_method(pixels: Picture, method: Method) -> None:
    swap, bits, side = swapped(pixels), bits_for("speed", 48), pixels.shape[0]
    jobs: dict[str, Callable[[], object]] = {
        "theirs": lambda: encoded(swap, bits, method),
        "ours": lambda: embed(pixels, bits, method=method, self_check=False),
        "exact": lambda: embed(pixels, bits, method=method, exact=True, self_check=False),
        "ours checked": lambda: embed(pixels, bits, method=method),
        "exact checked": lambda: embed(pixels, bits, method=method, exact=True),
    }
    ms = interleaved(jobs)
    ours, exact, *checked = (f"{ms['theirs'] / ms[name]:.1f}" for name in list(jobs)[1:])
    cells = (f"embed {method}", side, f"{ms['theirs']:.0f}", ours, exact, ", ".join(checked))
    print("|", " | ".join(map(str, cells)), "|")
    marked, _ = embed(pixels, bits, method=method)
    jobs = {
        "theirs": lambda: decoded(marked, 48, method),
        "ours": lambda: read_bits(marked, 48, method=method),
    }
    ms = interleaved(jobs)
    ratio = f"{ms['theirs'] / ms['ours']:.0f}"
    print(f"| read {method} | {side} | {ms['theirs']:.0f} | {ratio} | | |", flush=True)


def show_quality() -> None:
    """Print PSNR and readability of the default against the package's own embedding."""
    rows: dict[str, list[tuple[float, float, bool, bool]]] = {method: [] for method in METHODS}
    refused = 0
    for source in pictures.sources(split="test")[::2]:
        pixels, bits = square(source), bits_for(source.name, 48)
        for method in METHODS:
            exact = embed(pixels, bits, method=method, exact=True)[1]
            try:
                marked, fixed = embed(pixels, bits, method=method)
            except LayerFailed:
                refused += 1
                continue
            read = np.array_equal(decoded(marked, 48, method), bits)
            rows[method].append((exact.psnr_db, fixed.psnr_db, exact.misread == 0, read))
    print(
        "| | pictures | PSNR of the package | ours | gain, median (least) | read: theirs | ours |"
    )
    print("|---|--:|--:|--:|--:|--:|--:|")
    for method in METHODS:
        found = rows[method]
        theirs, ours = (statistics.median(row[n] for row in found) for n in (0, 1))
        gains = [row[1] - row[0] for row in found]
        whole = [sum(row[n] for row in found) for n in (2, 3)]
        gain = f"{statistics.median(gains):+.1f} ({min(gains):+.1f})"
        print(
            f"| {method} | {len(found)} | {theirs:.1f} dB | {ours:.1f} dB | {gain} "
            f"| {whole[0]} | {whole[1]} |"
        )
    print(f"refused as they would not read back: {refused}")


def reference_finds(pixels: Picture, name: str, *, itself: bool) -> bool:
    """
    Say whether the package, told what to look for, reads the message of a generator.

    ``itself`` asks the package, otherwise its twin here, which reads the same (`show_identity`)
    in a fraction of the time.
    """
    bits, least = WANTED[name]
    message = np.array([bit == "1" for bit in bits])
    reader = decoded if itself else read_bits
    return int((reader(pixels, message.size) == message).sum()) >= least


def show_marks() -> None:
    """Print how many marked pictures the package's reader finds (itself for PNG), and ours."""
    listed = pictures.sources(split="test", kinds=["photo", "small", "flat"])
    listed = [listed[i] for i in np.random.default_rng(8).permutation(len(listed))[:MARKED]]
    print(f"{len(listed)} pictures; cells: found by the package's reader / by ours\n")
    print(f"| written as | {' | '.join(CODINGS)} |")
    print("|---|" + "--:|" * len(CODINGS))
    for writer, (name, write) in WRITERS.items():
        found = {coding: [0, 0] for coding in CODINGS}
        for source in listed:
            marked = write(square(source))
            for coding, code in CODINGS.items():
                pixels = code(marked)
                row = stable_diffusion.read(pixels)
                found[coding][0] += reference_finds(pixels, name, itself=coding == "PNG")
                found[coding][1] += row.found and row.fields["model"] == name
        cells = [f"{theirs} / {ours}" for theirs, ours in found.values()]
        print(f"| {writer} | {' | '.join(cells)} |", flush=True)


def unmarked() -> Iterator[Picture]:
    """
    Yield pictures without a mark: whole ones, and crops of 512 x 512 that do not overlap.

    Those of the identity test too, mirrored.
    """
    for pixels in four_pictures().values():
        yield np.ascontiguousarray(pixels[:, ::-1])
    for source in pictures.sources():
        pixels = pictures.load(source)
        yield pixels
        for top in range(0, pixels.shape[0] - 511, 512):
            for left in range(0, pixels.shape[1] - 511, 512):
                yield np.ascontiguousarray(pixels[top : top + 512, left : left + 512])


def show_unmarked() -> None:
    """Print hits and least bounds over unmarked pictures, as they are and after JPEG."""
    count, hits, least = 0, {"PNG": 0, "JPEG 90 4:2:0": 0}, 1.0
    for pixels in unmarked():
        count += 1
        for coding in hits:
            row = stable_diffusion.read(CODINGS[coding](pixels))
            hits[coding] += row.found
            least = min(least, 1.0 if row.p_value is None else row.p_value)
    told = ", ".join(f"{found} hits after {coding}" for coding, found in hits.items())
    print(f"{count} unmarked pictures: {told}; the least bound was {least:.1e}")


PARTS = {
    "identity": show_identity,
    "speed": show_speed,
    "quality": show_quality,
    "marks": show_marks,
    "unmarked": show_unmarked,
}


def main() -> None:
    """Print the parts that are named, or all."""
    cv2.setNumThreads(1)
    for name in sys.argv[1:] or PARTS:
        print(f"\n== {name}", flush=True)
        PARTS[name]()


if __name__ == "__main__":
    main()
