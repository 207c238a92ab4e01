"""Errors about metadata in files, in Chinese: XMP, ID3, comments, lists of tags, their limits."""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from labeler.sentences import Table

DAMAGE: Table = (
    ("get an intact copy", "请换用完整的副本"),
    ("get an intact copy of the file", "请换用文件的完整副本"),
    ("get an intact copy ({reason:said})", "请换用完整的副本（{reason}）"),
    ("the file is truncated", "文件被截断"),
    ("{what:known} is truncated", "{what}被截断"),
    ("{what:known} has {size:number} bytes", "{what}有 {size} 字节"),
    ("{what:text} is cut off", "{what} 被截断"),
    ("the file has more than {most:number} chunks", "文件的数据块超过 {most} 个"),
    ("this is {what:list}", "这是 {what}"),
)  # fmt: skip
"""What is said of damaged files of every kind."""

OVERSIZED: Table = (
    ("metadata oversized: more than {count:number} copies", "元数据过大：超过 {count} 份"),
    ("metadata oversized: more than {size:number} bytes of XMP",
     "元数据过大：XMP 超过 {size} 字节"),
    ("metadata oversized: more than {size:number} bytes in one {part:name}",
     "元数据过大：单个{part}超过 {size} 字节"),
    ("metadata oversized: more than {size:number} bytes behind the {part:list}",
     "元数据过大：{part}之后超过 {size} 字节"),
    ("metadata oversized: the {part:name} have more than {size:number} bytes",
     "元数据过大：{part}超过 {size} 字节"),
    ("metadata oversized: the {part:name} has more than {size:number} bytes",
     "元数据过大：{part}超过 {size} 字节"),
    ("metadata oversized: an extended XMP packet is too long or torn",
     "元数据过大：扩展 XMP 数据包过长或残缺"),
    ("metadata oversized: the comments of the Ogg file are too long",
     "元数据过大：Ogg 文件的注释过长"),
    ("metadata oversized: the compressed texts of the file are too long",
     "元数据过大：文件中压缩的文字过长"),
    ("metadata oversized: a compressed text has more than {size:number} bytes",
     "元数据过大：一段压缩的文字超过 {size} 字节"),
)  # fmt: skip
"""Metadata over a limit."""

TAGS: Table = (
    ("the item is coded as {coding:quoted}, which is not read",
     "该项的编码为 {coding}，本工具不读取"),
    ("the attributes are truncated", "属性被截断"),
    ("an attribute of the ASF file reaches beyond its object", "ASF 文件有属性超出其对象"),
    ("the ASF header has more than {most:number} objects", "ASF 文件头的对象超过 {most} 个"),
    ("the header extension of the ASF file is malformed", "ASF 文件的扩展头格式错误"),
    ("the attributes of the ASF file are truncated", "ASF 文件的属性被截断"),
    ("an ID3 tag holds at most 256 MiB", "ID3 标签最多 256 MiB"),
    ("a frame of an ID3v2.2 tag holds at most 16 MiB", "ID3v2.2 标签的一个帧最多 16 MiB"),
    ("an ID3v2.2 tag has no place for XMP", "ID3v2.2 标签没有放 XMP 的位置"),
    ("save the tag as ID3v2.4 first", "请先把标签存为 ID3v2.4"),
    ("save the file with ID3v2.3 or 2.4 first", "请先以 ID3v2.3 或 2.4 保存文件"),
    ("the frame is encrypted and is not read", "该帧已加密，本工具不读取"),
    ("the ID3 tag has more than {most:number} frames", "ID3 标签的帧超过 {most} 个"),
    ("the extended header of the ID3 tag is broken", "ID3 标签的扩展头已损坏"),
    ("ID3v2.{version:number} is not known", "未知的 ID3v2.{version}"),
    ("the ID3 tag is compressed", "ID3 标签被压缩"),
    ("the file is truncated: its ID3 tag reaches beyond the end",
     "文件被截断：ID3 标签超出文件末尾"),
    ("the tag list has more than {most:number} keys", "标签列表的键超过 {most} 个"),
    ("the keys of the tag list are truncated", "标签列表的键被截断"),
    ("a compressed text is broken: {error:text}", "一段压缩的文字已损坏：{error}"),
    ("the Vorbis comments are truncated", "Vorbis 注释被截断"),
    ("the Vorbis comments are truncated: a length reaches beyond the end",
     "Vorbis 注释被截断：有长度超出末尾"),
    ("the file has more than {most:number} comments", "文件的注释超过 {most} 条"),
)  # fmt: skip
"""ID3, ASF, Vorbis comments, lists of tags."""

XMP: Table = (
    ("the XMP block holds no XMP", "XMP 块中没有 XMP"),
    ("it is not replaced", "不予替换"),
    ("the XMP packet is no well-formed XML: {error:text}", "XMP 数据包不是格式正确的 XML：{error}"),
    ("the XMP packet declares a DTD or an entity", "XMP 数据包声明了 DTD 或实体"),
    ("it is not parsed", "不予解析"),
    ("the XMP packet has too many elements or levels", "XMP 数据包的元素或层数过多"),
    ("the XMP packet has a tag that does not end", "XMP 数据包中有未结束的标签"),
    ("the XMP attribute {name:quoted} cannot be located", "找不到 XMP 属性 {name} 的位置"),
    ("the XMP packet has more than {most:number} bytes", "XMP 数据包超过 {most} 字节"),
)  # fmt: skip
"""XMP packets."""
