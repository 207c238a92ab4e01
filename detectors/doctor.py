"""What is installed, where it was imported from, and whether labelling and reading work here."""

from __future__ import annotations

import platform
from importlib import import_module, metadata
from importlib.util import find_spec
from typing import TYPE_CHECKING

import cv2
import numpy as np

import labeler
from detectors.verbs import verify
from labeler.catalogue import CATALOGUE
from labeler.errors import LabelError
from labeler.model import Label
from labeler.verbs import apply


if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGES = ("numpy", "pillow", "opencv-python-headless", "mutagen", "av", "click")
_EXTRAS = {
    "c2pa": ("c2pa", "checking and signing C2PA manifests"),
    "documents": ("pypdf", "PDF"),
    "heic": ("pillow_heif", "HEIC pictures (their metadata needs nothing)"),
    "ocr": ("rapidocr", "visible labels of others"),
    "imwatermark": ("imwatermark", "the marks of RivaGAN"),
    "parquet": ("pyarrow", "reports as Parquet"),
    "ray": ("ray", "batches on Ray"),
    "dask": ("distributed", "batches on Dask"),
    "s3": ("boto3", "s3:// names"),
    "sampling": ("tokenizers", "marks that a language model sampled"),
    "sign": ("cryptography", "signing labels with Ed25519, our own scheme"),
    "sm": ("gmalg", "signing labels with SM2 (checking them needs nothing)"),
    "speech": ("espeakng_loader", "spoken labels of your own text"),
    "vorbis": ("soundfile", "writing Ogg Vorbis (its metadata needs nothing)"),
}
_OURS = ("labeler", "detectors", "cli")


def examine() -> Iterator[tuple[str, bool]]:
    """Yield lines for people, each with whether it is well."""
    yield f"aigc-label {labeler.__version__}, Python {platform.python_version()}", True
    for name in _OURS:
        place = getattr(import_module(name), "__file__", None) or "?"
        yield f"  {name}: {place}", True
    yield "packages", True
    yield from ((f"  {line}", good) for line, good in _packages())
    yield "extras", True
    for extra, (module, use) in _EXTRAS.items():
        there = find_spec(module) is not None
        told = "there" if there else f"not there; pip install 'aigc-label[{extra}]' adds {use}"
        yield f"  {extra}: {told}", True
    yield "what can be labelled", True
    for cell in CATALOGUE:
        formats = ", ".join(cell.formats)
        yield f"  {cell.modality.value} {cell.layer.value} ({cell.scheme}): {formats}", True
    yield _trial()


def _packages() -> Iterator[tuple[str, bool]]:
    for name in _PACKAGES:
        try:
            yield f"{name} {metadata.version(name)}", True
        except metadata.PackageNotFoundError:
            instead = "another build is used" if find_spec(name.split("-", maxsplit=1)[0]) else ""
            known = name.startswith("opencv") and cv2.__version__
            yield f"{name}: {f'cv2 {known}, {instead}' if known else 'missing'}", bool(known)


def _trial() -> tuple[str, bool]:
    """Label one made-up PNG and read it again."""
    noise = np.random.default_rng(1).integers(80, 170, (48, 48, 3), np.uint8)
    picture = cv2.resize(noise, (480, 480), interpolation=cv2.INTER_CUBIC)
    data = cv2.imencode(".png", picture)[1].tobytes()
    try:
        result = apply(data, Label(producer="doctor", content_id="trial"))
        report = verify(result.content)
    except LabelError as error:
        return f"trial: FAILED, {error}", False
    found = [row.layer.value for row in report.evidence if row.found]
    good = report.verdict.value == "confirmed" and len(found) == 3
    return f"trial: {'works' if good else 'FAILED'}, found {', '.join(found)}", good
