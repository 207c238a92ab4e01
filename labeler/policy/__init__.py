"""
Policies: which layers a body of rules asks for, what is checked, and what to tell users.

Data, not code. ``cn`` is the default; the others switch texts and layers (R-59). The records say
of every rule how well it is known, and none of them is legal advice.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from labeler.errors import UnknownPolicy
from labeler.policy.profiles import PROFILES
from labeler.policy.records import Agreement, Certainty, Policy, Source


if TYPE_CHECKING:
    from labeler.model import Layer

__all__ = [
    "DEFAULT_POLICY",
    "POLICIES",
    "Agreement",
    "Certainty",
    "Policy",
    "Source",
    "policy_named",
    "show_policy",
]

POLICIES = MappingProxyType({policy.name: policy for policy in PROFILES})
"""All policies by name, in the order in which help texts list them."""

DEFAULT_POLICY = "cn"


def policy_named(name: str = DEFAULT_POLICY) -> Policy:
    """
    Return the policy of this name; raise `UnknownPolicy` with the choices otherwise.

    >>> policy_named("cn").language
    'zh'
    """
    try:
        return POLICIES[name]
    except KeyError:
        choices = ", ".join(POLICIES)
        raise UnknownPolicy(f"{name!r} is no policy; choose one of: {choices}") from None


_FRAME = MappingProxyType(
    {
        "en": (
            "Layers required:   ",
            "Layers encouraged: ",
            "Rests on:          ",
            "Label language:    ",
            "Method and style of the labels, for the user agreement (a template, adapt it):",
            "Sources:",
            "Not done by this toolkit:",
            "This describes what is implemented; it is no legal advice and no certificate.",
        ),
        "zh": (
            "必须的标识层：",
            "鼓励的标识层：",
            "依据：",
            "标识语言：",
            "标识的方法与样式，可写入用户协议（模板，请按实际情况修改）：",
            "来源：",
            "本工具不包含：",
            "以上说明所实现的内容，不是法律意见，也不是合规证明。",
        ),
    }
)
_LAYERS_ZH = MappingProxyType(
    {"visible": "显式标识", "watermark": "数字水印", "metadata": "元数据隐式标识"}
)


def show_policy(policy: Policy, language: str = "en") -> str:
    """
    Return what ``policy show`` prints: layers, agreement text, sources, what is left (R-58).

    ``language`` is ``zh``, or English for any other; sources are Chinese for ``cn`` alone.
    """
    chinese = language == "zh"
    required, encouraged, rests, tongue, style, sources, gaps, end = _FRAME[
        "zh" if chinese else "en"
    ]
    letters = ((x, x.meaning_zh if chinese else x.meaning) for x in Certainty)
    lines = [
        f"{policy.name}: {(chinese and policy.title_zh) or policy.title}",
        "",
        f"{required}{_names(policy.required, chinese=chinese)}",
        f"{encouraged}{_names(policy.encouraged, chinese=chinese)}",
        f"{rests}{policy.clause}",
        f"{tongue}{policy.language}",
        "",
        style,
        "",
        policy.agreement.in_language(language),
        "",
        sources,
        *(f"  [{s.certainty.value}] {s.in_language(language)}" for s in policy.sources),
        "",
        *(f"  [{letter.value}] = {meaning}" for letter, meaning in letters),
        "",
        gaps,
        *(f"  {gap}" for gap in (chinese and policy.gaps_zh) or policy.gaps),
        "",
        end,
    ]
    return "\n".join(lines)


def _names(layers: tuple[Layer, ...], *, chinese: bool) -> str:
    names = [_LAYERS_ZH[x.value] if chinese else x.value for x in layers]
    if chinese:
        return "、".join(names) or "无"
    return ", ".join(names) or "none"
