"""
Draw what labels do to the samples, before and after: `python -m docs.make_pictures`.

Marks, labels and the pictures of them are the same in every run with the same packages.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

import labeler


if TYPE_CHECKING:
    from numpy.typing import NDArray

ROOT = Path(__file__).parents[1]
IMG = ROOT / "docs" / "img"
PRODUCER = "001191440300708461136T1XGW3"
LIFTED = 16
FLOOR_DB, SPAN_DB, SIZE = -96.0, 80.0, 512
WIDTH, ROWS = 1080, 200


def label(number: str) -> labeler.Label:
    """Return the label of one picture of the documentation."""
    return labeler.Label(producer=PRODUCER, content_id=f"docs-{number}")


def watermark() -> Image.Image:
    """Return a picture, the same with the mark alone, and what the mark changed, lifted."""
    source = Image.open(ROOT / "samples" / "images" / "coffee.png").convert("RGB")
    done = labeler.apply(source, label("mark"), layers=("watermark",))
    return _side_by_side([np.asarray(source), np.asarray(done.content.convert("RGB"))])


def film(work: Path) -> Image.Image:
    """Return the first frame of a film before and after, and what changed, lifted."""
    source, target = ROOT / "samples" / "videos" / "hills.mp4", work / "hills.mp4"
    labeler.apply(source, label("film"), output=target, overwrite=True)
    return _side_by_side([_first_frame(source), _first_frame(target)])


def _first_frame(path: Path) -> NDArray[np.uint8]:
    with av.open(str(path)) as container:
        return np.asarray(next(container.decode(video=0)).to_ndarray(format="rgb24"), np.uint8)


def _side_by_side(shown: list[NDArray[np.uint8]]) -> Image.Image:
    before, after = (picture.astype(np.int16) for picture in shown)
    change = np.clip(128 + LIFTED * (after - before), 0, 255).astype(np.uint8)
    titles = ("before", "after", f"what changed, {LIFTED} times")
    return _titled(list(zip(titles, [*shown, change], strict=True)))


def sound(work: Path) -> Image.Image:
    """Return spectrograms of a sound: as it was, labelled, and the mark alone."""
    source, target = ROOT / "samples" / "sounds" / "spoken.flac", work / "spoken.flac"
    marked = work / "marked.flac"
    labeler.apply(source, label("sound"), output=target, overwrite=True)
    only = ("watermark",)
    labeler.apply(source, label("sound"), output=marked, overwrite=True, layers=only)
    before, rate = _samples(source)
    after, quiet = _samples(target)[0], _samples(marked)[0][: len(before)] - before
    scale = WIDTH / len(after)
    shown = [
        ("before", spectrogram(before, scale)),
        ("after: the rhythm, then the sound with the mark", spectrogram(after, scale)),
        ("the mark alone, 20 dB louder", spectrogram(10 * quiet, scale)),
    ]
    wide = max(picture.shape[1] for _, picture in shown)
    padded = [(name, np.pad(p, ((0, 0), (0, wide - p.shape[1]), (0, 0)))) for name, p in shown]
    note = f"{rate / 2000:g} kHz at the top, {SPAN_DB:g} dB from black to white"
    return _titled([*padded[:2], (f"{padded[2][0]} ({note})", padded[2][1])], columns=1)


def _samples(path: Path) -> tuple[NDArray[np.float32], int]:
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="fltp", layout="mono")
        frames = [f for x in container.decode(stream) for f in resampler.resample(x)]
        heard = np.concatenate([frame.to_ndarray()[0] for frame in frames])
        return heard.astype(np.float32), int(stream.rate)


def spectrogram(heard: NDArray[np.float32], scale: float) -> NDArray[np.uint8]:
    """
    Return (rows, columns, 3) uint8: levels of Hann windows of 512 samples, half overlapping.

    ``scale`` is columns a sample, so that pictures of sounds of different length can be compared.
    """
    count = 1 + (len(heard) - SIZE) // (SIZE // 2)
    frames = np.lib.stride_tricks.sliding_window_view(heard, SIZE)[:: SIZE // 2][:count]
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(SIZE).astype(np.float32), axis=1)) / SIZE
    decibel = 20 * np.log10(np.maximum(spectrum, 1e-7))
    level = np.clip((decibel - FLOOR_DB) / SPAN_DB, 0, 1)
    grey = (255 * level.T[::-1]).astype(np.uint8)
    size = (round(scale * len(heard)), ROWS)
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(cv2.applyColorMap(small, cv2.COLORMAP_INFERNO), 4), np.uint8)


def _titled(shown: list[tuple[str, NDArray[np.uint8]]], columns: int = 3) -> Image.Image:
    """Return pictures of one size with a title over each, ``columns`` in a row."""
    width = 360 if columns > 1 else shown[0][1].shape[1]
    height = round(shown[0][1].shape[0] * width / shown[0][1].shape[1])
    rows = -(-len(shown) // columns)
    gap, head = 8, 26
    sheet = Image.new("RGB", (columns * (width + gap) - gap, rows * (height + head)), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(15)
    for number, (title, picture) in enumerate(shown):
        left, top = (number % columns) * (width + gap), (number // columns) * (height + head)
        pen.text((left + 2, top + 3), title, font=font, fill="#1f2937")
        sheet.paste(Image.fromarray(picture).resize((width, height)), (left, top + head))
    return sheet


def main() -> None:
    """Draw all three."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        watermark().save(IMG / "watermark-before-after.png", optimize=True)
        film(Path(folder)).save(IMG / "video-before-after.png", optimize=True)
        sound(Path(folder)).quantize(128).save(IMG / "sound-before-after.png", optimize=True)


if __name__ == "__main__":
    main()
