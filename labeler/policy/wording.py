"""
How each kind of content is labelled under ``cn``, in words: for agreements and app stores (R-58).

The sentences describe what this toolkit does by default; whoever labels otherwise adapts them.
"""

from __future__ import annotations

from dataclasses import dataclass

from labeler.policy.records import Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """How one kind of content is labelled so that people notice, and where the metadata goes."""

    clause: str
    name_zh: str
    name_en: str
    zh: str
    en: str
    places: str


METHODS = (
    Method(
        clause="GB 45438-2025 5.1",
        name_zh="文本",
        name_en="Text",
        zh="在文本的起始位置（默认）、中间适当位置或末尾添加同时包含人工智能要素和生成合成要素的文字提示，"
        "字型清晰可辨。",
        en="a sentence that names AI and generation at the start (default), a suitable middle "
        "position or the end, legible",
        places="DOCX/XLSX/PPTX docProps/custom.xml; PDF Info /AIGC; Markdown front matter",
    ),
    Method(
        clause="GB 45438-2025 5.2",
        name_zh="图片",
        name_en="Pictures",
        zh="在图片的边或角（默认右下角）添加“AI生成”或其他同时包含两个要素的文字提示，字型清晰可辨，"
        "每个字的高度不低于画面最短边长度的5%。",
        en="the text AI生成, or another that names AI and generation, on an edge or in a corner "
        "(bottom right by default), legible, every glyph at least 5 % of the shortest side high",
        places="JPEG, PNG, WebP, TIFF, GIF, HEIF/AVIF: XMP, TC260:AIGC",
    ),
    Method(
        clause="GB 45438-2025 5.3",
        name_zh="音频",
        name_en="Sound",
        zh="在音频的起始（默认）、中间适当位置或末尾添加“短长 短短”节奏标识，或以每分钟120至160字的"
        "正常语速播报同时包含两个要素的语音标识，清晰可辨。",
        en="the rhythm short-long short-short, or a spoken sentence that names AI and generation "
        "at 120 to 160 characters a minute, at the start (default), middle or end, clearly audible",
        places="WAV AIGC chunk; MP3 TXXX:AIGC; FLAC/OGG/Opus comment AIGC; M4A keys/ilst",
    ),
    Method(
        clause="GB 45438-2025 5.4",
        name_zh="视频",
        name_en="Video",
        zh="自起始画面起，以正常播放速度持续不少于2秒显示同时包含两个要素的文字提示，每个字的高度不低于"
        "画面最短边长度的5%；可在中间或末尾另加。",
        en="a text that names AI and generation from the first picture on, for at least 2 seconds "
        "at normal speed, every glyph at least 5 % of the shortest side high; more in the middle "
        "or at the end on demand",
        places="MP4/MOV keys/ilst; MKV/WebM SimpleTag; AVI INFO; FLV onMetaData",
    ),
)
"""The kinds of content in the order of the standard's clauses."""


def chinese_agreement() -> Agreement:
    """Return the agreement text of ``cn``: method and style of every label (Measures art. 8)."""
    zh = "\n".join(f"   {m.name_zh}：{m.zh}" for m in METHODS)
    en = "\n".join(f"   {m.name_en}: {m.en}." for m in METHODS)
    return Agreement(
        zh=(
            "本服务对人工智能生成合成的内容添加以下标识：\n"
            f"1. 显式标识，下载、复制、导出的文件中同样包含：\n{zh}\n"
            "2. 隐式标识：在文件元数据中写入名称含“AIGC”的扩展字段，包括生成合成标签、服务提供者"
            "名称或编码、内容编号、传播服务提供者名称或编码、传播内容编号，且每个文件仅保留一份。\n"
            "3. 启用数字水印时，在内容中嵌入不可见水印，水印与内容编号相对应；本服务记录内容编号、"
            "标识方式及文件摘要，用于元数据丢失后的核验。\n"
            "4. 用户依法申请不含显式标识的内容时，须先在用户协议中明确其标识义务和使用责任；"
            "隐式标识仍予保留，提供对象等相关日志留存不少于六个月。\n"
            "5. 任何组织和个人不得恶意删除、篡改、伪造、隐匿上述标识，不得为此提供工具或者服务；"
            "用户发布此类内容时应当主动声明并使用平台提供的标识功能。"
        ),
        en=(
            "Content that this service generates or edits with AI carries these labels:\n"
            f"1. Visible or audible, also in files that are downloaded, copied or exported:\n{en}\n"
            "2. In the file metadata: one extension field whose name contains AIGC, holding the "
            "label, the provider's name or code, the content number, and the same pair for the "
            "platform that passes it on; one copy a file.\n"
            "3. Where the watermark is switched on: an invisible mark in the content that "
            "corresponds to the content number. The service records number, style and file hash, "
            "to verify content whose metadata was lost.\n"
            "4. A version without the visible label is provided at a user's request only after "
            "this agreement fixed the user's own duty to label; the metadata label stays, and a "
            "record of whom it was provided to is kept for at least six months.\n"
            "5. Nobody may maliciously delete, alter, forge or conceal these labels, nor offer "
            "tools or services for it. Users who publish such content declare it and use the "
            "platform's labelling function."
        ),
    )
