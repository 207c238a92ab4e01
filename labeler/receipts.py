"""Receipts on their way out: JSON, JSON lines, and lines for people in Chinese or English."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from labeler.machine import json_array, json_lines
from labeler.sentences import Phrasebook, open_phrasebook
from labeler.terminal import pad, printable


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from labeler.model import Receipt

_WORDS = {
    "en": {
        "done": "labelled",
        "plan": "would be labelled",
        "nothing": "nothing written into it",
        "kept": "there already",
        "warning": "note",
        "lasts": "{:.0%} chance to survive half size and JPEG 50",
        "bits": "{} bits",
        "mark id": "mark id {}",
        "key": "{} key",
        "passed on": "passed on by {}",
        "nobody": "producer unknown",
        "at": "at {}",
        "signed": "signed ({})",
        "upstream": ", earlier manifest kept",
        "tracks": "{} tracks",
        "subtitles": "{} subtitles",
        "visible": "visible",
        "watermark": "watermark",
        "metadata": "metadata",
        "provenance": "provenance",
    },
    "zh": {
        "done": "已标识",
        "plan": "将标识",
        "nothing": "未写入任何内容",
        "kept": "已存在",
        "warning": "提示",
        "lasts": "缩小一半并以 JPEG 50 压缩后仍可读出的概率 {:.0%}",
        "bits": "{} 位",
        "mark id": "水印编号 {}",
        "key": "密钥 {}",
        "passed on": "传播服务提供者 {}",
        "nobody": "生成服务提供者不明",
        "at": "位于 {}",
        "signed": "已签名（{}）",
        "upstream": ", 保留了原有清单",
        "tracks": "{} 条音轨",
        "subtitles": "{} 个字幕",
        "visible": "显式标识",
        "watermark": "数字水印",
        "metadata": "元数据",
        "provenance": "来源信息",
    },
}


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
            say = in_chinese if language == "zh" else str
            yield "\n".join(_lines(receipt, _WORDS.get(language, _WORDS["en"]), say)) + "\n"


def in_chinese(note: str) -> str:
    """
    Return a note of a receipt in Chinese, as far as its phrases are known.

    >>> in_chinese("not asked for")
    '未要求'
    """
    return _book().translate(note)


@lru_cache(maxsize=1)
def _book() -> Phrasebook:
    from labeler.notes_zh import LAWS, NAMES, NOTES

    return open_phrasebook((*NOTES, *LAWS), NAMES)


def _lines(receipt: Receipt, word: dict[str, str], say: Callable[[str], str]) -> Iterator[str]:
    verb = word["done"] if receipt.output else word["plan"]
    if not receipt.layers:
        verb = word["nothing"]
    arrow = f" -> {printable(receipt.output)}" if receipt.output not in {"", receipt.path} else ""
    yield f"{printable(receipt.path)}{arrow}: {verb}"
    for name, facts in receipt.layers.items():
        told = word["kept"] if facts.get("already") else _told(name, facts, receipt, word)
        yield f"  {pad(word[name], 10)} {told}"
    for skipped in receipt.skipped:
        yield f"  {pad(word[skipped.layer.value], 10)} - ({say(skipped.why)})"
    for warning in receipt.warnings:
        yield f"  {word['warning']}: {printable(say(warning), 300)}"


def _told(name: str, facts: dict[str, Any], receipt: Receipt, word: dict[str, str]) -> str:
    beside = [
        word[what].format(len(facts[what])) for what in ("tracks", "subtitles") if facts.get(what)
    ]
    if beside:
        rest = {key: value for key, value in facts.items() if key not in {"tracks", "subtitles"}}
        return ", ".join([_told(name, rest, receipt, word), *beside] if rest else beside)
    if name == "visible" and "positions" in facts:
        places = word["at"].format(", ".join(f"{at:g} s" for at in facts["positions"]))
        return f"{facts['kind']}, {places}, {facts['label_lufs']:g} LUFS"
    if name == "visible" and "places" in facts:
        return f"{facts['text']}, {', '.join(facts['places'])}"
    if name == "visible":
        return f"{facts['text']}, {facts['height_ratio']:.1%}, {facts['position']}"
    if name == "watermark":
        return _marked(facts, receipt, word)
    return _filed(name, facts, receipt, word)


def _marked(facts: dict[str, Any], receipt: Receipt, word: dict[str, str]) -> str:
    """Return what is told of a mark."""
    told = [word["bits"].format(facts["bits"]), word["mark id"].format(receipt.mark_id)]
    if decibel := facts.get("psnr_db") or facts.get("snr_db"):
        told.append(f"{decibel} dB")
    if (survival := facts.get("survival")) is not None:
        told.append(word["lasts"].format(survival))
    return ", ".join([*told, word["key"].format(facts["key"])])


def _filed(name: str, facts: dict[str, Any], receipt: Receipt, word: dict[str, str]) -> str:
    """Return what is told of the layers that lie in the file, not in its content."""
    if name == "provenance":
        upstream = word["upstream"] if facts["ingredient"] else ""
        return printable(f"C2PA, {facts['algorithm']}, {facts['signer']}{upstream}")
    label = receipt.label
    made = (label["ContentProducer"], label["ProduceID"])
    passed = (label["ContentPropagator"], label["PropagateID"])
    told = [f"Label {label['Label']}", ", ".join(part for part in made if part) or word["nobody"]]
    if passed not in {made, ("", "")}:
        told.append(word["passed on"].format(", ".join(passed)))
    if "signature" in facts:
        told.append(word["signed"].format(facts["signature"]["scheme"]))
    return printable(", ".join(told), 240)
