"""
The five policies: China, European Union, California, South Korea, India (R-59).

Data only. State of knowledge: November 2026. None of it is legal advice; each source carries
the mark of how well it is known.
"""

from __future__ import annotations

from labeler.model import Layer
from labeler.policy.records import Agreement, Certainty, Policy, Source
from labeler.policy.wording import chinese_agreement


_FORMAT = frozenset({"R-24", "R-25", "R-26", "R-27", "R-28", "R-29", "R-30", "R-33", "R-62"})
_FORMAT |= {"R-35", "R-36", "R-38", "R-39"}
_EVIDENCE = frozenset({"R-43", "R-44", "R-46", "R-49", "R-52", "R-55", "R-60"})
_PICTURE = frozenset({"R-01", "R-03", "R-09", "R-10", "R-11", "R-13"})
_SOUND = frozenset({"R-14", "R-15", "R-16", "R-17", "R-18"})
_TEXT = frozenset({"R-05", "R-06", "R-07", "R-08"})
_VIDEO = frozenset({"R-19", "R-20"})
_ABROAD = _FORMAT | _EVIDENCE | {"R-59"}


def _abroad(zh_law: str, en_law: str, *, zh_more: str, en_more: str) -> Agreement:
    """Return the agreement text of a policy outside China; it names the layers written."""
    return Agreement(
        zh=(
            f"依据{zh_law}，本服务对人工智能生成的内容写入机器可读的文件元数据标识（服务提供者与唯一"
            f"内容编号）和不可见数字水印。{zh_more}任何人不得移除或隐匿上述标识。"
        ),
        en=(
            f"Under {en_law}, content that this service generates with AI carries a "
            "machine-readable label in the file metadata (provider and unique content number) "
            f"and an invisible watermark. {en_more} Nobody may remove or conceal these labels."
        ),
    )


CN = Policy(
    name="cn",
    title="China: Measures for Labeling AI-Generated Synthetic Content, GB 45438-2025",
    language="zh",
    required=(Layer.VISIBLE, Layer.METADATA),
    encouraged=(Layer.WATERMARK,),
    clause="Measures art. 4, 5; GB 45438-2025 5.2, 6.1, 6.2",
    checks=_PICTURE | _SOUND | _VIDEO | _TEXT | _FORMAT | _EVIDENCE,
    binds_gb=True,
    agreement=chinese_agreement(),
    sources=(
        Source(
            rule="Measures art. 4(3), 4 last paragraph",
            asks="a conspicuous label in the picture, also in downloaded and exported files",
            certainty=Certainty.PRIMARY,
            zh="《办法》第四条第三项、末款：图片在适当位置添加显著标识，下载、复制、导出的文件中同样包含",
        ),
        Source(
            rule="Measures art. 5",
            asks="a label in the file metadata; a digital watermark is encouraged",
            certainty=Certainty.PRIMARY,
            zh="《办法》第五条：在文件元数据中添加隐式标识；鼓励数字水印",
        ),
        Source(
            rule="Measures art. 6",
            asks="platforms verify, notify as confirmed, possible or suspected, write their fields",
            certainty=Certainty.PRIMARY,
            zh="《办法》第六条：传播平台核验，按属于、可能、疑似提示，并写入自己的字段",
        ),
        Source(
            rule="Measures art. 8, 9",
            asks="the agreement states method and style; log of versions without visible label",
            certainty=Certainty.PRIMARY,
            zh="《办法》第八、九条：用户协议说明方法与样式；不含显式标识的版本留存日志",
        ),
        Source(
            rule="GB 45438-2025 5.2",
            asks="text with both elements, on an edge or corner, height at least 5 % of the "
            "shortest side",
            certainty=Certainty.PRIMARY,
            zh="GB 45438-2025 5.2：文字同时含两个要素，位于边或角，高度不低于最短边的 5%",
        ),
        Source(
            rule="GB 45438-2025 5.2 e",
            asks="that every glyph, not only the line, reaches the height (the strict reading)",
            certainty=Certainty.UNCERTAIN,
            zh="GB 45438-2025 5.2 e：按每个字（而非整行）达到高度理解，即最严格的读法",
        ),
        Source(
            rule="GB 45438-2025 6.1 c, annex E",
            asks="seven string fields in one object, one copy a file",
            certainty=Certainty.PRIMARY,
            zh="GB 45438-2025 6.1 c、附录 E：一个对象中七个字符串字段，每个文件仅一份",
        ),
        Source(
            rule="GB 45438-2025 6.2",
            asks="a watermark may be used; no number for capacity or robustness",
            certainty=Certainty.SECONDARY,
            zh="GB 45438-2025 6.2：可以使用数字水印；未规定容量与鲁棒性",
        ),
        Source(
            rule="TC260-PG-20259A",
            asks="the place of the label in picture files (recommendation)",
            certainty=Certainty.SECONDARY,
            zh="TC260-PG-20259A：标识在图片文件中的写入位置（推荐）",
        ),
    ),
    gaps=(
        "Deep Synthesis Provisions art. 17: whether a service must label is not decided here.",
        "The notice around the published content and the declaration function are the platform's.",
    ),
    title_zh="中国：《人工智能生成合成内容标识办法》、GB 45438-2025",
    gaps_zh=(
        "《互联网信息服务深度合成管理规定》第十七条：服务是否须添加标识，本工具不作判断。",
        "发布内容周边的提示和用户声明功能由平台提供。",
    ),
)

EU = Policy(
    name="eu",
    title="European Union: AI Act art. 50, Code of Practice on marking and labelling",
    language="en",
    required=(Layer.METADATA, Layer.WATERMARK),
    encouraged=(Layer.VISIBLE,),
    clause="AI Act art. 50(2); Code of Practice 1.1.1, 1.1.2",
    checks=_ABROAD,
    binds_gb=False,
    agreement=_abroad(
        "欧盟《人工智能法》第50条",
        "article 50 of the EU AI Act",
        zh_more="深度伪造内容另加可见标识。",
        en_more="Deepfakes carry a visible label as well.",
    ),
    sources=(
        Source(
            rule="AI Act art. 50(2), 50(4)",
            asks="machine-readable marking by providers; disclosure of deepfakes by deployers",
            certainty=Certainty.SECONDARY,
        ),
        Source(
            rule="Code of Practice 1.1.1, 1.1.2 (voluntary)",
            asks="two layers for pictures: signed, time-stamped metadata and an imperceptible "
            "watermark",
            certainty=Certainty.PRIMARY,
        ),
        Source(
            rule="Code of Practice 1.2",
            asks="existing marks of inputs are kept unless that makes them untrue",
            certainty=Certainty.PRIMARY,
        ),
        Source(
            rule="Code of Practice section 2",
            asks="an icon with the capitals AI (this toolkit writes a text, not the icon)",
            certainty=Certainty.SECONDARY,
        ),
    ),
    shortfall="the metadata label is neither digitally signed nor time-stamped",
    gaps=(
        "The metadata label is neither digitally signed nor time-stamped.",
        "The icons of the Code of Practice are not drawn.",
    ),
)

US_CA = Policy(
    name="us-ca",
    title="California: SB 942 as amended by AB 853",
    language="en",
    required=(Layer.METADATA, Layer.WATERMARK),
    encouraged=(Layer.VISIBLE,),
    clause="Bus. & Prof. Code 22757.3",
    checks=_ABROAD,
    binds_gb=False,
    agreement=_abroad(
        "加利福尼亚州《人工智能透明度法》（SB 942）",
        "California's AI Transparency Act (SB 942)",
        zh_more="用户可选择添加可见标识。",
        en_more="Users may choose a visible label in addition.",
    ),
    sources=(
        Source(
            rule="22757.3(b)",
            asks="a latent disclosure: provider, system and version, time and date, unique "
            "identifier",
            certainty=Certainty.PRIMARY,
        ),
        Source(
            rule="22757.3(a)",
            asks="the option of a manifest (visible) disclosure is offered to users",
            certainty=Certainty.PRIMARY,
        ),
        Source(
            rule="22757.3.1(b)",
            asks="large platforms do not knowingly strip provenance data (from 2027)",
            certainty=Certainty.PRIMARY,
        ),
    ),
    shortfall="the seven fields hold no system version and no time",
    gaps=(
        "The seven fields hold no system version and no time; keep them behind the content number.",
        "A free public detection tool has to be offered by the provider.",
    ),
)

KR = Policy(
    name="kr",
    title="South Korea: AI Basic Act art. 31",
    language="ko",
    required=(Layer.VISIBLE,),
    encouraged=(Layer.METADATA, Layer.WATERMARK),
    clause="AI Basic Act art. 31; guideline of 2026-01-21",
    checks=_ABROAD | {"R-03"},
    binds_gb=False,
    agreement=_abroad(
        "韩国《人工智能基本法》第31条",
        "article 31 of South Korea's AI Basic Act",
        zh_more="导出的图片另加可见标识。",
        en_more="Exported pictures carry a visible label as well.",
    ),
    sources=(
        Source(
            rule="AI Basic Act art. 31",
            asks="generated output is labelled; users are told in advance",
            certainty=Certainty.SECONDARY,
        ),
        Source(
            rule="guideline of 2026-01-21",
            asks="exported content carries a perceivable mark, or machine-readable marking "
            "together with a notice",
            certainty=Certainty.SECONDARY,
        ),
    ),
    gaps=("The notice given in advance, in the interface, is the service's.",),
)

IN = Policy(
    name="in",
    title="India: IT Rules amendment G.S.R. 120(E)",
    language="en",
    required=(Layer.VISIBLE, Layer.METADATA),
    encouraged=(Layer.WATERMARK,),
    clause="IT Rules, rule 3(3)",
    checks=_ABROAD | {"R-03"},
    binds_gb=False,
    agreement=_abroad(
        "印度《信息技术规则》2026年修正案",
        "India's IT Rules as amended in 2026",
        zh_more="图片另加醒目的可见标识。",
        en_more="They carry a prominent visible label as well.",
    ),
    sources=(
        Source(
            rule="G.S.R. 120(E), in force 2026-02-20",
            asks="a prominent label and permanent metadata with a unique identifier",
            certainty=Certainty.SECONDARY,
        ),
        Source(
            rule="draft of 2026-04-10",
            asks="display throughout the duration of the content; outcome not known",
            certainty=Certainty.UNCERTAIN,
        ),
    ),
    gaps=("Asking users for a declaration and checking it is the platform's duty.",),
)

PROFILES = (CN, EU, US_CA, KR, IN)
