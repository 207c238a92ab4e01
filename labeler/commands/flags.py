"""
Options of the command line that need no code, as data: names, and the facts that click takes.

Nothing here knows click: `cli` turns a table into options.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any


Flag = tuple[tuple[str, ...], MappingProxyType[str, Any]]


def _flag(*names: str, **facts: Any) -> Flag:
    return names, MappingProxyType(facts)


def _file(*names: str, text: str, **facts: Any) -> Flag:
    return _flag(*names, metavar="FILE", help=text, **facts)


def _choice(name: str, *choices: str, text: str) -> Flag:
    return _flag(name, choices=choices, default=choices[0], show_default=True, help=text)


OUTPUT = (
    _flag("-o", "--output", metavar="OUT", help="Output file or folder; - is stdout."),
    _flag("--in-place", is_flag=True, help="Replace the source files."),
    _flag("--force", is_flag=True, help="Overwrite output files that exist."),
    _flag(
        "--skip-existing",
        is_flag=True,
        help="Pass over files whose output exists: goes on after an interruption.",
    ),
    _flag("--dry-run", is_flag=True, help="Do everything but write."),
)
"""Where written files go."""

LOOK = (
    _choice(
        "--audible",
        "rhythm",
        "voice",
        text="Audible label of sound: the rhythm short-long short-short, or a spoken sentence.",
    ),
    _file("--prompt-file", text="Recording of your own as the spoken label."),
    _choice("--style", "plate", "pill", "outline", "bar", text="Look of the visible label."),
    _choice(
        "--height-mode",
        "strict",
        "line",
        "em",
        text="What is at least 5 % of the shortest side: every glyph, the line, the em.",
    ),
)
"""How a label looks and sounds."""

STRENGTH = (
    _flag(
        "--strength",
        choices=("subtle", "default", "robust"),
        default="default",
        show_default=True,
        help="Strength of the watermark.",
    ),
)
"""How strong the mark is."""

ENCODING = (
    _flag("--vcodec", metavar="NAME", help="Video: h264, hevc, vp9, av1; default: as it is."),
    _flag("--crf", type=float, help="Video: constant quality of the encoder; less is better."),
    _flag("--preset", metavar="NAME", help="Video: speed of the encoder, such as veryfast."),
)
"""How ``apply`` encodes video."""

FORM = (
    _choice("--value-form", "guide", "wrapped", text="Metadata: bare object, or inside AIGC."),
    _flag("--allow-name", is_flag=True, help="Accept a producer name outside annex E j."),
)
"""How the fields are written."""

EXEMPTION = (
    _flag("--no-visible", is_flag=True, help="No visible label (Measures art. 9)."),
    _flag("--recipient", metavar="WHO", help="Art. 9: to whom it is provided."),
    _flag("--agreement", metavar="REF", help="Art. 9: the agreement that covers it."),
    _file("--exemption-log", text="Art. 9: log kept at least six months."),
)
"""What ``apply`` needs for a file without a visible label."""

PLATFORM = (_file("--sign-key-file", text="Sign the label with an SM2 or Ed25519 key (PEM)."),)
"""How ``propagate`` signs: the platform's own fields."""

SIGNING = (
    *PLATFORM,
    _file("--c2pa-cert", text="Sign with C2PA: certificate chain (PEM)."),
    _file("--c2pa-key-file", text="Private key of the first certificate (PEM)."),
    _flag("--c2pa-alg", metavar="NAME", help="es256, ps256, ed25519 ...; default: by the key."),
    _flag("--source-type", metavar="WORD", help="IPTC word, such as trainedAlgorithmicMedia."),
)
"""How ``apply`` signs (docs/signing.md)."""

TRUSTING = (
    _file("--trust", text="Pinned keys (lines CODE KEY), root certificates (PEM).", multiple=True),
    _flag("--online", is_flag=True, help="Let C2PA fetch manifests and certificate states."),
)
"""Whom ``verify`` and ``inspect`` trust, and whether they may use the network."""

KEYS_TRIED = (_file("--key-file", "key_files", text="Keys to try.", multiple=True),)
"""Keys of marks that are looked for besides the published one."""

KINDS = (
    _choice("--kind", "mark", "sm2", "ed25519", text="Key of the watermark, or of signatures."),
)
"""What ``keys new`` makes."""

ENGINE = (_choice("--engine", "local", "ray", "dask", text="Where the work is done."),)
"""What spreads the work of ``verify``."""
