"""Small sound files of every format with a title, a comment, foreign parts; and ways to compare."""

from __future__ import annotations

import io
import struct
import tempfile
from contextlib import suppress
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from mutagen import flac as mutagen_flac
from mutagen import id3 as mutagen_id3


if TYPE_CHECKING:
    from collections.abc import Callable

RATE = 48_000
TITLE = "A tone & <friends>"
COMMENT = "made by hand"
COVER = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4

_MADE: dict[str, tuple[str, str, str, dict[str, str]]] = {
    "wav": ("wav", "pcm_s16le", "s16", {}),
    "wav-float": ("wav", "pcm_f32le", "flt", {}),
    "wav-mulaw": ("wav", "pcm_mulaw", "s16", {}),
    "rf64": ("wav", "pcm_s16le", "s16", {"rf64": "always"}),
    "mp3": ("mp3", "libmp3lame", "s16p", {}),
    "mp3-v23": ("mp3", "libmp3lame", "s16p", {"id3v2_version": "3"}),
    "flac": ("flac", "flac", "s16", {}),
    "ogg": ("ogg", "vorbis", "fltp", {}),
    "ogg-flac": ("ogg", "flac", "s16", {}),
    "opus": ("ogg", "libopus", "s16", {}),
    "m4a": ("ipod", "aac", "fltp", {}),
    "m4a-front": ("ipod", "aac", "fltp", {"movflags": "+faststart"}),
    "m4a-keys": ("mp4", "aac", "fltp", {"movflags": "use_metadata_tags+faststart"}),
    "m4a-alac": ("ipod", "alac", "s16p", {}),
    "aiff": ("aiff", "pcm_s16be", "s16", {}),
    "aifc": ("aiff", "pcm_s16le", "s16", {}),
    "wma": ("asf", "wmav2", "fltp", {}),
}
FORMATS = (*_MADE, "bw64", "m4a-bare", "mp3-bare", "flac-id3", "wav-id3", "aiff-id3")
"""Ways to store sound that a label can be put into."""

CONTAINER_OF = {
    "rf64": "wav",
    "bw64": "wav",
    "opus": "ogg",
    "aifc": "aiff",
}


def container_name(kind: str) -> str:
    """The name that `sniff` gives a way of storing."""
    return CONTAINER_OF.get(kind, kind.partition("-")[0])


def tone(seconds: float = 0.4) -> np.ndarray:
    """A seeded tone with noise, mono, 16 bits."""
    time = np.arange(int(RATE * seconds)) / RATE
    noise = np.random.default_rng(7).normal(0, 300, time.size)
    return (8000 * np.sin(2 * np.pi * 440 * time) + noise).astype(np.int16)


@cache
def rich_sound(kind: str) -> bytes:
    """A sound of one of `FORMATS` with what a recording brings along."""
    if kind in _MADE:
        made = encoded(*_MADE[kind], tags={"title": TITLE, "comment": COMMENT})
        return _with_cover(made) if kind == "flac" else made
    return _DERIVED[kind]()


_DERIVED: dict[str, Callable[[], bytes]] = {
    "bw64": lambda: b"BW64" + rich_sound("rf64")[4:],
    "m4a-bare": lambda: _without_user_data(rich_sound("m4a")),
    "mp3-bare": lambda: encoded(
        "mp3", "libmp3lame", "s16p", {"id3v2_version": "0", "write_xing": "0"}, tags={}
    ),
    "flac-id3": lambda: id3_tag() + rich_sound("flac"),
    "wav-id3": lambda: with_wav_chunks(rich_sound("wav"), (b"id3 ", id3_tag()), late=True),
    "aiff-id3": lambda: with_aiff_chunk(rich_sound("aiff"), b"ID3 ", id3_tag()),
}


def encoded(
    container: str, codec: str, form: str, options: dict[str, str], *, tags: dict[str, str]
) -> bytes:
    """Sound as FFmpeg writes it."""
    layout = "stereo" if codec == "vorbis" else "mono"  # FFmpeg's own Vorbis encoder is stereo
    # A path, because MP4 with its header in front is written in two passes.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sound"
        with av.open(path, "w", container, options={"fflags": "+bitexact", **options}) as out:
            out.metadata.update(tags)
            _encode(out, codec, form, layout)
        return path.read_bytes()


def _encode(out: Any, codec: str, form: str, layout: str) -> None:
    stream: Any = out.add_stream(codec, rate=RATE, layout=layout, options={"strict": "-2"})
    stream.format, stream.bit_rate = form, 96_000
    stream.codec_context.open()
    resampler = av.AudioResampler(form, layout, RATE, stream.codec_context.frame_size or 1024)
    frame = av.AudioFrame.from_ndarray(tone()[None], "s16", "mono")
    frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
    for part in (*resampler.resample(frame), *resampler.resample(None)):
        out.mux(stream.encode(part))
    # FLAC closes with a packet that only states its digest, which Ogg cannot take.
    out.mux([packet for packet in stream.encode(None) if packet.pts is not None])


def decoded(data: bytes) -> np.ndarray:
    """The samples as FFmpeg decodes them."""
    frames = []
    with av.open(io.BytesIO(data)) as source, suppress(av.error.InvalidDataError):
        # FFmpeg takes an APE tag at the end for sound, and stumbles.
        frames.extend(frame.to_ndarray() for frame in source.decode(audio=0))
    return np.concatenate(frames, axis=-1)


def tags_of(data: bytes) -> dict[str, str]:
    """The tags that FFmpeg reads, of file and stream, without the label."""
    with av.open(io.BytesIO(data)) as source:
        found = dict(source.metadata) | dict(source.streams.audio[0].metadata)
    return {key: value for key, value in found.items() if key and key.upper() != "AIGC"}


def label_seen_by_ffmpeg(data: bytes) -> str | None:
    """The tag AIGC as FFmpeg reads it."""
    with av.open(io.BytesIO(data)) as source:
        found = dict(source.metadata) | dict(source.streams.audio[0].metadata)
    return next((value for key, value in found.items() if key.upper() == "AIGC"), None)


def id3_tag(*frames: Any, version: int = 4) -> bytes:
    """An ID3v2 tag with a title, a cover and the frames that are asked for, by mutagen."""
    tags = mutagen_id3.ID3()
    tags.add(mutagen_id3.TIT2(encoding=1, text=[TITLE]))
    tags.add(mutagen_id3.APIC(encoding=0, mime="image/png", type=3, desc="c", data=COVER))
    for frame in frames:
        tags.add(frame)
    if version == 3:
        tags.update_to_v23()
    buffer = io.BytesIO()
    tags.save(buffer, v1=0, v2_version=version)
    return buffer.getvalue()


def txxx(key: str, value: str, coding: int = 3) -> Any:
    """A user text frame."""
    return mutagen_id3.TXXX(encoding=coding, desc=key, text=[value])


def riff_chunk(kind: bytes, content: bytes, order: str = "<") -> bytes:
    """A chunk with its pad byte."""
    return struct.pack(f"{order}4sI", kind, len(content)) + content + bytes(len(content) % 2)


def with_wav_chunks(data: bytes, *chunks: tuple[bytes, bytes], late: bool = False) -> bytes:
    """A WAV with more chunks, before the samples or behind them."""
    more = b"".join(riff_chunk(*chunk) for chunk in chunks)
    at = len(data) if late else data.index(b"data")
    out = data[:at] + more + data[at:]
    return out[:4] + struct.pack("<I", len(out) - 8) + out[8:]


def with_aiff_chunk(data: bytes, kind: bytes, content: bytes) -> bytes:
    """An AIFF with one chunk more before the samples."""
    at = data.index(b"SSND")
    out = data[:at] + riff_chunk(kind, content, ">") + data[at:]
    return out[:4] + struct.pack(">I", len(out) - 8) + out[8:]


def _without_user_data(data: bytes) -> bytes:
    """An M4A without tags: FFmpeg writes them last in moov, and moov last in the file."""
    moov, udta = data.index(b"moov") - 4, data.index(b"udta") - 4
    size = struct.unpack_from(">I", data, udta)[0]
    if udta + size != len(data):
        raise AssertionError("the user data do not stand at the end")
    return data[:moov] + struct.pack(">I", udta - moov) + data[moov + 4 : udta]


def _with_cover(data: bytes) -> bytes:
    buffer = io.BytesIO(data)
    file = mutagen_flac.FLAC(buffer)
    picture = mutagen_flac.Picture()
    picture.data, picture.mime, picture.type = COVER, "image/png", 3
    file.add_picture(picture)
    buffer.seek(0)
    file.save(buffer)
    return buffer.getvalue()
