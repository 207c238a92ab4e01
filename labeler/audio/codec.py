"""
Decode a sound file into samples, and encode samples back the way the file was stored.

In memory (`decode_sound`, `encode_sound`) and block by block in constant memory
(`decode_blocks`, `SoundWriter`, `recode`). Nothing is resampled or mixed: container, codec, rate,
channels and depth stay. PCM, FLAC and ALAC keep unchanged samples bit for bit; lossy codecs are
encoded at about the source's bit rate, aligned to the sample (WMA: to the sample, its length to a
frame). Tags, pictures and chunks are carried over; `SoundFormat.notes` says what is not.
"""

from __future__ import annotations

import io
import tempfile
from collections import deque
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Protocol, Self

import numpy as np

from labeler.audio.carrying import carry
from labeler.audio.chunks import PcmFile, front_and_back, open_pcm
from labeler.audio.compressed import Inspected, decode, inspect
from labeler.audio.encoders import AvEncoder, VorbisEncoder
from labeler.audio.pcm import INEXACT, pack, store, to_samples, unpack
from labeler.audio.storage import (
    LAYOUTS,
    Sound,
    SoundFormat,
    check_format,
    check_length,
    container_of_sound,
)
from labeler.errors import CorruptMedia, MediaTooLarge, UnsupportedMedia
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    Samples = NDArray[np.float32]
    Stored = NDArray[Any]

BLOCK_FRAMES = 1 << 16
"""Frames of a block in streams."""

_PCM = frozenset({"wav", "aiff"})


class _Encoder(Protocol):
    def write(self, stored: Stored) -> None:
        """Take stored numbers (n, channels)."""

    def close(self) -> None:
        """Finish what was written."""


def decode_sound(data: bytes) -> Sound:
    """
    Decode a whole sound file.

    Raises
    ------
    CorruptMedia
        Truncated or malformed, no samples, or samples that are no numbers (NaN, infinite).
    UnsupportedMedia
        No sound, encrypted, or a format that cannot be written back as it was.
    MediaTooLarge
        Over the limit on bytes, or on values in memory.
    """
    if len(data) > LIMITS.file_bytes:
        raise MediaTooLarge(f"it has {len(data):,} bytes; the limit is {LIMITS.file_bytes:,}")
    file = io.BytesIO(data)
    opened = _open(file)
    found = opened.format
    check_length(_declared(opened) // 2, found)  # far too long: nothing is decoded in vain
    parts, frames = [], 0
    for block in _stored_blocks(file, opened):
        frames += len(block)
        check_length(frames, found)
        parts.append(block)
    stored = np.concatenate(parts) if len(parts) != 1 else parts[0]
    samples = to_samples(stored, found.coding)
    return Sound(
        samples=samples,
        rate=found.rate,
        source=found,
        stored=stored if found.coding in INEXACT else None,
        data=data,
    )


def encode_sound(sound: Sound, samples: NDArray[Any] | None = None) -> bytes:
    """
    Return the file of ``sound`` with other samples, everything else as it was.

    ``samples`` are (n, channels) or (n,), float, full scale 1.0; their number may differ from the
    source's (an inserted label): what stands unchanged before and behind it stays bit-identical.
    Integers are clipped to full scale and rounded without dither.

    Raises
    ------
    UnsupportedMedia
        Samples of another shape, or that are no numbers.
    MissingBackend
        Ogg Vorbis without the ``vorbis`` extra.
    """
    changed = _checked(sound.samples if samples is None else samples, sound.source)
    stored = store(changed, sound.source.coding, before=_aligned(sound, changed))
    source, target = io.BytesIO(sound.data), io.BytesIO()
    with _encoding(source, _open(source), target) as encoder:
        encoder.write(stored)
    return target.getvalue()


def _checked(samples: NDArray[Any], found: SoundFormat) -> Samples:
    values = np.asarray(samples, np.float32)
    values = values[:, None] if values.ndim == 1 else values
    if values.ndim != 2 or values.shape[1] != found.channels or not len(values):
        raise UnsupportedMedia(
            f"samples of shape {np.shape(samples)}; (n, {found.channels}) fits the source"
        )
    if not np.isfinite(values).all():
        raise UnsupportedMedia("samples that are no numbers (NaN or infinite) cannot be stored")
    return values


def _aligned(sound: Sound, samples: Samples) -> Stored | None:
    """
    Return the stored numbers of the source where they belong in ``samples``.

    With as many samples, that is their own place; with more or fewer, the longest unchanged start
    and the longest unchanged end keep theirs.
    """
    stored = sound.stored
    if stored is None or len(stored) == len(samples):
        return stored
    most = min(len(stored), len(samples))
    front = _run(sound.samples[:most] == samples[:most])
    back = min(_run((sound.samples[-most:] == samples[-most:])[::-1]), most - front)
    out = store(samples, sound.source.coding)
    out[:front] = stored[:front]
    if back:
        out[-back:] = stored[-back:]
    return out


def _run(same: NDArray[np.bool_]) -> int:
    """Return how many leading rows are all true."""
    differ = np.flatnonzero(~same.all(axis=1))
    return int(differ[0]) if len(differ) else len(same)


def encode_array(
    samples: NDArray[Any], rate: int, *, coding: str = "s16", layout: str = ""
) -> bytes:
    """
    Return samples held in memory as a WAV file, for callers without a source file.

    ``samples`` are (n, channels) or (n,) float, full scale 1.0; ``coding`` is one of
    `labeler.audio.pcm.WIDTHS` that WAV knows.
    """
    values = np.asarray(samples)
    channels = 1 if values.ndim == 1 else values.shape[-1]
    found = check_format(
        SoundFormat(
            container="wav", codec=f"pcm_{coding}", rate=rate, channels=channels, coding=coding,
            layout=layout or (LAYOUTS[channels - 1] if 1 <= channels <= len(LAYOUTS) else ""),
        )
    )  # fmt: skip
    return _plain_wav(store(_checked(values, found), coding), found)


def _plain_wav(stored: Stored, found: SoundFormat) -> bytes:
    import struct

    raw = pack(stored, found.coding, big=False)
    width = len(raw) // max(stored.size, 1)
    tag = {"f32": 3, "f64": 3, "alaw": 6, "mulaw": 7}.get(found.coding, 1)
    block = width * found.channels
    head = struct.pack(
        "<HHIIHH", tag, found.channels, found.rate, found.rate * block, block, 8 * width
    )
    pad = b"\0" * (len(raw) % 2)
    body = b"WAVEfmt " + struct.pack("<I", 16) + head + b"data" + struct.pack("<I", len(raw))
    return b"RIFF" + struct.pack("<I", len(body) + len(raw) + len(pad)) + body + raw + pad


def read_format(path: Path) -> SoundFormat:
    """Return how a sound file stores its samples; nothing is decoded. Raises as `decode_sound`."""
    with path.open("rb") as file:
        return _open(file).format


def decode_blocks(path: Path, *, frames: int = BLOCK_FRAMES) -> Iterator[Samples]:
    """
    Yield a file's samples as (n, channels) float32 blocks of ``frames``, the last one shorter.

    Memory does not grow with the length of the file. Raises as `decode_sound`.
    """
    with path.open("rb") as file:
        opened = _open(file)
        coding = opened.format.coding
        for block in _regrouped(_stored_blocks(file, opened), frames):
            yield to_samples(block, coding)


def recode(
    source: Path, target: Path, change: Callable[[Iterator[Samples]], Iterable[Samples]]
) -> SoundFormat:
    """
    Write ``target`` as ``source`` is stored, its samples put through ``change``, block by block.

    ``change`` gets an iterator of blocks and yields blocks, of whatever sizes. While it yields as
    many samples as it has taken, unchanged samples are bit-identical at every depth. Constant
    memory. Raises as `decode_sound` and `encode_sound`; then the target is left unfinished.
    """
    with source.open("rb") as file, target.open("w+b") as out:
        opened = _open(file)
        found = opened.format
        pending: deque[Stored] = deque()
        with source.open("rb") as twin, _encoding(file, opened, out) as encoder:
            for block in change(_remembered(_stored_blocks(twin, opened), found, pending)):
                values = _checked(block, found)
                before = _popped(pending, len(values)) if found.coding in INEXACT else None
                encoder.write(store(values, found.coding, before=before))
    return found


def _remembered(
    blocks: Iterator[Stored], found: SoundFormat, pending: deque[Stored]
) -> Iterator[Samples]:
    for block in _regrouped(blocks, BLOCK_FRAMES):
        if found.coding in INEXACT:
            pending.append(block)
        yield to_samples(block, found.coding)


def _popped(pending: deque[Stored], count: int) -> Stored | None:
    """Take ``count`` rows from the front, or None when there are not as many."""
    if sum(map(len, pending)) < count:
        pending.clear()
        return None
    parts = []
    while count:
        block = pending.popleft()
        parts.append(block[:count])
        if len(block) > count:
            pending.appendleft(block[count:])
        count -= len(parts[-1])
    return np.concatenate(parts)


class SoundWriter:
    """
    Write a file block by block as ``source`` is stored: ``with SoundWriter(...) as writer``.

    Tags, pictures and chunks come from the source. Constant memory. Raises as `encode_sound`.
    """

    __slots__ = ("_encoder", "_out", "_source", "_stack", "format")

    def __init__(self, target: Path, source: Path) -> None:
        self._source, self._out = source.open("rb"), target.open("w+b")
        try:
            opened = _open(self._source)
            self._stack = _encoding(self._source, opened, self._out)
            self._encoder = self._stack.__enter__()
        except BaseException:
            self._source.close()
            self._out.close()
            raise
        self.format = opened.format

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def write(self, samples: NDArray[Any]) -> None:
        """Append samples (n, channels) or (n,), full scale 1.0."""
        self._encoder.write(store(_checked(samples, self.format), self.format.coding))

    def __exit__(self, *failure: object) -> None:
        """Finish the file, or leave it unfinished after a failure."""
        try:
            self._stack.__exit__(*failure)  # type: ignore[arg-type]
        finally:
            self._source.close()
            self._out.close()


def _open(file: IO[bytes]) -> PcmFile | Inspected:
    container = container_of_sound(file)
    opened = open_pcm(file, container) if container in _PCM else inspect(file, container)
    check_format(opened.format)
    return opened


def _declared(opened: PcmFile | Inspected) -> int:
    """Return about how many frames a file says it has; what it says may be wrong."""
    return opened.size // opened.frame_bytes if isinstance(opened, PcmFile) else opened.frames


def _stored_blocks(file: IO[bytes], opened: PcmFile | Inspected) -> Iterator[Stored]:
    """Yield stored numbers, checked; raise `CorruptMedia` when there are none."""
    blocks = _pcm_blocks(file, opened) if isinstance(opened, PcmFile) else decode(file, opened)
    count = 0
    for block in blocks:
        if block.dtype.kind == "f" and not np.isfinite(block).all():
            raise CorruptMedia("it holds samples that are no numbers (NaN or infinite); repair it")
        count += len(block)
        if len(block):
            yield block
    if not count:
        raise CorruptMedia("it holds no samples; get an intact copy of the file")
    if isinstance(opened, Inspected) and opened.format.codec == "flac":
        _check_declared(count, opened)


def _check_declared(count: int, opened: Inspected) -> None:
    if opened.frames - count > opened.format.rate // 100:
        raise CorruptMedia(
            f"the header says {opened.frames:,} samples and {count:,} are there: it is truncated; "
            "get an intact copy"
        )


def _pcm_blocks(file: IO[bytes], pcm: PcmFile) -> Iterator[Stored]:
    file.seek(pcm.start)
    left = pcm.size
    step = BLOCK_FRAMES * pcm.frame_bytes
    while left:
        raw = file.read(min(step, left))
        raw = raw[: len(raw) // pcm.frame_bytes * pcm.frame_bytes]
        if not raw:
            raise CorruptMedia("the file is truncated; get an intact copy")
        left -= len(raw)
        yield unpack(raw, pcm.format.coding, pcm.format.channels, big=pcm.big)


def _regrouped(blocks: Iterator[Stored], frames: int) -> Iterator[Stored]:
    held: list[Stored] = []
    count = 0
    for block in blocks:
        held.append(block)
        count += len(block)
        if count >= frames:
            joined = np.concatenate(held) if len(held) > 1 else block
            whole = count // frames * frames
            yield from (joined[at : at + frames] for at in range(0, whole, frames))
            held, count = ([joined[whole:]], count - whole) if whole < count else ([], 0)
    if count:
        yield np.concatenate(held)


@contextmanager
def _encoding(
    source: IO[bytes], opened: PcmFile | Inspected, target: IO[bytes]
) -> Iterator[_Encoder]:
    """Yield an encoder whose file ends up in ``target``, with the source's passengers."""
    if isinstance(opened, PcmFile):
        writer = _PcmEncoder(source, opened, target)
        yield writer
        writer.close()
        return
    with tempfile.TemporaryFile() if not isinstance(target, io.BytesIO) else io.BytesIO() as part:
        encoder: _Encoder
        if opened.format.codec == "vorbis":
            encoder = VorbisEncoder(part, opened.format)
        else:
            encoder = AvEncoder(part, opened.format, opened.chapters)
        yield encoder
        encoder.close()
        carry(source, part, target, opened.format.container)


class _PcmEncoder:
    """Write numbers behind the source's own header, whose sizes are set at the end."""

    __slots__ = ("_file", "_pcm", "_size", "_source")

    def __init__(self, source: IO[bytes], pcm: PcmFile, file: IO[bytes]) -> None:
        self._source, self._pcm, self._file, self._size = source, pcm, file, 0
        front, _ = front_and_back(source, pcm, pcm.size)
        file.write(front)

    def write(self, stored: Stored) -> None:
        raw = pack(stored, self._pcm.format.coding, big=self._pcm.big)
        self._file.write(raw)
        self._size += len(raw)

    def close(self) -> None:
        front, back = front_and_back(self._source, self._pcm, self._size)
        self._file.write(back)
        self._file.seek(0)
        self._file.write(front)
