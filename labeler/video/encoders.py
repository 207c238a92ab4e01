"""
Which encoder writes a video again, and how well: near the source unless the caller says otherwise.

The codec stays the source's where it can be written; what else each container holds is tried in
order. Quality is constant (CRF or a quantiser), so a longer or busier film gets the bits it needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from labeler.errors import UnknownPolicy, UnsupportedMedia


if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from labeler.video.facts import VideoFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """
    What the caller asks of the encoder; None leaves it to the source and to this module.

    ``vcodec`` is h264, hevc, vp9, av1 or a name of `ENCODERS`; ``crf`` the constant quality on the
    encoder's own scale; ``preset`` its speed. ``near`` is the quality of the source on the scale of
    x264 (`labeler.video.quality`): without ``crf`` the encoder is set that much below its best.
    """

    vcodec: str | None = None
    crf: float | None = None
    preset: str | None = None
    near: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """
    One of FFmpeg's encoders: its ``options``, and how it takes quality and speed.

    ``crf`` is the default on its scale, ``steps`` of which are worth one of x264's, and
    ``crf_range`` the ends of that scale; ``crf_key`` and
    ``preset_key`` name its options (empty: it has none). ``constant_rate`` says that its time
    stamps must be whole frames.
    """

    name: str
    crf: float = 0
    steps: float = 0
    crf_range: tuple[int, int] = (0, 51)
    crf_key: str = ""
    preset: str = ""
    preset_key: str = ""
    options: tuple[tuple[str, str], ...] = ()
    constant_rate: bool = False


_QUANTISER = "global_quality"
_MPEG4_UNITS = 65_535
_LAMBDA = 118  # FF_QP2LAMBDA: FFmpeg's quantisers count in these

ENCODERS: Mapping[str, Encoder] = MappingProxyType(
    {
        encoder.name: encoder
        for encoder in (
            Encoder(
                name="libx264", crf=18, steps=1, crf_key="crf", preset="medium",
                preset_key="preset",
            ),
            Encoder(
                name="libx265", crf=20, steps=1, crf_key="crf", preset="fast", preset_key="preset",
                options=(("x265-params", "log-level=none"),),
            ),
            Encoder(
                name="libvpx-vp9", crf=24, steps=1.7, crf_key="crf", crf_range=(0, 63), preset="4",
                preset_key="cpu-used",
                options=(("b", "0"), ("row-mt", "1"), ("deadline", "good")),
            ),
            Encoder(
                name="libvpx", crf=8, crf_key="crf", crf_range=(0, 63), preset="4",
                preset_key="cpu-used", options=(("b", "40M"), ("deadline", "good")),
            ),
            Encoder(
                name="libsvtav1", crf=26, steps=1.7, crf_key="crf", crf_range=(0, 63), preset="8",
                preset_key="preset",
            ),
            *(
                Encoder(name=name, crf=2, crf_range=(1, 31), crf_key=_QUANTISER, constant_rate=True)
                for name in ("mpeg4", "mpeg2video", "mpeg1video")
            ),
            *(
                Encoder(name=name, crf=2, crf_range=(1, 31), crf_key=_QUANTISER)
                for name in ("msmpeg4", "wmv1", "wmv2", "flv", "mjpeg")
            ),
            Encoder(name="prores_ks", options=(("profile", "hq"),)),
            Encoder(name="ffv1", options=(("level", "3"),)),
            Encoder(name="huffyuv"),
            Encoder(name="ffvhuff"),
            Encoder(name="utvideo"),
        )
    }
)  # fmt: skip
"""Every encoder that is used, by FFmpeg's name."""

CODECS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "h264": ("libx264",),
        "hevc": ("libx265",),
        "vp9": ("libvpx-vp9", "libsvtav1"),
        "vp8": ("libvpx", "libvpx-vp9"),
        "av1": ("libsvtav1",),
        "mpeg4": ("mpeg4",),
        "mpeg2video": ("mpeg2video",),
        "mpeg1video": ("mpeg1video",),
        "msmpeg4v3": ("msmpeg4", "mpeg4"),
        "msmpeg4v2": ("msmpeg4", "mpeg4"),
        "wmv1": ("wmv1",),
        "wmv2": ("wmv2",),
        "wmv3": ("wmv2",),
        "vc1": ("wmv2",),
        "flv1": ("flv",),
        "mjpeg": ("mjpeg",),
        "prores": ("prores_ks",),
        "ffv1": ("ffv1",),
        "huffyuv": ("huffyuv", "ffvhuff"),
        "ffvhuff": ("ffvhuff",),
        "utvideo": ("utvideo",),
    }
)
"""Encoders for each codec of a source, the faithful one first."""

_FITTING: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "webm": ("libvpx-vp9", "libsvtav1"),
        "asf": ("wmv2",),
        "flv": ("libx264",),
        "avi": ("mpeg4", "libx264"),
    }
)
"""What else a container is given when the source's own codec cannot be written into it."""

_EVEN = frozenset({"libx264", "libx265", "libsvtav1"})
"""Encoders that refuse an odd width or height where chroma is halved."""

_ANY = ("libx264", "libx265", "ffv1")
_HELD: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "mp4": frozenset({"libx264", "libx265", "libvpx-vp9", "libsvtav1", "mpeg4", "mpeg2video"}),
        "webm": frozenset({"libvpx", "libvpx-vp9", "libsvtav1"}),
        "flv": frozenset({"libx264", "libx265", "libsvtav1", "libvpx-vp9", "flv"}),
        "asf": frozenset({"wmv1", "wmv2", "msmpeg4", "libx264", "mpeg4"}),
    }
)
"""Encoders whose streams a container holds so that players take it; others hold any."""


def choose_encoder(facts: VideoFacts, container: str, encoding: Encoding) -> Encoder:
    """
    Return the encoder for a source going into ``container`` (FFmpeg's name of the muxer).

    Raises
    ------
    UnknownPolicy
        ``vcodec`` is no encoder of ours.
    UnsupportedMedia
        No encoder keeps these pixels in this container; the message says what would.
    """
    held = _HELD.get(container, frozenset(ENCODERS))
    if encoding.vcodec is not None:
        names = CODECS.get(encoding.vcodec, (encoding.vcodec,))
        if not all(name in ENCODERS for name in names):
            raise UnknownPolicy(
                f"no video codec {encoding.vcodec!r}: use h264, hevc, vp9, av1 or one of "
                f"{', '.join(ENCODERS)}"
            )
        if not held.intersection(names):
            raise UnsupportedMedia(
                f"a {container} file does not hold {encoding.vcodec}; choose another --vcodec, or "
                "an output name ending in .mkv"
            )
    else:
        names = CODECS.get(facts.codec, ()) + _FITTING.get(container, _ANY)
    sides = zip((facts.width, facts.height), facts.chroma_shift, strict=True)
    if any(side % 2 and shift for side, shift in sides):
        held -= _EVEN
    for name in names:
        if name in held and facts.pixel_format in _pixel_formats(name):
            return ENCODERS[name]
    raise UnsupportedMedia(
        f"no encoder writes {facts.width} x {facts.height} pixels of {facts.codec} and the format "
        f"{facts.pixel_format} into {container}; choose another --vcodec or an output name ending "
        "in .mkv, or use --layers metadata"
    )


def _pixel_formats(name: str) -> set[str]:
    import av

    formats = {form.name for form in av.Codec(name, "w").video_formats or ()}
    return formats | {f"yuvj{form[3:]}" for form in formats if form in _PLAIN}


_PLAIN = frozenset({"yuv420p", "yuv422p", "yuv444p"})


def options_for(encoder: Encoder, facts: VideoFacts, encoding: Encoding) -> dict[str, str]:
    """Return FFmpeg's options for an encoder; raise `UnknownPolicy` for values off its scale."""
    options = dict(encoder.options)
    if encoding.preset is not None and not encoder.preset_key:
        raise UnknownPolicy(f"{encoder.name} has no presets; leave --preset out")
    if encoder.preset_key:
        options[encoder.preset_key] = encoding.preset or encoder.preset
    if encoding.crf is not None and not encoder.crf_key:
        raise UnknownPolicy(f"{encoder.name} has no quality to choose; leave --crf out")
    if encoder.crf_key:
        low, high = encoder.crf_range
        crf = _default_crf(encoder, encoding) if encoding.crf is None else encoding.crf
        if not low <= crf <= high:
            raise UnknownPolicy(f"a quality of {crf:g} is outside {low}..{high} of {encoder.name}")
        quantised = encoder.crf_key == _QUANTISER
        options[encoder.crf_key] = str(round(crf * _LAMBDA)) if quantised else f"{crf:g}"
        if quantised:
            options["flags"] = "+qscale"
    if facts.interlaced and encoder.name in {"libx264", "mpeg2video", "mpeg4"}:
        options["flags"] = options.get("flags", "") + "+ildct+ilme"
    if encoder.name == "libx265":
        options["x265-params"] += _hdr_parameters(facts)
    return options


def _default_crf(encoder: Encoder, encoding: Encoding) -> float:
    if encoding.near is None:
        return encoder.crf
    return round(encoder.crf + encoder.steps * (encoding.near - ENCODERS["libx264"].crf))


def _hdr_parameters(facts: VideoFacts) -> str:
    """Return how the brightness of the mastering screen is told again, for x265."""
    return "".join(f":{name}={value}" for name, value in facts.mastering)


def time_base_for(encoder: Encoder, source: Fraction, rate: Fraction, container: str) -> Fraction:
    """Return the unit of time stamps: the source's, or one frame where that is what is stored."""
    whole_frames = encoder.constant_rate and not (
        encoder.name == "mpeg4" and source.denominator <= _MPEG4_UNITS
    )
    return 1 / rate if whole_frames or container == "avi" else source


def set_up(context: Any, source: Any) -> None:
    """Copy the colour tags and the pixel shape of a source's codec context to an encoder's."""
    for name in ("color_range", "color_primaries", "color_trc", "colorspace"):
        setattr(context, name, getattr(source, name))
    if source.sample_aspect_ratio:
        context.sample_aspect_ratio = source.sample_aspect_ratio
