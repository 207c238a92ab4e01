"""
What happens to sound on its way: codecs, telephones, noise, rooms, changed speed and pitch.

They measure how well our own mark survives everyday handling. They are used on recordings that the
benchmarks and tests have marked themselves, nowhere else, and are no part of the product: the
toolkit has no code that removes or hides labels (Measures art. 10; R-56).

Every attack is a pure function from (samples, rate) to (samples, rate); samples are (n, channels)
float32 with full scale 1.0. Those that need chance draw it from a fixed seed.
"""

from __future__ import annotations

import io
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np

from benchmarks import rooms
from labeler.audio import codec, pcm
from labeler.audio.encoders import AvEncoder
from labeler.audio.storage import LAYOUTS, SoundFormat


if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Samples = NDArray[np.float32]
    Sounding = tuple[Samples, int]
    Attack = Callable[[Samples, int], Sounding]

_OPUS_RATE, _TELEPHONE_RATE, _MONO_KBITS = 48_000, 8_000, 32
_MP3_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)


def _same(samples: Samples, rate: int) -> Sounding:
    return samples.copy(), rate


def _chain(*steps: Attack) -> Attack:
    def attack(samples: Samples, rate: int) -> Sounding:
        for step in steps:
            samples, rate = step(samples, rate)
        return samples, rate

    return attack


def _filtered(samples: Samples, rate: int, *filters: tuple[str, str]) -> Samples:
    """Put samples through FFmpeg filters (name, arguments); the rate stays."""
    layout = LAYOUTS[samples.shape[1] - 1]
    graph = av.filter.Graph()
    nodes = [graph.add_abuffer(format="flt", sample_rate=rate, layout=layout,
                               time_base=Fraction(1, rate))]  # fmt: skip
    nodes += [graph.add(name, arguments) for name, arguments in filters]
    nodes += [graph.add("aformat", f"sample_fmts=flt:channel_layouts={layout}")]
    nodes += [graph.add("abuffersink")]
    graph.link_nodes(*nodes).configure()
    frame = av.AudioFrame.from_ndarray(
        np.ascontiguousarray(samples, np.float32).reshape(1, -1), format="flt", layout=layout
    )
    frame.sample_rate, frame.pts = rate, 0
    graph.push(frame)
    graph.push(None)
    parts = []
    while True:
        try:
            parts.append(graph.pull().to_ndarray().reshape(-1, samples.shape[1]))
        except (av.error.EOFError, av.error.BlockingIOError):
            return np.concatenate(parts)


def resampled(samples: Samples, rate: int, to: int) -> Samples:
    """Return samples at another rate (FFmpeg's resampler)."""
    if rate == to:
        return samples
    return _filtered(samples, rate, ("aresample", f"{to}:filter_size=64:phase_shift=10"))


# Codecs


def coded(container: str, name: str, kbits: int) -> Attack:
    """
    Return coding and decoding at a bit rate for all channels together.

    At 32 kbit/s and less the channels are mixed to one first, as encoders at such rates are used.
    """

    def attack(samples: Samples, rate: int) -> Sounding:
        if kbits <= _MONO_KBITS:
            samples, rate = _mono(samples, rate)
        native = _native(name, rate)
        sound = resampled(samples, rate, native)
        channels = samples.shape[1]
        found = SoundFormat(
            container=container, codec=name, rate=native, channels=channels,
            bit_rate=1000 * kbits, layout=LAYOUTS[channels - 1],
        )  # fmt: skip
        buffer = io.BytesIO()
        encoder = AvEncoder(buffer, found)
        encoder.write(sound)
        encoder.close()
        decoded = codec.decode_sound(buffer.getvalue())
        return decoded.samples, decoded.rate

    return attack


def _native(name: str, rate: int) -> int:
    if name == "opus":
        return _OPUS_RATE
    return min(_MP3_RATES, key=lambda each: abs(each - rate)) if name == "mp3" else rate


def resample(to: int) -> Attack:
    """Return a resampling, at which it stays; sound of less is left as it is."""

    def attack(samples: Samples, rate: int) -> Sounding:
        return (resampled(samples, rate, to), to) if to < rate else (samples, rate)

    return attack


def _mu_law(samples: Samples, rate: int) -> Sounding:
    quiet = resampled(samples, rate, _TELEPHONE_RATE)
    return pcm.to_samples(pcm.store(quiet, "mulaw"), "mulaw"), _TELEPHONE_RATE


def _g726(samples: Samples, rate: int) -> Sounding:
    """Code as ITU-T G.726 at 32 kbit/s, mono, 8 kHz."""
    mono = resampled(samples.mean(axis=1, keepdims=True), rate, _TELEPHONE_RATE)
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="wav") as output:
        stream = output.add_stream("g726", rate=_TELEPHONE_RATE)
        stream.layout, stream.bit_rate = "mono", 32_000
        numbers = pcm.store(mono, "s16").reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(numbers, format="s16", layout="mono")
        frame.sample_rate, frame.pts = _TELEPHONE_RATE, 0
        output.mux([*stream.encode(frame), *stream.encode(None)])
    buffer.seek(0)
    with av.open(buffer, "r", format="wav") as source:
        heard = [frame.to_ndarray().reshape(-1, 1) for frame in source.decode(audio=0)]
    return pcm.to_samples(np.concatenate(heard), "s16"), _TELEPHONE_RATE


# Level, noise, filters


def _power(samples: NDArray[np.floating]) -> float:
    return float(np.mean(samples.astype(np.float64) ** 2)) + 1e-20


def noise(db: float, seed: int = 3) -> Attack:
    """Return added white noise, so many dB below the sound."""

    def attack(samples: Samples, rate: int) -> Sounding:
        chance = np.random.default_rng(seed).standard_normal(samples.shape)
        level = np.sqrt(_power(samples) / 10 ** (db / 10))
        return (samples + level * chance).astype(np.float32), rate

    return attack


def _music(samples: Samples, rate: int) -> Sounding:
    """Mix a chord progression with a beat under the sound, as loud as the sound."""
    time = np.arange(len(samples)) / rate
    beat = (time * 2 % 1).astype(np.float32)
    bar = (time // 2).astype(int) % 4
    roots = np.array([220.0, 174.6, 261.6, 196.0])[bar]
    under = np.zeros(len(samples))
    for ratio in (1, 1.25, 1.5, 2):
        for harmonic in range(1, 9):
            pitch = roots * ratio * harmonic
            audible = np.where(pitch < 0.45 * rate, 1.0, 0.0)
            under += audible / harmonic * np.sin(2 * np.pi * np.cumsum(pitch) / rate)
    hiss = np.random.default_rng(9).standard_normal(len(samples))
    under = under * np.exp(-2 * beat) + 2 * hiss * np.exp(-25 * beat)
    under *= np.sqrt(_power(samples) / _power(under))
    return (0.6 * (samples + under[:, None])).astype(np.float32), rate


def gain(db: float) -> Attack:
    """Return a change of level."""
    return lambda samples, rate: (samples * np.float32(10 ** (db / 20)), rate)


def _equalised(samples: Samples, rate: int) -> Sounding:
    return _filtered(samples, rate, ("bass", "g=6"), ("treble", "g=-6")), rate


def _compressed(samples: Samples, rate: int) -> Sounding:
    return _filtered(samples, rate, ("acompressor", "threshold=-20dB:ratio=4:makeup=2")), rate


def _low_pass(samples: Samples, rate: int) -> Sounding:
    return _banded(samples, rate, 0, 4000), rate


def _banded(samples: Samples, rate: int, low: float, high: float) -> Samples:
    """Keep a band with soft edges, by spectrum."""
    size = len(samples) + rate // 10
    spectrum = np.fft.rfft(samples, size, axis=0)
    frequency = np.fft.rfftfreq(size, 1 / rate)[:, None]
    shape = 1 / (1 + (frequency / high) ** 12)
    if low:
        shape = shape / (1 + (low / np.maximum(frequency, 1e-3)) ** 8)
    shaped = np.fft.irfft(spectrum * shape, size, axis=0)[: len(samples)]
    return np.asarray(shaped, np.float32)


def _mono(samples: Samples, rate: int) -> Sounding:
    return samples.mean(axis=1, keepdims=True), rate


def _echo(samples: Samples, rate: int) -> Sounding:
    late = round(0.12 * rate)
    out = samples.copy()
    out[late:] += 0.5 * samples[:-late]
    return 0.7 * out, rate


# Time and pitch


def speed(factor: float) -> Attack:
    """Return a playing faster or slower: pitch moves along."""

    def attack(samples: Samples, rate: int) -> Sounding:
        return resampled(samples, round(rate * factor), rate), rate

    return attack


def tempo(factor: float) -> Attack:
    """Return a playing faster or slower at the same pitch (WSOLA)."""
    return lambda samples, rate: (_filtered(samples, rate, ("atempo", f"{factor}")), rate)


def pitch(factor: float) -> Attack:
    """Return a higher or lower pitch at the same speed."""
    return _chain(speed(factor), tempo(1 / factor))


# Rooms


def room(name: str) -> Attack:
    """Return a playing in a room of `benchmarks.rooms`, recorded at a distance."""

    def attack(samples: Samples, rate: int) -> Sounding:
        echo = rooms.response(name).astype(np.float32)[:, None]
        heard = resampled(echo, rooms.RATE, rate)[:, 0] * (rooms.RATE / rate)
        size = 1 << (len(samples) + len(heard) - 1).bit_length()
        spectrum = np.fft.rfft(samples, size, axis=0) * np.fft.rfft(heard, size)[:, None]
        wet = np.fft.irfft(spectrum, size, axis=0)[: len(samples)]
        return np.asarray(wet * np.sqrt(_power(samples) / _power(wet)) * 0.7, np.float32), rate

    return attack


def _small_loudspeaker(samples: Samples, rate: int) -> Sounding:
    """Sound like a phone's loudspeaker: 180 Hz to 8 kHz, driven into saturation."""
    heard = _banded(samples, rate, 180, min(8000, 0.45 * rate))
    return np.asarray(np.tanh(2 * heard) / 2, np.float32), rate


def _pink(db: float) -> Attack:
    def attack(samples: Samples, rate: int) -> Sounding:
        chance = np.random.default_rng(6).standard_normal(samples.shape)
        spectrum = np.fft.rfft(chance, axis=0)
        bins = np.arange(len(spectrum))[:, None]
        hiss = np.fft.irfft(spectrum / np.sqrt(np.maximum(bins, 20)), len(samples), axis=0)
        level = np.sqrt(_power(samples) / _power(hiss) / 10 ** (db / 10))
        return (samples + level * hiss).astype(np.float32), rate

    return attack


def rerecorded(name: str, noise_db: float) -> Attack:
    """Return a loudspeaker, a room, pink noise, 200 ppm of clock drift, and AAC at 64 kbit/s."""
    return _chain(
        _small_loudspeaker, room(name), _pink(noise_db), speed(1.0002), coded("m4a", "aac", 64)
    )


ATTACKS: dict[str, Attack] = {
    "none": _same,
    "mp3_128": coded("mp3", "mp3", 128),
    "mp3_64": coded("mp3", "mp3", 64),
    "mp3_32": coded("mp3", "mp3", 32),
    "aac_64": coded("m4a", "aac", 64),
    "aac_32": coded("m4a", "aac", 32),
    "opus_64": coded("ogg", "opus", 64),
    "opus_32": coded("ogg", "opus", 32),
    "opus_16": coded("ogg", "opus", 16),
    "8khz": resample(8_000),
    "16khz": resample(16_000),
    "mulaw": _mu_law,
    "g726": _g726,
    "noise30": noise(30),
    "noise20": noise(20),
    "noise10": noise(10),
    "music0": _music,
    "gain-12": gain(-12),
    "eq": _equalised,
    "compressor": _compressed,
    "lowpass4k": _low_pass,
    "mono": _mono,
    "echo": _echo,
    "speed+1": speed(1.01),
    "speed-1": speed(0.99),
    "speed+5": speed(1.05),
    "speed-5": speed(0.95),
    "tempo+5": tempo(1.05),
    "tempo-5": tempo(0.95),
    "pitch+2": pitch(1.02),
    "room0.3": room("0.3"),
    "room0.5": room("0.5"),
    "room0.8": room("0.8"),
    "rerecord0.3": rerecorded("0.3", 25),
    "rerecord0.5": rerecorded("0.5", 20),
}
"""Everyday handling (design/audio-v1.md, sections 2 and 3), bit rates for all channels together."""

GEOMETRIC = frozenset(name for name in ATTACKS if name.startswith(("speed", "tempo", "pitch")))
"""Attacks that move the sound in time or frequency: a reader without a search misses them."""

GROUPS: dict[str, tuple[str, ...]] = {
    "everything": tuple(ATTACKS),
    "quick": ("none", "mp3_64", "opus_32", "noise20", "speed+5", "room0.3"),
    "plain": tuple(name for name in ATTACKS if name not in GEOMETRIC),
}
"""Named groups."""
