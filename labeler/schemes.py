"""
The frozen numbers that an embedder and its readers share. Standard library only.

What stands here defines a format: a released record never changes, a new one gets a new name.
Strengths, masks and search depths are no format and live with the code that uses them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeMode:
    """
    One way to fill the carrier: payload bits, checksum bits, and the tag that keeps modes apart.

    The tag enters the checksum and names the random streams of the mode (format section 5).
    """

    payload_bits: int
    check_bits: int
    tag: str

    @property
    def frame_bits(self) -> int:
        """Bits put into the convolutional code: payload and checksum."""
        return self.payload_bits + self.check_bits


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvolutionalCode:
    """
    A tail-biting convolutional code: constraint length and generator polynomials.

    The most significant of the ``constraint`` bits of a polynomial taps the newest input bit.
    """

    constraint: int
    polynomials: tuple[int, ...]

    @property
    def rate_inverse(self) -> int:
        """Coded bits per input bit."""
        return len(self.polynomials)


ROBUST_CODE = ConvolutionalCode(
    constraint=11,
    polynomials=(0o2327, 0o2353, 0o2671, 0o3175, 0o3345, 0o3613),
)
"""Rate 1/6, 1,024 states: the code of every mark of this toolkit that carries a payload."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageScheme:
    """
    Everything a reader of the picture mark must know (docs/formats/image-v1.md, section 2).

    Radii are in cycles per tile; ``canonical`` and ``tile`` in pixels. ``p_max`` is the bound on
    the chance of a false reading of one picture under one key.
    """

    name: str
    canonical: int
    tile: int
    radius_min: int
    radius_max: int
    axis_min: int
    grid_step: int
    pilots: int
    pilot_radius_min: int
    pilot_radius_max: int
    code: ConvolutionalCode
    long_mode: CodeMode
    short_mode: CodeMode
    p_max: float
    attempts: int

    @property
    def modes(self) -> tuple[CodeMode, CodeMode]:
        """The long mode and the short mode, in the order in which a reader tries them."""
        return self.long_mode, self.short_mode


IMAGE_V1 = ImageScheme(
    name="image-v1",
    canonical=896,
    tile=128,
    radius_min=4,
    radius_max=24,
    axis_min=2,
    grid_step=16,
    pilots=64,
    pilot_radius_min=6,
    pilot_radius_max=21,
    code=ROBUST_CODE,
    long_mode=CodeMode(payload_bits=64, check_bits=32, tag="image-v1/64"),
    short_mode=CodeMode(payload_bits=32, check_bits=16, tag="image-v1/32"),
    p_max=1e-9,
    attempts=128,
)
"""The picture mark, first version: frozen (docs/formats/image-v1.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioScheme:
    """
    Everything a reader of the sound mark must know (docs/formats/audio-v1.md, section 2).

    The lattice is in seconds and hertz, so it is the same at every sample rate: tiles of
    ``slot`` seconds by ``band_hz``, ``bands`` of them from ``low_hz`` up, and a pattern that comes
    again every ``period`` slots. In every slot ``sync_bands`` tiles carry no bits. ``p_max`` is the
    bound on the chance of a false reading of one sound.
    """

    name: str
    slot: float
    period: int
    low_hz: float
    band_hz: float
    bands: int
    sync_bands: int
    code: ConvolutionalCode
    modes: tuple[CodeMode, ...]
    p_max: float

    def mode_of(self, payload_bits: int) -> CodeMode:
        """Return the mode that carries so many bits; `ValueError` if there is none."""
        for mode in self.modes:
            if mode.payload_bits == payload_bits:
                return mode
        raise ValueError(f"{self.name} has no mode of {payload_bits} bits")


AUDIO_V1 = AudioScheme(
    name="audio-v1",
    slot=0.032,
    period=120,
    low_hz=300.0,
    band_hz=87.5,
    bands=80,
    sync_bands=16,
    code=ROBUST_CODE,
    modes=(
        CodeMode(payload_bits=64, check_bits=12, tag="audio-v1/64"),
        CodeMode(payload_bits=48, check_bits=12, tag="audio-v1/48"),
        CodeMode(payload_bits=32, check_bits=12, tag="audio-v1/32"),
        CodeMode(payload_bits=16, check_bits=12, tag="audio-v1/16"),
    ),
    p_max=1e-6,
)
"""The sound mark, first version: frozen (docs/formats/audio-v1.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """
    One family of invisible characters: ``alphabet[s]`` is the code point of symbol ``s``.

    The alphabet has a power of two of symbols; a packet takes ``symbols`` of them.
    """

    name: str
    alphabet: tuple[int, ...]
    symbols: int

    @property
    def bits(self) -> int:
        """Bits of one symbol."""
        return len(self.alphabet).bit_length() - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TextScheme:
    """
    Everything a reader of the text mark must know (docs/formats/text-v1.md, section 2).

    A packet is ``payload_bits`` and a keyed tag of ``tag_bits``; both carriers spell the same
    packet. ``p_max`` is the bound on the chance of a false reading of one text.
    """

    name: str
    payload_bits: int
    tag_bits: int
    variation: Carrier
    zero_width: Carrier
    p_max: float

    @property
    def carriers(self) -> tuple[Carrier, Carrier]:
        """Both carriers, in the order in which packets alternate."""
        return self.variation, self.zero_width

    @property
    def packet_bytes(self) -> int:
        """Bytes of one packet."""
        return (self.payload_bits + self.tag_bits) // 8


TEXT_V1 = TextScheme(
    name="text-v1",
    payload_bits=64,
    tag_bits=32,
    variation=Carrier(name="V", alphabet=tuple(range(0xFE03, 0xFE0B)), symbols=32),
    zero_width=Carrier(name="Z", alphabet=(0x200C, 0x200D, 0x200B, 0x2060), symbols=48),
    p_max=1e-6,
)
"""The mark put into finished text, first version: frozen (docs/formats/text-v1.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingScheme:
    """
    Everything a reader of the generation-time mark must know (docs/formats/sampling-v1.md).

    ``context`` tokens choose the coins of the next one, ``layers`` coins a token, of which the
    first weigh ``steepness`` times the last. Both counts may differ by deployment; they enter the
    derived key.
    """

    name: str
    context: int
    layers: int
    most_layers: int
    steepness: int
    p_max: float


SAMPLING_V1 = SamplingScheme(
    name="sampling-v1", context=2, layers=30, most_layers=60, steepness=10, p_max=1e-6
)
"""The mark made while sampling tokens, first version: frozen (docs/formats/sampling-v1.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockScheme:
    """
    One method of invisible-watermark 0.2.0, which is not ours (design foreign-marks, 5.1).

    ``singular`` says whether the largest singular value of a block carries the bit, or its largest
    entry; ``step`` is that of the quantiser, ``least_pixels`` the least area it takes.
    """

    name: str
    singular: bool
    step: float
    least_pixels: int


DWT_DCT = BlockScheme(name="dwtDct", singular=False, step=36.0, least_pixels=65536)
"""The largest entry of each block; what Stable Diffusion and FLUX write."""

DWT_DCT_SVD = BlockScheme(name="dwtDctSvd", singular=True, step=36.0, least_pixels=65536)
"""The largest singular value of each block."""
