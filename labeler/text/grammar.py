"""What the grammars of labels are made of: the record, and the pieces that languages share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """
    The patterns of one language.

    ``told`` have a subject that points to the text; they say themselves what may follow. ``done``
    are statements without a subject: another sentence may follow. ``bare`` are no sentences; only
    ``notes`` that belong to labels may follow, because headlines begin like them. A subject that
    is no text is caught in the group ``media``: such a line is about a picture or a sound.
    """

    lang: str
    told: tuple[str, ...]
    bare: tuple[str, ...]
    notes: str
    done: tuple[str, ...] = ()


_BRANDS = (
    r"Chat\s?GPT|챗GPT|GPT|Claude(?:\sCode)?|Gemini|(?:GitHub\s|Microsoft\s)?Copilot|Grok|DeepSeek|Kimi|Qwen|"
    r"Llama|Mistral|Perplexity|Bard|Doubao|Tongyi|ERNIE\sBot|Wenxin|Hunyuan|Yuanbao|ChatGLM|GLM-\d|Baichuan|Moonshot|Mixtral|Whisper|Antigravity|HyperCLOVA\s?X?|하이퍼클로바\s?X?|Le\sChat|Codex|OpenAI|Anthropic|NotebookLM|DeepL|Gemma|Sonnet|Opus(?=\s\d)|o[134]-(?:mini|preview|pro)|o[134](?=\b(?!\w))|MiniMax|豆包|通义千问|通义|千问|文心一言|文心|元宝|混元|智谱清言|"
    r"智谱|讯飞星火|星火|天工|海螺|百川|盘古"
)
_VERSION = (
    r"(?:[-\s]?\d[\d.]{0,4}[a-z]?)?"
    r"(?:[-\s](?:Pro|Flash|Sonnet|Opus|Haiku|Turbo|mini|Plus|Max))?"
    r"(?:[-\s]?\d[\d.]{0,4}[a-z]?)?"
)
_OTHERS = r"(?:\sCode)?\s?(?:团队|成员|社区|官方)|-(?!assist|generat|based|power)[a-z]{2}"
BRAND = rf"(?:{_BRANDS}){_VERSION}(?!{_OTHERS})"
BRACKET = r"(?:\s*\([^()]{1,60}\)?)?"
PAUSE = r"\s*[,，.。;；:：!！、—–-]+\s*"
FREE = rf"(?:{PAUSE}.{{0,160}})?"


def about(pattern: str, noun: str, media: str) -> str:
    """Fill in what the subject may be: a text, or in its own group a medium."""
    return pattern.replace("{noun}", rf"(?:{noun}|(?P<media>{media}))")
