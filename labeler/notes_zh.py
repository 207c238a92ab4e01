"""
What receipts tell besides facts, in Chinese: notes, and why a layer was left out.

The form of the tables is that of `labeler.sentences`. A new note needs a line here;
tests/labeler/test_sentences.py names those that have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from labeler.sentences import Table

NOTES: Table = (
    (("policy {name:word} asks for the layers {layers:list} in an exported file "
     "({clause:more}); make sure that something else covers it"),
     "规则 {name} 要求导出的文件含有{layers}（{clause}）；请确保以其他方式满足"),
    (("{name:quoted} is no provider code (27 characters that begin with 00), so it is taken as a "
     "name"), "{name} 不是服务提供者编码（以 00 开头的 27 个字符），因此按名称处理"),
    (("ContentProducer is a name outside the characters of annex E j; a provider code is safer "
     "(R-26)"),
     "ContentProducer 是名称，含有附录 E j 所列之外的字符；使用服务提供者编码更稳妥（R-26）"),
    ("sound, audible and subtitles are for videos: this is none",
     "sound、audible、subtitles 只用于视频：本文件不是视频"),
    ("not asked for", "未要求"),
    (("the prompt is spoken at {pace:number} characters a minute, not about 120 to 160 "
     "(GB 45438-2025 5.3 e)"),
     "提示的语速为每分钟 {pace} 字，不在约 120 至 160 之内（GB 45438-2025 5.3 e）"),
    ("the text of the prompt was not given: its elements and pace are not checked",
     "未给出提示的文字：不检查其要素和语速"),
    ("the sound is silent: the label plays at {level:number} LUFS",
     "音频为静音：标识以 {level} LUFS 播放"),
    ("the sound is very quiet: the label plays at {level:number} LUFS",
     "音频音量很低：标识以 {level} LUFS 播放"),
    ("the label is {short:number} dB lower than the sound, so as not to clip",
     "为避免削波，标识比音频低 {short} dB"),
    ("{names:text} chunks keep their times: a label put in before them moves the sound",
     "{names} 数据块保留原有时间：加在其前的标识会使声音后移"),
    ("the header did not say how long it is; now it does", "文件头原先未写明长度；现已写明"),
    ("{profile:text} is written again as AAC-LC at twice the bit rate",
     "{profile} 以两倍码率重新写为 AAC-LC"),
    ("{bits:number} bits a sample are written again as {kept:text}, same values",
     "每个采样 {bits} 位，重新写为 {kept}，数值不变"),
    ("the last Ogg page is not marked as the end: the recording may have been cut",
     "最后一个 Ogg 页没有结束标志：录音可能被截断"),
    ("fragile: the mark reads back, but may not survive a recompression",
     "较脆弱：水印可以读回，但可能经不起重新压缩"),
    ("little of this sound could be marked ({seconds:number} s of it)",
     "该音频只有很少部分可加水印（其中 {seconds} 秒）"),
    ("the mark may not survive being played in a room, or cutting",
     "水印可能经不起在室内播放，或剪切"),
    ("a picture this small holds a weak mark, best effort",
     "这样小的图片只能容纳较弱的水印，已尽力而为"),
    ("weak: the mark may not survive a reduction with recompression",
     "较弱：水印可能经不起缩小并重新压缩"),
    ("the watermark did not read back at strength {asked:word}; {used:word} was used",
     "以强度 {asked} 未能读回水印；改用了 {used}"),
    ("the film is {seconds:number} s long: the label is on all of it, not on 2 s",
     "视频长 {seconds} 秒：标识贯穿始终，而不是 2 秒"),
    ("track {number:number} ({kind:word}) could not be kept", "轨道 {number}（{kind}）未能保留"),
    ("the media are encrypted: the metadata label is written, the content was not looked at",
     "媒体已加密：已写入元数据标识，未查看内容"),
    ("a GIF plain text extension is not carried: its place among the frames is lost",
     "未保留 GIF 纯文本扩展：它在各帧之间的位置会丢失"),
    ("the colour profile is a property of the coded picture: it is not carried",
     "颜色配置文件是原编码图片的属性：未保留"),
    ("a metadata item over the limit on XMP is not carried", "未保留超过 XMP 上限的元数据项"),
    ("the multi-picture index is not carried: its pictures are not in the new file",
     "未保留多图索引：其中的图片不在新文件中"),
    ("PNG chunk {name:text} depends on the pixels: it is not carried",
     "PNG 数据块 {name} 依赖于像素：未保留"),
    ("the number of TIFF pages changed: tags of surplus pages are not carried",
     "TIFF 页数有变：未保留多余页的标签"),
    ("the TIFF directory behind tag {tag:number} is broken: it is not carried",
     "标签 {tag} 之后的 TIFF 目录损坏：未保留"),
    ("TIFF tag {tag:number} needs BigTIFF: it is not carried",
     "TIFF 标签 {tag} 需要 BigTIFF：未保留"),
    ("the maker note is kept; offsets inside it may no longer fit",
     "保留了相机厂商注记；其中的偏移量可能不再正确"),
    ("the C2PA manifest is kept; it no longer matches the re-encoded pixels",
     "保留了 C2PA 清单；它与重新编码的像素不再相符"),
    (("the C2PA manifest is kept, but it was signed over the file without this label: its hash no "
     "longer holds"), "保留了 C2PA 清单，但它是对没有本标识的文件签名的：其散列值不再相符"),
    (("the C2PA manifest in the file was signed over the file without this label, so its hash no "
     "longer holds; signing with C2PA again keeps that manifest as an ingredient"),
     ("文件中的 C2PA 清单是对没有本标识的文件签名的，其散列值不再相符；"
     "再次用 C2PA 签名时，该清单会作为素材保留")),
    ("the EXIF thumbnail is not carried: it shows the picture before labelling",
     "未保留 EXIF 缩略图：它显示的是添加标识之前的图片"),
    ("the document is signed; a label makes its signature invalid",
     "文档已签名；添加标识会使其签名失效"),
    ("the PDF is signed; the label is appended behind what the signature covers",
     "PDF 已签名；标识附加在签名覆盖的范围之后"),
    ("ReservedCode1 holds something else already; it is kept, and the label is not signed",
     "ReservedCode1 中已有其他内容；予以保留，标识未签名"),
    ("the signature covers the label only: this format binds no content",
     "签名只覆盖标识：该格式不绑定内容"),
    ("it is kept, and verify will report it", "予以保留，verify 会报告这一情况"),
    ("the invisible mark of text is an option: name it with --layers visible,watermark,metadata",
     "文本的不可见水印为可选项：用 --layers visible,watermark,metadata 指明"),
    ("there is no text for people in the file that a visible label could stand in",
     "文件中没有供人阅读的文字可放显式标识"),
    (("no standard placement for {format:word}: the label is in the sidecar beside the file, which "
     "has to be passed on with it"), "{format} 没有标准位置：标识在旁置文件中，须随文件一并传递"),
    ("no standard placement for {format:word}: the label is {place:more}",
     "{format} 没有标准位置：标识写入处为 {place}"),
    (("the file is in GBK, which cannot hold the invisible mark: it would show as question marks; "
     "save it as UTF-8 or GB18030"),
     "文件编码为 GBK，无法容纳不可见水印：水印会显示为问号；请存为 UTF-8 或 GB18030"),
    ("hidden characters break source code and data", "隐藏字符会破坏源代码和数据"),
    ("a PDF draws glyphs; it has no text that could hold the mark",
     "PDF 绘制的是字形；没有可容纳水印的文本"),
    ("a text this long is not marked; split it into parts of at most 128 MiB",
     "这样长的文本不加水印；请拆分为不超过 128 MiB 的部分"),
    ("a text this long is labelled at its ends only and cannot be signed; sign its parts",
     "这样长的文本只在首尾添加标识，不能签名；请对各部分签名"),
    ("no place for a visible label", "没有放显式标识的位置"),
    ("no mark was asked for", "未要求添加水印"),
    ("the text carries this mark already", "文本已带有该水印"),
    (("{what:name} in memory have no file metadata; label the encoded bytes with "
     "layers=[{layer:quoted}]"),
     "内存中的{what}没有文件元数据；请以 layers=[{layer}] 为编码后的字节添加标识"),
    (("{format:word} files have no standard place for a metadata label (TC260-PG-20258A names "
     "none); label them visibly, or write a sidecar beside the file"),
     ("{format} 文件没有放元数据标识的标准位置（TC260-PG-20258A 未规定）；"
     "请添加显式标识，或写旁置文件")),
    ("<meta name={name:quoted}> of the package document (no guide names it)",
     "包文档的 <meta name={name}>（指南未规定）"),
    ("<meta name={name:quoted}> in the head (no guide names it; common practice)",
     "head 中的 <meta name={name}>（指南未规定；通行做法）"),
    ("the member {name:quoted} of every record (no guide names it)",
     "每条记录的成员 {name}（指南未规定）"),
    ("a comment line at the start (no guide names it)", "开头的一行注释（指南未规定）"),
    ("a NOTE block after the header (no guide names it)", "文件头之后的 NOTE 块（指南未规定）"),
    ("none: TC260-PG-20258A names no place in plain text",
     "无：TC260-PG-20258A 未规定纯文本中的位置"),
    ("none: a line added to a table is a row of data", "无：在表格中加一行就是一行数据"),
    ("none: a comment would be shown as a subtitle", "无：注释会作为字幕显示"),
    (("no label and no trace was found; that does not mean that a human made it; there is nothing "
     "to write"), "未发现标识，也未发现生成合成痕迹；这不代表内容由人创作；没有可写入的内容"),
    ("there is nothing to write", "没有可写入的内容"),
)  # fmt: skip

LAWS: Table = (
    ("Measures art. 4, 5; GB 45438-2025 5.2, 6.1, 6.2",
     "《标识办法》第四条、第五条；GB 45438-2025 5.2、6.1、6.2"),
    ("AI Act art. 50(2); Code of Practice 1.1.1, 1.1.2",
     "欧盟《人工智能法》第 50 条第 2 款；行为准则 1.1.1、1.1.2"),
    ("Bus. & Prof. Code 22757.3", "加州《商业与职业法典》22757.3"),
    ("AI Basic Act art. 31; guideline of 2026-01-21",
     "韩国《人工智能基本法》第 31 条；2026-01-21 指南"),
    ("IT Rules, rule 3(3)", "印度《信息技术规则》第 3(3) 条"),
)  # fmt: skip
"""The rules that a policy names."""

NAMES: Table = (
    ("visible", "显式标识"),
    ("watermark", "数字水印"),
    ("metadata", "元数据"),
    ("pixels", "像素"),
    ("samples", "采样"),
)
