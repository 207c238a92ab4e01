"""
How well a video is coded, so that it is written again near that and not many times as large.

H.264 says its quantisers itself; of other codecs the bits per pixel are taken. Both end on the
scale of x264's CRF, within bounds: better than the best is waste, and below the worst the invisible
mark would not survive the next coding (docs/video.md).
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from labeler.video.facts import opened, picture_stream


if TYPE_CHECKING:
    from pathlib import Path

    from labeler.video.facts import VideoFacts


BEST, WORST = 18.0, 24.0
"""The ends of what is chosen, on the scale of x264's CRF."""

_FRAMES = 48
_BELOW = 4.0  # x264's mean quantiser lies about 3 above its CRF; one more for a second generation
_FULL_BITS = 0.1  # bits per pixel that need no saving, and CRF steps for each halving
_STEPS = 3.0
_THRIFTY = frozenset({"hevc", "vp9", "av1", "vvc"})
_GAIN = 1.5


def near_quality(path: Path, facts: VideoFacts) -> float:
    """
    Return the quality near that of a file, within `BEST` and `WORST`; lower is better.

    Decodes the first two seconds or so of H.264. Raises `LabelError` when it cannot be opened.
    """
    quantiser = _quantiser(path) if facts.codec == "h264" else None
    wanted = quantiser - _BELOW if quantiser is not None else _by_bits(facts)
    return min(max(round(wanted), BEST), WORST)


def _by_bits(facts: VideoFacts) -> float:
    """Return the quality that the bit rate speaks for; the best where it is not known."""
    if not facts.bit_rate:
        return BEST
    bits = facts.bit_rate / (facts.width * facts.height * float(facts.rate))
    if facts.codec in _THRIFTY:
        bits *= _GAIN
    return BEST - _STEPS * math.log2(bits / _FULL_BITS)


def _quantiser(path: Path) -> float | None:
    """Return the mean quantiser of the first frames, None where the decoder does not tell."""
    import av

    seen: list[float] = []
    with opened(path) as source:
        stream = picture_stream(source)
        stream.codec_context.options = {"export_side_data": "venc_params"}
        try:
            for count, frame in enumerate(source.decode(stream)):
                value = _mean_of(frame)
                if value is not None:
                    seen.append(value)
                if count >= _FRAMES:
                    break
        except av.error.FFmpegError:
            pass  # a broken end is told by the pass itself
    return float(np.mean(seen)) if seen else None


def _mean_of(frame: Any) -> float | None:
    """Return the mean over a frame of what FFmpeg's AVVideoEncParams says."""
    from av.sidedata.sidedata import Type

    data = frame.side_data.get(Type.VIDEO_ENC_PARAMS)
    if data is None:
        return None
    raw = bytes(data)
    # unsigned nb_blocks; size_t blocks_offset, block_size; int type, qp (libavutil, 64 bits)
    count, offset, size, _, whole = struct.unpack_from("=I4xQQii", raw)
    if not count:
        return float(whole)
    blocks = np.frombuffer(raw, np.uint8, count * size, offset).reshape(count, size)
    # int src_x, src_y, w, h, delta_qp
    own = np.ascontiguousarray(blocks[:, 16:20]).view(np.int32)
    return float(whole) + float(own.mean())
