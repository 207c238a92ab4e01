"""
The material that app stores ask for (Measures art. 7, R-58): a draft in Markdown.

Stores check whether an app offers AI generation and look at its labelling material. The draft says
what this toolkit does and reads sample files back; what only the service knows is left to fill in.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import labeler
from labeler.annex_e import FIELDS, provider_code_fault
from labeler.errors import InvalidLabel, LabelError, UnknownPolicy
from labeler.policy import policy_named
from labeler.policy.wording import METHODS
from labeler.terminal import printable


if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator


def app_store_report(
    *,
    app: str = "",
    producer: str = "",
    language: str = "zh",
    policy: str = "cn",
    samples: Iterable[str | os.PathLike[str]] = (),
) -> str:
    """
    Return the draft.

    Parameters
    ----------
    app, producer
        Name of the app and code of the provider; empty ones are left to fill in.
    language
        ``zh``, or English for any other.
    policy
        Only ``cn`` knows app stores.
    samples
        Labelled files; what their metadata say is read from them and printed.

    Raises
    ------
    UnknownPolicy
        The policy has no such duty.
    InvalidLabel
        The provider code is none.
    LabelError
        A sample cannot be read or carries no label.
    """
    if policy != "cn":
        raise UnknownPolicy("app stores ask for this under Measures art. 7: use --policy cn")
    if producer and (fault := provider_code_fault(producer)):
        raise InvalidLabel(f"{producer} is no valid provider code: {fault}")
    zh = language == "zh"
    facts = (_cell(app), _cell(producer))
    return "\n".join((_chinese if zh else _english)(*facts, _samples(samples, zh=zh))) + "\n"


def agreement_text(*, policy: str = "cn", language: str = "zh") -> str:
    """
    Return method and style of the labels for a user agreement (Measures art. 8), a template.

    >>> agreement_text(language="en").splitlines()[0]
    'Content that this service generates or edits with AI carries these labels:'
    """
    return policy_named(policy).agreement.in_language(language) + "\n"


def _fields(producer: str) -> str:
    own = producer or "00119..."
    values = ("1", own, "...", "", own, "...", "")
    return json.dumps(dict(zip(FIELDS, values, strict=True)), separators=(",", ":"))


def _chinese(app: str, producer: str, samples: list[str]) -> Iterator[str]:
    yield "# 人工智能生成合成内容标识材料\n"
    yield (
        "供应用商店依据《人工智能生成合成内容标识办法》第七条核验。本文为草稿，"
        "标有“待填写”的部分由服务提供者补充。\n"
    )
    yield "## 一、基本信息\n\n| 项目 | 内容 |\n|---|---|"
    yield f"| 应用名称 | {app or '待填写'} |\n| 服务提供者编码 | {producer or '待填写'} |"
    yield "| 是否提供人工智能生成合成服务 | 是 |\n| 生成式人工智能服务备案号 | 待填写 |"
    yield "| 算法备案号 | 待填写 |"
    yield f"| 标识工具 | aigc-label {labeler.__version__} |\n"
    yield "## 二、显式标识\n\n| 内容 | 方法与样式 | 条款 |\n|---|---|---|"
    yield from (f"| {m.name_zh} | {m.zh} | {m.clause} |" for m in METHODS)
    yield "\n截图：待填写（交互界面、生成结果、导出文件各一）。\n"
    yield "## 三、隐式标识\n"
    yield (
        "文件元数据中写入一个名称含“AIGC”的扩展字段，七个字符串键，每个文件仅保留一份"
        "（GB 45438-2025 6.1、附录E）：\n"
    )
    yield f"```json\n{_fields(producer)}\n```\n\n| 内容 | 写入位置 |\n|---|---|"
    yield from (f"| {m.name_zh} | {m.places} |" for m in METHODS)
    yield "\n数字水印（GB 45438-2025 6.2，办法第五条鼓励）：启用时嵌入与内容编号相对应的水印。\n"
    yield "## 四、样例文件读取结果\n"
    yield from samples or [
        "待填写：以 `aigc-label policy report --app-store 文件…` 读取已标识的样例文件。"
    ]
    yield "\n## 五、用户协议中的标识说明（办法第八条）\n"
    yield agreement_text(language="zh")
    yield "## 六、待补充\n"
    yield "- 备案证明；加盖公章的承诺函\n- 元数据读取截图（可用 `aigc-label inspect 文件`）"
    yield "- 用户声明与举报入口的截图\n"
    yield "本文说明所实现的标识方法，不是法律意见，也不是合规证明。"


def _english(app: str, producer: str, samples: list[str]) -> Iterator[str]:
    yield "# Labelling of AI-generated content: material for app stores\n"
    yield "For the check under article 7 of the Measures. A draft: the service fills in the rest.\n"
    yield "## 1. The service\n\n| what | value |\n|---|---|"
    yield f"| app | {app or 'to fill in'} |\n| provider code | {producer or 'to fill in'} |"
    yield "| offers AI generation | yes |\n| filing number of the AI service | to fill in |"
    yield "| filing number of the algorithm | to fill in |"
    yield f"| labelling tool | aigc-label {labeler.__version__} |\n"
    yield "## 2. Visible and audible labels\n"
    yield "| content | method and style | clause |\n|---|---|---|"
    yield from (f"| {m.name_en} | {m.en} | {m.clause} |" for m in METHODS)
    yield "\nScreenshots: to fill in (interface, result, exported file).\n"
    yield "## 3. Labels in the file metadata\n"
    yield (
        "One extension field whose name contains AIGC, seven keys, all strings, one copy a file "
        "(GB 45438-2025 6.1, annex E):\n"
    )
    yield f"```json\n{_fields(producer)}\n```\n\n| content | place |\n|---|---|"
    yield from (f"| {m.name_en} | {m.places} |" for m in METHODS)
    yield (
        "\nWatermark (GB 45438-2025 6.2; encouraged by art. 5): where switched on, an invisible "
        "mark that corresponds to the content number.\n"
    )
    yield "## 4. Samples read back\n"
    yield from samples or ["To fill in: `aigc-label policy report --app-store FILE...` reads them."]
    yield "\n## 5. Text for the user agreement (art. 8)\n"
    yield agreement_text(language="en")
    yield "## 6. Still needed\n"
    yield "- proof of filing; the sealed letter of commitment"
    yield "- a screenshot of the metadata (`aigc-label inspect FILE`)"
    yield "- screenshots of the declaration and complaint functions\n"
    yield "This describes what is implemented; it is no legal advice and no certificate."


def _samples(samples: Iterable[str | os.PathLike[str]], *, zh: bool) -> list[str]:
    head = "| 文件 | SHA-256 | 读取的标识 |" if zh else "| file | SHA-256 | label read |"
    lines = [_sample(Path(sample)) for sample in samples]
    return [head, "|---|---|---|", *lines] if lines else []


def _sample(path: Path) -> str:
    from labeler.video.files import digest_of

    try:
        found = _labels_in(path)
    except LabelError as error:
        raise type(error)(f"{path}: {error}") from error
    if not found:
        raise InvalidLabel(
            f"{path}: carries no metadata label; name a file that apply has labelled"
        )
    told = " ".join(f"`{_cell(text)}`" for text in found)
    return f"| {_cell(path.name)} | `{digest_of(path)}` | {told} |"


def _labels_in(path: Path) -> list[str]:
    """Return the metadata labels of a file of any kind, as they stand."""
    from labeler.containers.registry import carriers_of
    from labeler.containers.videos import video_container_of
    from labeler.limits import LIMITS
    from labeler.save import read_file
    from labeler.video.files import is_video

    if is_video(path):
        with path.open("rb") as file:
            return [c.text for c in video_container_of(file).find(file) if not c.fault]
    data = read_file(path, limit=LIMITS.file_bytes)
    return [c.text for c in carriers_of(data, path.name) if not c.fault]


def _cell(text: str) -> str:
    """Return foreign text as one cell of a table: no line, no bar, no code fence of its own."""
    return printable(text, 2_000).replace("|", "\\|").replace("`", "'")
