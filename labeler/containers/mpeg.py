"""Headers of MPEG audio frames (layer III) and of ADTS frames (AAC), to tell what a stream is."""

from __future__ import annotations

from dataclasses import dataclass


_RATES = {1: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 25: (11_025, 12_000, 8_000)}
_VERSIONS = {3: 1, 2: 2, 0: 25}
_SPEEDS = {
    1: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_WINDOW = 1 << 16
_TRIES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One layer III frame. ``version`` is 1, 2 or 25 (2.5); ``samples`` are those a channel."""

    version: int
    rate: int
    channels: int
    size: int
    samples: int


def frame_at(data: bytes, start: int) -> Frame | None:
    """Return the layer III frame that starts here, None when none does."""
    head = bytes(data[start : start + 4])
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version = _VERSIONS.get(head[1] >> 3 & 3)
    speed, rate = head[2] >> 4, head[2] >> 2 & 3
    if version is None or speed in {0, 15} or rate == 3:
        return None
    hertz = _RATES[version][rate]
    samples = 1152 if version == 1 else 576
    kilobits = _SPEEDS[1 if version == 1 else 2][speed - 1]
    size = samples // 8 * 1000 * kilobits // hertz + (head[2] >> 1 & 1)
    channels = 1 if head[3] >> 6 == 3 else 2
    return Frame(version=version, rate=hertz, channels=channels, size=size, samples=samples)


def find_frame(data: bytes, start: int, end: int) -> int | None:
    """
    Return where the first frame stands, None when there is none near the start.

    A frame counts when another one of the same version and rate follows it, or the end of sound.
    """
    position = start
    stop = min(end, start + _WINDOW)
    for _ in range(_TRIES):
        position = data.find(b"\xff", position, stop)
        if position < 0:
            return None
        if _is_frame(data, position, end):
            return position
        position += 1
    return None


def is_layer_3(data: bytes, start: int) -> bool:
    """Say whether a stream of layer III frames starts here."""
    return _is_frame(data, start, len(data))


def is_adts(data: bytes, start: int) -> bool:
    """Say whether a raw AAC stream (ADTS) starts here."""
    head = bytes(data[start : start + 7])
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or head[2] >> 2 & 15 > 12:
        return False
    size = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    after = bytes(data[start + size : start + size + 2])
    return size > 7 and (not after or (after[:1] == b"\xff" and after[1:] == head[1:2]))


def _is_frame(data: bytes, start: int, end: int) -> bool:
    """Say whether a frame stands here that is followed by another, or by the end."""
    frame = frame_at(data, start)
    if frame is None:
        return False
    after = start + frame.size
    if after >= end:
        return after == end
    other = frame_at(data, after)
    return other is not None and (other.version, other.rate) == (frame.version, frame.rate)
