"""The words of the HTML report, Chinese and English; the page can switch between them."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Mapping

_WORDS: tuple[tuple[str, str, str], ...] = (
    ("title", "Labels of AI-generated content: report", "人工智能生成合成内容标识核验报告"),
    ("all", "files", "文件"),
    ("confirmed", "confirmed", "属于"),
    ("possible", "possible", "可能"),
    ("suspected", "suspected", "疑似"),
    ("none", "none found", "未核验到"),
    ("undetermined", "undetermined", "无法判定"),
    ("shares", "shares of the verdicts", "判定结果占比"),
    ("theme", "light or dark", "浅色或深色"),
    ("search", "Search names and label fields", "搜索文件名与标识字段"),
    ("modality", "kind", "类型"),
    ("all kinds", "all kinds", "全部类型"),
    ("image", "picture", "图片"),
    ("audio", "sound", "音频"),
    ("video", "video", "视频"),
    ("text", "text", "文本"),
    ("unknown", "unknown", "未知"),
    ("sort", "order", "排序"),
    ("sort order", "as verified", "按核验顺序"),
    ("sort name", "by name", "按名称"),
    ("sort verdict", "by verdict", "按判定"),
    ("sort fails", "most failures first", "不符合项多的在前"),
    ("metadata", "metadata", "元数据"),
    ("watermark", "watermark", "数字水印"),
    ("visible", "visible", "显式标识"),
    ("provenance", "provenance", "来源信息"),
    ("short metadata", "M", "元"),
    ("short watermark", "W", "印"),
    ("short visible", "V", "显"),
    ("short provenance", "P", "源"),
    ("found", "found", "发现"),
    ("not found", "not found", "未发现"),
    ("conformity", "conformity", "合规检查"),
    ("evidence", "evidence", "证据"),
    ("basis", "the verdict rests on", "判定依据"),
    ("label", "label", "标识"),
    ("patch", "to write under Measures art. 6", "依《标识办法》第六条应写入"),
    ("file", "file", "文件"),
    ("path", "path", "路径"),
    ("format", "format", "格式"),
    ("integrity", "signature", "签名"),
    ("none means", "No label was found; this does not mean that a human made it.",
     "未核验到标识，不代表内容由人创作。"),
    ("bits", "bits", "位数"),
    ("mark id", "mark id", "水印编号"),
    ("key", "key", "密钥"),
    ("agrees", "agrees with the metadata", "与元数据一致"),
    ("differs", "DIFFERS from the metadata", "与元数据不一致"),
    ("height", "glyph height", "字高"),
    ("contrast", "contrast", "对比度"),
    ("seconds", "seconds", "秒"),
    ("declares", "declares AI", "声明为人工智能生成"),
    ("pass", "pass", "符合"),
    ("fail", "fail", "不符合"),
    ("warn", "warn", "提醒"),
    ("not-checked", "not checked", "未检查"),
    ("not-applicable", "not applicable", "不适用"),
    ("absent", "absent", "无"),
    ("verified-pinned", "verified with a pinned key", "以固定公钥验证通过"),
    ("verified-embedded-key", "verified with the key in the file", "以文件自带公钥验证通过"),
    ("failed", "failed", "未通过验证"),
    ("unsupported", "not checkable", "无法检查"),
    ("page", "page", "页"),
    ("first", "first page", "首页"),
    ("before", "page before", "上一页"),
    ("next", "next page", "下一页"),
    ("last", "last page", "末页"),
    ("nothing", "No file fits this choice.", "没有符合条件的文件。"),
    ("legend", "M metadata, W watermark, V visible or audible label, P marks of others, registry.",
     "元：元数据；印：数字水印；显：显式标识；源：其他来源信息与登记库。"),
    ("caution", "“None found” never means that a human made it.",
     "“未核验到”不代表内容由人创作。"),
)  # fmt: skip


def page_words() -> Mapping[str, Mapping[str, str]]:
    """Return the words by language and name; both languages have the same names."""
    return MappingProxyType(
        {
            "en": MappingProxyType({name: english for name, english, _ in _WORDS}),
            "zh": MappingProxyType({name: chinese for name, _, chinese in _WORDS}),
        }
    )
