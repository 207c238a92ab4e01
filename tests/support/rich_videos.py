"""Small video files of every format with sound, a title, a comment; and ways to compare them."""

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

from labeler.containers.boxes import box, read_boxes
from labeler.containers.chunks import read_chunks
from labeler.containers.video import ebml
from rich_sounds import riff_chunk


if TYPE_CHECKING:
    from collections.abc import Callable


WIDTH, HEIGHT, FRAMES, FPS = 64, 48, 24, 12
RATE = 44_100
TITLE = "A clip & <friends>"
COMMENT = "made by hand"
_X264 = {"preset": "ultrafast", "threads": "1"}
_VPX = {"deadline": "realtime", "cpu-used": "8", "threads": "1"}
_FRONT = {"movflags": "+faststart"}
_KEYS = {"movflags": "use_metadata_tags+faststart"}
_PARTS = {"movflags": "frag_keyframe+empty_moov"}
_BASE = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}

_MADE: dict[str, tuple[str, str, dict[str, str], str, dict[str, str]]] = {
    "mp4": ("mp4", "libx264", _X264, "aac", {}),
    "mp4-front": ("mp4", "libx264", _X264, "aac", _FRONT),
    "mp4-keys": ("mp4", "mpeg4", {}, "aac", _KEYS),
    "mp4-fragmented": ("mp4", "libx264", _X264, "aac", _PARTS),
    "mp4-base": ("mp4", "libx264", _X264, "aac", _BASE),
    "m4v": ("ipod", "libx264", _X264, "aac", {}),
    "mov": ("mov", "libx264", _X264, "aac", {}),
    "mov-front": ("mov", "mjpeg", {}, "pcm_s16le", _FRONT),
    "mov-keys": ("mov", "mjpeg", {}, "pcm_s16le", _KEYS),
    "mkv": ("matroska", "libx264", _X264, "aac", {}),
    "mkv-front": (
        "matroska",
        "libx264",
        _X264,
        "aac",
        {"cues_to_front": "1", "reserve_index_space": "1000"},
    ),
    "mkv-checked": (
        "matroska",
        "mpeg4",
        {},
        "libmp3lame",
        {"write_crc32": "1", "cluster_time_limit": "300"},
    ),
    "mkv-live": ("matroska", "mpeg4", {}, "aac", {"live": "1"}),
    "webm": ("webm", "libvpx", _VPX, "libopus", {}),
    "webm-live": ("webm", "libvpx", _VPX, "libopus", {"live": "1"}),
    "flv": ("flv", "libx264", _X264, "aac", {}),
    "flv-index": ("flv", "flv", {}, "libmp3lame", {"flvflags": "add_keyframe_index"}),
    "flv-bare": ("flv", "flv", {}, "libmp3lame", {"flvflags": "no_metadata"}),
    "avi": ("avi", "mpeg4", {}, "libmp3lame", {}),
    "avi-mjpeg": ("avi", "mjpeg", {}, "pcm_s16le", {}),
    "wmv": ("asf", "wmv2", {}, "wmav2", {}),
}
FORMATS = (
    *_MADE,
    "mp4-bare",
    "mp4-wide",
    "mov-old",
    "mkv-positions",
    "avi-tight",
    "avi-absolute",
    "avi-odml",
)
"""Ways to store video that a label can be put into."""


def container_name(kind: str) -> str:
    """The name that `sniff` gives a way of storing."""
    name = kind.partition("-")[0]
    return "mp4" if name == "m4v" else name


def frame_arrays() -> list[np.ndarray]:
    """Seeded frames: a gradient that moves, with a cut in the middle, and a little noise."""
    chance = np.random.default_rng(11)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    frames = []
    for number in range(FRAMES):
        plain = (x * 3 + y * 2 + number * 5) % 256 if number < FRAMES // 2 else (y * 5) % 256
        noisy = plain[..., None] + chance.integers(0, 12, (HEIGHT, WIDTH, 3))
        frames.append(noisy.clip(0, 255).astype(np.uint8))
    return frames


@cache
def rich_video(kind: str) -> bytes:
    """A clip of one of `FORMATS` with what a recording brings along."""
    if kind in _MADE:
        container, codec, codec_options, sound, options = _MADE[kind]
        return encoded(container, codec, codec_options=codec_options, sound=sound, options=options)
    return _DERIVED[kind]()


def encoded(
    container: str,
    codec: str,
    *,
    codec_options: dict[str, str] | None = None,
    sound: str = "",
    options: dict[str, str] | None = None,
    tags: dict[str, str] | None = None,
    rotation: int = 0,
) -> bytes:
    """A clip as FFmpeg writes it."""
    # A path, because MP4 with its header in front is written in two passes.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip"
        with av.open(
            path, "w", container, options={"fflags": "+bitexact", **(options or {})}
        ) as out:
            out.metadata.update(tags if tags is not None else {"title": TITLE, "comment": COMMENT})
            stream: Any = out.add_stream(codec, rate=FPS, options=codec_options or {})
            if rotation:
                stream.set_display_rotation(rotation)
            _encode(out, stream, codec, sound)
        return path.read_bytes()


def _encode(out: Any, stream: Any, codec: str, sound: str) -> None:
    stream.width, stream.height = WIDTH, HEIGHT
    stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    stream.codec_context.gop_size = FPS // 2
    rate = 48_000 if sound == "libopus" else RATE
    other: Any = out.add_stream(sound, rate=rate, layout="mono") if sound else None
    if other:
        other.bit_rate = 64_000
    tone = (9000 * np.sin(np.arange(rate * FRAMES // FPS) * 0.06)).astype(np.int16)
    for number, array in enumerate(frame_arrays()):
        frame = av.VideoFrame.from_ndarray(array, "rgb24")
        frame.pts, frame.time_base = number, Fraction(1, FPS)
        out.mux(stream.encode(frame))
        if other:
            step = rate // FPS
            part = np.ascontiguousarray(tone[number * step :][:step])[None]
            samples = av.AudioFrame.from_ndarray(part, "s16", "mono")
            samples.sample_rate, samples.pts = rate, number * step
            samples.time_base = Fraction(1, rate)
            out.mux(other.encode(samples))
    out.mux(stream.encode(None))
    if other:
        out.mux(other.encode(None))


def decoded(data: bytes) -> tuple[list[bytes], list[tuple[Any, ...]]]:
    """The frames as FFmpeg decodes them, and every packet of pictures and sound with its times."""
    frames = []
    packets = []
    with av.open(io.BytesIO(data)) as source:
        for packet in source.demux():
            if packet.size and packet.stream.type in {"video", "audio"}:
                packets.append((packet.stream_index, packet.pts, packet.dts, bytes(packet)))
            if packet.stream.type == "video":
                frames += [bytes(frame.planes[0]) for frame in packet.decode()]
    return frames, packets


def key_frames_after_seeking(data: bytes) -> list[tuple[int, int]]:
    """Time and size of the packet that a seek to each half second finds by the file's index."""
    found = []
    with av.open(io.BytesIO(data)) as source:
        stream = source.streams.video[0]
        for half in range(4):
            with suppress(av.error.FFmpegError):  # an FLV without an index cannot be sought in
                source.seek(int(half / 2 / stream.time_base), stream=stream)
                packet = next(p for p in source.demux(stream) if p.size)
                found.append((packet.pts, packet.size))
    return found


def tags_of(data: bytes) -> dict[str, str]:
    """The tags that FFmpeg reads, of file and streams, without the label."""
    with av.open(io.BytesIO(data)) as source:
        found = dict(source.metadata)
        for stream in source.streams:
            found |= {f"{stream.index} {key}": value for key, value in stream.metadata.items()}
    return {key: value for key, value in found.items() if "AIGC" not in key.upper()}


def label_seen_by_ffmpeg(data: bytes) -> str | None:
    """The tag AIGC as FFmpeg reads it."""
    with av.open(io.BytesIO(data)) as source:
        return next((v for k, v in source.metadata.items() if k.upper() == "AIGC"), None)


def in_moov(data: bytes, extra: bytes) -> bytes:
    """An MP4 whose moov stands last, with another box at its end."""
    at = data.rindex(b"moov") - 4
    size = struct.unpack_from(">I", data, at)[0]
    if at + size != len(data):
        raise AssertionError("the header does not stand at the end")
    return data[:at] + struct.pack(">I", size + len(extra)) + data[at + 4 :] + extra


def in_info(data: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """An AVI with entries more in INFO, which go where padding stood."""
    return _avi_with(data, b"".join(riff_chunk(*one) for one in chunks), inside=True)


def before_media(data: bytes, raw: bytes) -> bytes:
    """An AVI with chunks more before its media, which go where padding stood."""
    return _avi_with(data, raw, inside=False)


def mkv_with(tags: bytes, kind: str = "mkv-live") -> bytes:
    """A live recording in Matroska with an element more before its first cluster."""
    data = rich_video(kind)
    at = data.index(b"\x1f\x43\xb6\x75")
    return data[:at] + tags + data[at:]


def simple_tag(name: str, value: str) -> bytes:
    """A tag of the whole film, as an element."""
    parts = ebml.make(0x45A3, name.encode()) + ebml.make(0x4487, value.encode())
    return ebml.make(0x7373, ebml.make(0x63C0, b"") + ebml.make(0x67C8, parts))


def script_tag(content: bytes) -> bytes:
    """A script tag of an FLV."""
    head = b"\x12" + len(content).to_bytes(3, "big") + bytes(7)
    return head + content + struct.pack(">I", len(content) + 11)


def _avi_with(data: bytes, raw: bytes, *, inside: bool) -> bytes:
    movi = data.index(b"movi") - 8
    parts = [part for part in read_chunks(data, 12, movi, order="<") if part.start < movi]
    junk = next(part for part in parts if part.type == b"JUNK")
    info = next(p for p in parts if p.type == b"LIST" and data.startswith(b"INFO", p.body))
    at = info.next if inside else junk.start
    out = bytearray(data[:at] + raw + data[at:])
    if inside:
        struct.pack_into("<I", out, info.start + 4, info.end - info.body + len(raw))
    start = junk.start + len(raw)
    size = junk.end - junk.body - len(raw)
    struct.pack_into("<I", out, start + 4, size)
    return bytes(out[: start + 8 + size] + out[start + 8 + size + len(raw) :])


def _bare_mp4() -> bytes:
    """An MP4 without tags: FFmpeg writes them last in moov, and moov last in the file."""
    data = rich_video("mp4")
    moov, udta = data.rindex(b"moov") - 4, data.rindex(b"udta") - 4
    return data[:moov] + struct.pack(">I", udta - moov) + data[moov + 4 : udta]


def _wide_mp4() -> bytes:
    """An MP4 whose media stand behind its header in a box of a 64-bit size, with 64-bit tables."""
    data = rich_video("mp4-front")
    out = []
    for part in read_boxes(data, 0, len(data)):
        content = data[part.body : part.end]
        if part.type == b"mdat":
            out.append(struct.pack(">I4sQ", 1, b"mdat", len(content) + 16) + content)
        elif part.type == b"moov":
            out.append(_wide_tables(content))
        else:
            out.append(data[part.start : part.end])
    if out[-1][4:8] != b"mdat":
        raise AssertionError("the media do not stand last")
    return _shifted(out, sum(map(len, out[:-1])) + 16 - data.index(b"mdat") - 4)


def _shifted(parts: list[bytes], by: int) -> bytes:
    data = bytearray(b"".join(parts))
    at = data.find(b"co64")
    while at >= 0:
        for number in range(struct.unpack_from(">I", data, at + 8)[0]):
            place = at + 12 + 8 * number
            struct.pack_into(">Q", data, place, struct.unpack_from(">Q", data, place)[0] + by)
        at = data.find(b"co64", at + 4)
    return bytes(data)


def _wide_tables(content: bytes, kind: bytes = b"moov") -> bytes:
    pieces = []
    for part in read_boxes(content, 0, len(content)):
        inside = content[part.body : part.end]
        if part.type in {b"trak", b"mdia", b"minf", b"stbl"}:
            pieces.append(_wide_tables(inside, part.type))
        elif part.type == b"stco":
            count = struct.unpack_from(">I", inside, 4)[0]
            wide = struct.pack(f">{count}Q", *struct.unpack_from(f">{count}I", inside, 8))
            pieces.append(box(b"co64", inside[:8] + wide))
        else:
            pieces.append(content[part.start : part.end])
    return box(kind, b"".join(pieces))


def _old_mov() -> bytes:
    """A MOV of before there was ``ftyp``, with user data of QuickTime closed by four zero bytes."""
    data = rich_video("mov")
    at = data.rindex(b"udta") - 4
    size = struct.unpack_from(">I", data, at)[0]
    moov = data.rindex(b"moov") - 4
    if at + size != len(data):
        raise AssertionError("the user data do not stand last")
    text = struct.pack(">HH", len(TITLE), 0) + TITLE.encode()
    udta = box(b"udta", box(b"\xa9nam", text) + bytes(4))
    start = data[: struct.unpack_from(">I", data)[0]]
    filler = box(b"wide", bytes(len(start) - 8))
    head = struct.pack(">I", at - moov + len(udta))
    return filler + data[len(start) : moov] + head + data[moov + 4 : at] + udta


def _positions_mkv() -> bytes:
    """A Matroska whose clusters state their own places, and check sums, as some muxers write."""
    data = rich_video("mkv-live")
    segment = data.index(b"\x18\x53\x80\x67")
    base = segment + 4 + 8
    out = bytearray(data[:base])
    end = data.index(b"\x1f\x43\xb6\x75")
    out += data[base:end]
    for number, raw in enumerate(data[end:].split(b"\x1f\x43\xb6\x75")[1:]):
        element = ebml.read_head(b"\x1f\x43\xb6\x75" + raw, 0)
        if element is None:
            raise AssertionError("no cluster")
        content = raw[element.body - 4 :]
        time = ebml.read_head(content, 0)
        if time is None or time.end is None:
            raise AssertionError("no time")
        place = (len(out) - base).to_bytes(2, "big")
        inside = content[: time.end] + ebml.make(0xA7, place) + content[time.end :]
        out += ebml.make(0x1F43B675, ebml.with_checksum(inside) if number % 2 else inside)
    return bytes(out)


def _tight_avi() -> bytes:
    """An AVI without padding before its media."""
    data = rich_video("avi-mjpeg")
    movi = data.index(b"movi") - 8
    parts = [p for p in read_chunks(data, 12, movi, order="<") if p.start < movi]
    kept = b"".join(data[p.start : p.next] for p in parts if p.type != b"JUNK")
    out = data[:12] + kept + data[movi:]
    return out[:4] + struct.pack("<I", len(out) - 8) + out[8:]


def _absolute_avi() -> bytes:
    """An AVI whose index counts from the start of the file, without padding."""
    out = bytearray(_tight_avi())
    movi, at = out.index(b"movi"), out.rindex(b"idx1")
    for place in range(at + 16, at + 8 + struct.unpack_from("<I", out, at + 4)[0], 16):
        struct.pack_into("<I", out, place, struct.unpack_from("<I", out, place)[0] + movi)
    return bytes(out)


def _odml_avi() -> bytes:
    """An AVI of two RIFFs with the indexes of OpenDML, without padding; pictures only."""
    plain = encoded("avi", "mjpeg")
    start = plain.index(b"movi") - 8
    (movi,) = [p for p in read_chunks(plain, start, len(plain), order="<") if p.start == start]
    frames = [
        plain[p.start : p.next] for p in read_chunks(plain, movi.body + 4, movi.end, order="<")
    ]
    parts = [p for p in read_chunks(plain, 12, start, order="<") if p.start < start]
    info = next(plain[p.start : p.next] for p in parts if plain.startswith(b"INFO", p.body))
    hdrl = plain[parts[0].start : parts[0].next]
    (strl,) = [
        p for p in read_chunks(hdrl, 12, len(hdrl), order="<") if hdrl[p.body :][:4] == b"strl"
    ]
    kept = [
        p
        for p in read_chunks(hdrl, strl.body + 4, strl.end, order="<")
        if p.type in (b"strh", b"strf")
    ]
    halves = [frames[: FRAMES // 2], frames[FRAMES // 2 :]]

    def assembled(places: list[int], bases: list[int]) -> tuple[bytes, list[int], list[int]]:
        entries = b"".join(
            struct.pack("<QII", place, 32 + 8 * len(halves[0]), len(halves[0])) for place in places
        )
        index = struct.pack("<HBBI4s12x", 4, 0, 0, 2, b"00dc") + entries
        inner = b"".join(hdrl[p.start : p.next] for p in kept) + riff_chunk(b"indx", index)
        avih = next(p for p in read_chunks(hdrl, 12, len(hdrl), order="<") if p.type == b"avih")
        head = riff_chunk(
            b"LIST", b"hdrl" + hdrl[avih.start : avih.next] + riff_chunk(b"LIST", b"strl" + inner)
        )
        out, real, starts = b"", [], []
        for number, half in enumerate(halves):
            front = head + info if number == 0 else b""
            first = len(out) + 12 + len(front) + 12
            offsets, at = [], first
            for frame in half:
                offsets.append((at + 8 - bases[number], len(frame) - 8))
                at += len(frame)
            base = struct.pack("<HBBI4sQ4x", 2, 0, 1, len(half), b"00dc", bases[number])
            ix = riff_chunk(b"ix00", base + b"".join(struct.pack("<iI", *one) for one in offsets))
            real.append(at)
            starts.append(first)
            body = front + riff_chunk(b"LIST", b"movi" + b"".join(half) + ix)
            out += riff_chunk(b"RIFF", (b"AVIX" if number else b"AVI ") + body)
        return out, real, starts

    _, real, starts = assembled([0, 0], [0, 0])
    return assembled(real, starts)[0]


_DERIVED: dict[str, Callable[[], bytes]] = {
    "mp4-bare": _bare_mp4,
    "mp4-wide": _wide_mp4,
    "mov-old": _old_mov,
    "mkv-positions": _positions_mkv,
    "avi-tight": _tight_avi,
    "avi-absolute": _absolute_avi,
    "avi-odml": _odml_avi,
}
