"""Receipts on their way out: JSON, JSON lines, and lines for people in Chinese or English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labeler.machine import json_array, json_lines
from labeler.terminal import printable


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from labeler.model import Receipt

_WORDS = {
    "en": {"done": "labelled", "plan": "would be labelled", "kept": "there already",
           "warning": "note"},
    "zh": {"done": "已标识", "plan": "将标识", "kept": "已存在", "warning": "提示"},
}  # fmt: skip


def render_receipts(
    receipts: Iterable[Receipt], output_format: str, language: str = "en"
) -> Iterator[str]:
    """Yield the pieces of ``json`` (an array), ``jsonl`` or ``human`` output."""
    if output_format == "json":
        yield from json_array(receipts)
    elif output_format == "jsonl":
        yield from json_lines(receipts)
    else:
        for receipt in receipts:
            yield "\n".join(_lines(receipt, _WORDS.get(language, _WORDS["en"]))) + "\n"


def _lines(receipt: Receipt, word: dict[str, str]) -> Iterator[str]:
    verb = word["done"] if receipt.output else word["plan"]
    arrow = f" -> {printable(receipt.output)}" if receipt.output not in {"", receipt.path} else ""
    yield f"{printable(receipt.path)}{arrow}: {verb}"
    for name, facts in receipt.layers.items():
        told = word["kept"] if facts.get("already") else _told(name, facts, receipt)
        yield f"  {name:<10} {told}"
    for skipped in receipt.skipped:
        yield f"  {skipped.layer.value:<10} - ({skipped.why})"
    for warning in receipt.warnings:
        yield f"  {word['warning']}: {printable(warning, 300)}"


def _told(name: str, facts: dict[str, Any], receipt: Receipt) -> str:
    beside = [f"{len(facts[what])} {what}" for what in ("tracks", "subtitles") if facts.get(what)]
    if beside:
        rest = {key: value for key, value in facts.items() if key not in {"tracks", "subtitles"}}
        return ", ".join([_told(name, rest, receipt), *beside] if rest else beside)
    if name == "visible" and "positions" in facts:
        places = ", ".join(f"{at:g} s" for at in facts["positions"])
        return f"{facts['kind']}, at {places}, {facts['label_lufs']:g} LUFS"
    if name == "visible" and "places" in facts:
        return f"{facts['text']}, {', '.join(facts['places'])}"
    if name == "visible":
        return f"{facts['text']}, {facts['height_ratio']:.1%}, {facts['position']}"
    if name == "watermark":
        decibel = facts.get("psnr_db") or facts.get("snr_db")
        psnr = f", {decibel} dB" if decibel else ""
        survival = facts.get("survival")
        worth = (
            "" if survival is None else f", {survival:.0%} sure to survive half size and JPEG 50"
        )
        return f"{facts['bits']} bits, mark id {receipt.mark_id}{psnr}{worth}, {facts['key']} key"
    return _filed(name, facts, receipt)


def _filed(name: str, facts: dict[str, Any], receipt: Receipt) -> str:
    """Return what is told of the layers that lie in the file, not in its content."""
    if name == "provenance":
        upstream = ", earlier manifest kept" if facts["ingredient"] else ""
        return printable(f"C2PA, {facts['algorithm']}, {facts['signer']}{upstream}")
    label = receipt.label
    signed = f", signed ({facts['signature']['scheme']})" if "signature" in facts else ""
    told = f"Label {label['Label']}, {label['ContentProducer']}, {label['ProduceID']}{signed}"
    return printable(told)
