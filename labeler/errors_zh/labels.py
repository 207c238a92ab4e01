"""Errors about labels, in Chinese: fields, texts, labels that are there already, layers."""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from labeler.sentences import Table

FIELDS: Table = (
    ("{name:word} must be a string, not {kind:word}", "{name} 须为字符串，不能是 {kind}"),
    ("{name:word} has {count:number} characters", "{name} 有 {count} 个字符"),
    ("at most {most:number} are written", "最多写入 {most} 个"),
    ("{name:word} is empty", "{name} 为空"),
    ("GB 45438-2025 annex E asks for it", "GB 45438-2025 附录 E 要求填写"),
    ("a platform writes its own (Measures art. 6)", "平台须写入自己的信息（《标识办法》第六条）"),
    ("Label is {one:quoted}, {two:quoted} or {three:quoted}, not {value:quoted} (annex E c)",
     "Label 只能是 {one}、{two} 或 {three}，不能是 {value}（附录 E c）"),
    ("{name:word} {code:word} is no valid provider code: {fault:more}",
     "{name} {code} 不是有效的服务提供者编码：{fault}"),
    ("{code:text} is no valid provider code: {fault:more}",
     "{code} 不是有效的服务提供者编码：{fault}"),
    ("it has characters other than 0-9 and A-Z", "含有 0-9 和 A-Z 以外的字符"),
    ("its credit code {code:word} has a letter that GB 32100 does not use",
     "其中的统一社会信用代码 {code} 含有 GB 32100 不使用的字母"),
    ("the check digit of its credit code is {found:word}, it should be {right:word}",
     "其中的统一社会信用代码的校验码为 {found}，应为 {right}"),
    ("{name:word} has characters annex E j of GB 45438-2025 does not list: {outside:quoted}",
     "{name} 含有 GB 45438-2025 附录 E j 未列出的字符：{outside}"),
    ("--allow-name lets a company name through with a warning",
     "加 --allow-name 可使用公司名称，并给出提示"),
    ("{name:word} is no field of annex E", "{name} 不是附录 E 的字段"),
    ("a field holds a character that XML, and so XMP, cannot carry",
     "字段含有 XML（因而 XMP）无法容纳的字符"),
    ("the label would say {what:quoted} without a producer",
     "标识会写成 {what} 而没有生成合成服务提供者"),
    ("pass producer_unknown", "请给出 producer_unknown"),
    ("the {name:list} is empty", "{name}为空"),
    ("art. 9 of the Measures asks for a record of it", "《标识办法》第九条要求记录"),
    ("the {name:list} has {count:number} characters", "{name}有 {count} 个字符"),
    ("at most {most:number}", "最多 {most} 个"),
    ("the {name:list} has control characters", "{name}含有控制字符"),
    ("the {name:list} has control characters or is blank", "{name}含有控制字符或为空白"),
    ("use one line of text", "请用一行文字"),
    ("sha256 must be the 64 hexadecimal digits of the file given out",
     "sha256 须为所提供文件的 64 位十六进制数字"),
    ("line {line:number} is no art. 9 record", "第 {line} 行不是第九条记录"),
    ("restore the log from a copy", "请用副本恢复日志"),
    ("the art. 9 record cannot be written ({reason:said})", "无法写入第九条记录（{reason}）"),
    ("choose a log that can, or keep the visible label", "请换用可写的日志，或保留显式标识"),
    ("carries no metadata label", "没有元数据标识"),
    ("name a file that apply has labelled", "请指定由 apply 添加过标识的文件"),
)  # fmt: skip
"""The fields of a label, provider codes, the record of Measures art. 9."""

TEXTS: Table = (
    ("the label text is empty: give it words, such as AI生成",
     "标识文字为空：请给出文字，例如 AI生成"),
    ("the label text has {count:number} characters: use at most {most:number}",
     "标识文字有 {count} 个字符：最多 {most} 个"),
    ("the label text has control characters or line breaks: use one line",
     "标识文字含有控制字符或换行：请用一行"),
    (("the label text {text:quoted} must name both elements (GB 45438-2025 5.2 b): 人工智能 or AI, "
      "and 生成 or 合成"),
     ("标识文字 {text} 须同时含有两个要素（GB 45438-2025 5.2 b）："
      "人工智能 或 AI，以及 生成 或 合成")),
    ("the label text {text:quoted} has no letters: give it words",
     "标识文字 {text} 没有字：请给出文字"),
    ("the label font has no glyph for {missing:quoted}: use other words or give a font",
     "标识字体中没有 {missing} 的字形：请换用其他文字，或指定字体"),
    ("the label typeface has no glyph for {missing:quoted}", "标识字体中没有 {missing} 的字形"),
    ("use the words of labeler/texts.py, or Latin letters",
     "请用 labeler/texts.py 中的用语，或拉丁字母"),
    ("{font:path} cannot be read as a font: give a TTF or OTF file",
     "{font} 无法作为字体读取：请给出 TTF 或 OTF 文件"),
)  # fmt: skip
"""The text of a visible label, and its typeface."""

LABELLED: Table = (
    ("it carries {count:number} labels that differ", "文件含有 {count} 个互不相同的标识"),
    ("find out which one is right first", "请先查明哪一个正确"),
    ("it carries a label without producer or content number, which is kept as it is",
     "文件的标识没有生成合成服务提供者或内容编号，予以原样保留"),
    ("a platform passes it on with propagate", "平台请用 propagate 传播"),
    ("it is already labelled by producer {producer:text} (ProduceID {id:text})",
     "已由生成合成服务提供者 {producer} 添加标识（ProduceID {id}）"),
    ("labels of others are never changed, a platform adds its fields with propagate",
     "不改动他人的标识，平台请用 propagate 添加自己的字段"),
    ("it is already labelled with ProduceID {id:text}", "已添加标识，ProduceID 为 {id}"),
    ("keep that number, or label the unlabelled original",
     "请保留该编号，或对未加标识的原件添加标识"),
    ("it is already labelled with Label {value:quoted}", "已添加标识，Label 为 {value}"),
    ("that is never changed here", "本工具不作改动"),
    ("it carries a label that cannot be kept as it is: {error:more}",
     "文件的标识无法原样保留：{error}"),
    ("it carries another mark already (mark id {id:word})", "文件已有其他水印（水印编号 {id}）"),
    (("a second one would destroy it: label the unmarked original, or verify it to see whose it "
      "is"), "再加一个会将其破坏：请对未加水印的原件添加标识，或先核验其来源"),
    (("the metadata label read back differs from what was written ({count:number} copies); the "
      "file was not kept"), "读回的元数据标识与写入的不一致（{count} 份）；未保留该文件"),
    ("the metadata label read back differs from what was written",
     "读回的元数据标识与写入的不一致"),
    (("another copy of a label stands in {place:text}, among words of others, and cannot be "
      "replaced there"), "{place} 中另有一份标识，与他人的文字混在一起，无法在该处替换"),
    ("only one copy may be in a file (GB 45438-2025 6.1 c)",
     "一个文件只能有一份标识（GB 45438-2025 6.1 c）"),
    ("the metadata label was written and reads back {count:number} times",
     "已写入元数据标识，却读回 {count} 份"),
    ("the file holds more than {count:number} copies of a label", "文件中的标识超过 {count} 份"),
    ("two labels stand inside each other", "两份标识互相嵌套"),
    ("find out which is right first", "请先查明哪一份正确"),
    (("a copy of a label stands in {place:text}, which belongs to another program; take it out "
      "there first (GB 45438-2025 6.1 c)"),
     "{place} 属于其他程序，其中有一份标识；请先在该程序中移走（GB 45438-2025 6.1 c）"),
    ("the coded content changed while the label was written", "写入标识时编码内容有变"),
    ("nothing was kept", "未保留任何结果"),
    ("the copies of the label contradict each other", "各份标识互相矛盾"),
    ("decide which one holds and keep only that one (GB 45438-2025 6.1 c)",
     "请确定哪一份有效，只保留该份（GB 45438-2025 6.1 c）"),
    ("the item could not be read, so nothing is written to it", "内容无法读取，因此不写入"),
    ("it carries a label at its end, which is kept as it is", "文件末尾已有标识，予以原样保留"),
    ("in a text this long a label is written at the start only", "这样长的文本只在开头写入标识"),
    (("the sidecar beside it is by producer {producer:text} and of another version of the file"),
     "旁置文件由生成合成服务提供者 {producer} 写出，对应文件的另一版本"),
    ("find out whose text it is, then move the sidecar away", "请查明文本归属，再移走旁置文件"),
    ("the sidecar has {size:number} bytes", "旁置文件有 {size} 字节"),
    ("the sidecar is no JSON: {kind:word}", "旁置文件不是 JSON：{kind}"),
    ("the sidecar lacks {wrapper:word} or sha256", "旁置文件缺少 {wrapper} 或 sha256"),
)  # fmt: skip
"""Labels that are there already, and labels that do not read back."""

LAYERS: Table = (
    ("layer {layer:name}: {why:more}", "{layer}：{why}"),
    ("rely on the visible label and the metadata", "请依靠显式标识和元数据"),
    ("rely on the audible label and the metadata", "请依靠可听标识和元数据"),
    ("use --strength robust, a better quality, or --layers visible,metadata",
     "请用 --strength robust、提高质量，或用 --layers visible,metadata"),
    ("use --strength robust, a better quality (--crf), or --layers visible,metadata",
     "请用 --strength robust、提高质量（--crf），或用 --layers visible,metadata"),
    ("or use --layers metadata", "或用 --layers metadata"),
    ("{what:name} in memory have no file metadata", "内存中的{what}没有文件元数据"),
    ("leave that layer out here and label the encoded bytes with layers=[{layer:quoted}]",
     "请在此处略去该层，再以 layers=[{layer}] 为编码后的字节添加标识"),
    ("{what:name} in memory have no file that could be signed", "内存中的{what}没有可签名的文件"),
    ("no key to read with", "没有用于读取的密钥"),
    ("pass at least labeler.keys.DEFAULT_KEY", "请至少给出 labeler.keys.DEFAULT_KEY"),
    ("reading a mark needs at least one key", "读取水印至少需要一个密钥"),
    ("there is no reader for the metadata of {format:word} files",
     "无法读取 {format} 文件的元数据"),
)  # fmt: skip
"""Layers that cannot be written or read, and what to do without."""
