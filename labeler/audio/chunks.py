"""
WAV, RF64 and AIFF: where the samples stand, and the same file around other samples.

Everything but the samples is carried over byte for byte, in its place; only sizes and the number
of frames are written anew. Works on seekable files, so that recordings of hours are never held in
memory. RF64 and BW64 are EBU Tech 3306 and ITU-R BS.2088; AIFF-C is Apple's draft of 1991.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from types import MappingProxyType
from typing import IO, TYPE_CHECKING

from labeler.audio.pcm import WIDTHS
from labeler.audio.storage import LAYOUTS, SoundFormat
from labeler.errors import CorruptMedia, MediaTooLarge, UnsupportedMedia
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Mapping

_WAV_CODINGS: Mapping[tuple[int, int], str] = MappingProxyType(
    {
        (1, 1): "u8", (1, 2): "s16", (1, 3): "s24", (1, 4): "s32",
        (3, 4): "f32", (3, 8): "f64", (6, 1): "alaw", (7, 1): "mulaw",
    }
)  # fmt: skip
"""(format tag, bytes a sample) of fmt chunks."""

_AIFC_CODINGS: Mapping[bytes, tuple[str, bool]] = MappingProxyType(
    {
        b"fl32": ("f32", True), b"FL32": ("f32", True), b"fl64": ("f64", True),
        b"FL64": ("f64", True), b"ulaw": ("mulaw", True), b"ULAW": ("mulaw", True),
        b"alaw": ("alaw", True), b"ALAW": ("alaw", True), b"in24": ("s24", True),
        b"in32": ("s32", True),
    }
)  # fmt: skip
_EXTENSIBLE = 0xFFFE
_UNKNOWN_SIZE = 0xFFFF_F000
"""From here on a 32-bit data size means "until the end": nobody knew it while writing."""

_TIMED = (b"cue ", b"smpl", b"plst", b"MARK", b"INST")
_FRONT_MOST = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PcmFile:
    """
    Where the samples of a WAV or AIFF file stand.

    ``start`` and ``size`` are the bytes of the samples; ``end`` is where what follows them begins;
    ``fixes`` are offsets of fields that hold sizes, by name. ``big`` is the byte order of samples.
    """

    format: SoundFormat
    big: bool
    start: int
    size: int
    end: int
    fixes: Mapping[str, int]

    @property
    def frame_bytes(self) -> int:
        """Return the bytes of one sample of all channels."""
        return WIDTHS[self.format.coding] * self.format.channels


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chunk:
    name: bytes
    at: int
    size: int


def open_pcm(file: IO[bytes], container: str) -> PcmFile:
    """
    Return where the samples of a file stand; nothing is decoded.

    Raises
    ------
    CorruptMedia
        Truncated or malformed.
    UnsupportedMedia
        A coding that is no PCM, such as ADPCM.
    """
    length = file.seek(0, io.SEEK_END)
    try:
        return _open_wav(file, length) if container == "wav" else _open_aiff(file, length)
    except struct.error as error:
        raise CorruptMedia(
            f"a chunk of the {container.upper()} file is cut short; get an intact copy"
        ) from error


def front_and_back(file: IO[bytes], pcm: PcmFile, size: int) -> tuple[bytes, bytes]:
    """Return what stands before and after the samples, its sizes right for ``size`` bytes."""
    file.seek(0)
    if pcm.start > _FRONT_MOST:
        raise MediaTooLarge(
            f"{pcm.start:,} bytes stand before the samples; the limit is {_FRONT_MOST:,}"
        )
    front = bytearray(file.read(pcm.start))
    file.seek(pcm.end)
    back = file.read(LIMITS.file_bytes + 1)
    if len(back) > LIMITS.file_bytes:
        raise MediaTooLarge(
            f"more than {LIMITS.file_bytes:,} bytes stand behind the samples: that is the limit"
        )
    back = (b"\0" if size % 2 else b"") + back
    total = len(front) + size + len(back) - 8
    frames = size // pcm.frame_bytes
    if pcm.format.container == "wav":
        _fix_wav(front, pcm, size, total=total, frames=frames)
    else:
        _fix_aiff(front, pcm, size, total=total, frames=frames)
        if "frames" in pcm.fixes and pcm.fixes["frames"] >= pcm.end:
            back = _patched_back(back, pcm, size, frames)
    return bytes(front), back


def _patched_back(back: bytes, pcm: PcmFile, size: int, frames: int) -> bytes:
    """Return the back of an AIFF file whose COMM chunk follows the samples."""
    at = pcm.fixes["frames"] - pcm.end + size % 2
    return back[:at] + struct.pack(">I", frames) + back[at + 4 :]


def _fix_wav(front: bytearray, pcm: PcmFile, size: int, *, total: int, frames: int) -> None:
    if "ds64" in pcm.fixes:
        struct.pack_into("<QQQ", front, pcm.fixes["ds64"], total, size, frames)
        struct.pack_into("<I", front, 4, 0xFFFFFFFF)
        struct.pack_into("<I", front, pcm.start - 4, 0xFFFFFFFF)
    elif total > 0xFFFFFFFF:
        raise MediaTooLarge("the WAV file would exceed 4 GiB; convert it to RF64 first")
    else:
        struct.pack_into("<I", front, 4, total)
        struct.pack_into("<I", front, pcm.start - 4, size)
    if "fact" in pcm.fixes and pcm.fixes["fact"] < pcm.start:
        struct.pack_into("<I", front, pcm.fixes["fact"], min(frames, 0xFFFFFFFF))


def _fix_aiff(front: bytearray, pcm: PcmFile, size: int, *, total: int, frames: int) -> None:
    if total > 0xFFFFFFFF:
        raise MediaTooLarge("the AIFF file would exceed 4 GiB; convert it to RF64 first")
    struct.pack_into(">I", front, 4, total)
    struct.pack_into(">I", front, pcm.fixes["ssnd"], size + pcm.start - pcm.fixes["ssnd"] - 4)
    if pcm.fixes["frames"] < pcm.start:
        struct.pack_into(">I", front, pcm.fixes["frames"], frames)


def _chunks(file: IO[bytes], length: int, *, big: bool, sizes: Mapping[bytes, int]) -> list[_Chunk]:
    """Return the chunks of a file in order; one that overruns its end is kept, the last."""
    found: list[_Chunk] = []
    at = 12
    while at + 8 <= length and len(found) <= LIMITS.segments:
        file.seek(at)
        name, size = struct.unpack(">4sI" if big else "<4sI", file.read(8))
        size = sizes.get(name, size) if size == 0xFFFFFFFF else size
        found.append(_Chunk(name=name, at=at + 8, size=size))
        at += 8 + size + size % 2
    return found


def _read(file: IO[bytes], chunk: _Chunk, most: int = 1 << 16) -> bytes:
    file.seek(chunk.at)
    return file.read(min(chunk.size, most))


def _timing_notes(chunks: list[_Chunk]) -> tuple[str, ...]:
    kept = sorted({c.name.decode("latin-1").strip() for c in chunks if c.name in _TIMED})
    if not kept:
        return ()
    return (
        f"{', '.join(kept)} chunks keep their times: a label put in before them moves the sound",
    )


def _open_wav(file: IO[bytes], length: int) -> PcmFile:
    sizes, fixes = _ds64(file)
    chunks = _chunks(file, length, big=False, sizes=sizes)
    named = {chunk.name: chunk for chunk in reversed(chunks)}
    if b"fmt " not in named or b"data" not in named:
        raise CorruptMedia("the WAV file has no format or no samples; get an intact copy")
    coding, bits, channels, rate, mask = _wav_format(_read(file, named[b"fmt "]))
    data = named[b"data"]
    frame = WIDTHS[coding] * channels
    size, notes = _data_size(data, length, frame)
    if b"fact" in named and named[b"fact"].size >= 4:
        fixes["fact"] = named[b"fact"].at
    layout = _mask_layout(mask, channels)
    end = min(data.at + data.size + data.size % 2, length)
    return PcmFile(
        format=SoundFormat(
            container="wav",
            codec="pcm_" + (coding if coding in {"u8", "alaw", "mulaw"} else f"{coding}le"),
            rate=rate,
            channels=channels,
            coding=coding,
            bits=bits,
            layout=layout,
            notes=notes + _timing_notes(chunks),
        ),
        big=False,
        start=data.at,
        size=size,
        end=end,
        fixes=MappingProxyType(fixes),
    )


def _data_size(data: _Chunk, length: int, frame: int) -> tuple[int, tuple[str, ...]]:
    """Return the bytes of whole frames, or raise when the file holds fewer than it says."""
    here = length - data.at
    if data.size >= _UNKNOWN_SIZE and data.size > here:
        return here // frame * frame, ("the header did not say how long it is; now it does",)
    if data.size > here:
        raise CorruptMedia(
            f"the header says {data.size:,} bytes of sound and the file holds {max(here, 0):,}: "
            "it is truncated; get an intact copy"
        )
    return data.size // frame * frame, ()


def _ds64(file: IO[bytes]) -> tuple[dict[bytes, int], dict[str, int]]:
    """Return the 64-bit sizes of RF64 and BW64 by chunk, and where they stand."""
    file.seek(0)
    head = file.read(44)
    if head[:4] == b"RIFF" or head[12:16] != b"ds64":
        return {}, {}
    return {b"data": struct.unpack_from("<Q", head, 28)[0]}, {"ds64": 20}


def _wav_format(body: bytes) -> tuple[str, int, int, int, int]:
    """Return coding, bits, channels, rate and channel mask of a fmt chunk."""
    tag, channels, rate, _, block, bits = struct.unpack_from("<HHIIHH", body)
    mask = 0
    if tag == _EXTENSIBLE and len(body) >= 40:
        bits_used, mask, tag = struct.unpack_from("<HIH", body, 18)
        bits = min(bits_used or bits, bits)
    if not channels or block % channels or not rate:
        raise CorruptMedia(
            "the format chunk of the WAV file contradicts itself; get an intact copy"
        )
    coding = _WAV_CODINGS.get((tag, block // channels))
    if coding is None:
        raise UnsupportedMedia(
            f"WAV coding 0x{tag:04x} with {bits} bits; PCM, float and G.711 can be labelled: "
            "convert it first"
        )
    return coding, bits, channels, rate, mask


def _mask_layout(mask: int, channels: int) -> str:
    known = {0x4: "mono", 0x3: "stereo", 0x33: "quad", 0x3F: "5.1(back)", 0x60F: "5.1"}
    known |= {0x63F: "7.1", 0x107: "4.0", 0x7: "3.0", 0x607: "5.0"}
    usual = LAYOUTS[channels - 1] if channels <= len(LAYOUTS) else ""
    return known.get(mask, usual)


def _open_aiff(file: IO[bytes], length: int) -> PcmFile:
    file.seek(8)
    compressed = file.read(4) == b"AIFC"
    chunks = _chunks(file, length, big=True, sizes={})
    named = {chunk.name: chunk for chunk in reversed(chunks)}
    if b"COMM" not in named or b"SSND" not in named:
        raise CorruptMedia("the AIFF file has no format or no samples; get an intact copy")
    body = _read(file, named[b"COMM"])
    channels, frames, bits = struct.unpack_from(">hIh", body)
    rate = _extended(body[8:18])
    coding, big = _aiff_coding(body[18:22] if compressed else b"NONE", bits)
    sound = named[b"SSND"]
    skipped = struct.unpack(">I", _read(file, sound, 4))[0]
    start = sound.at + 8 + skipped
    size = frames * WIDTHS[coding] * channels
    if channels < 1 or rate < 1 or sound.at + sound.size < start + size:
        raise CorruptMedia("the chunks of the AIFF file contradict each other; get an intact copy")
    if start + size > length:
        raise CorruptMedia("the AIFF file is truncated; get an intact copy")
    order = "be" if big else "le"
    plain = coding in {"u8", "s8", "alaw", "mulaw"}
    return PcmFile(
        format=SoundFormat(
            container="aiff",
            codec=f"pcm_{coding}" + ("" if plain else order),
            rate=rate,
            channels=channels,
            coding=coding,
            bits=min(bits, 8 * WIDTHS[coding]),
            layout=LAYOUTS[channels - 1] if channels <= len(LAYOUTS) else "",
            notes=_timing_notes(chunks),
        ),
        big=big,
        start=start,
        size=size,
        end=min(sound.at + sound.size + sound.size % 2, length),
        fixes=MappingProxyType({"ssnd": sound.at - 4, "frames": named[b"COMM"].at + 2}),
    )


def _aiff_coding(kind: bytes, bits: int) -> tuple[str, bool]:
    if kind in {b"NONE", b"twos", b"sowt"} and 1 <= bits <= 32:
        return f"s{(bits + 7) // 8 * 8}", kind != b"sowt"
    if kind == b"raw " and bits == 8:
        return "u8", True
    if kind in _AIFC_CODINGS:
        return _AIFC_CODINGS[kind]
    raise UnsupportedMedia(
        f"AIFF-C coding {kind.decode('latin-1').strip()!r} with {bits} bits; PCM, float and G.711 "
        "can be labelled: convert it first"
    )


def _extended(raw: bytes) -> int:
    """Return an 80-bit IEEE extended number as the nearest whole number, 0 where it is none."""
    sign_exponent, mantissa = struct.unpack(">HQ", raw)
    shift = (sign_exponent & 0x7FFF) - 16383 - 63
    if sign_exponent & 0x8000 or not -64 < shift <= 0:
        return 0
    return int((mantissa + (1 << (-shift - 1) if shift else 0)) >> -shift)
