# ruff: noqa: E501  patterns are cut by their sense, East Asian characters count twice
"""
How people say that a text was generated: one small grammar per language, as data.

A label is a whole line: who (a subject, if any), by whom (an agent), what was done (a verb), and
notes. A denial, a headline or a sentence about AI does not fit the grammar because nothing in
a line may be left over (design text, D). The reader is `detectors.text.explicit`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from labeler.text.phrases_east import CHINESE, JAPANESE, KOREAN
from labeler.text.phrases_west import ENGLISH, FRENCH, GERMAN, SPANISH


if TYPE_CHECKING:
    from labeler.text.grammar import Grammar

GRAMMARS = (CHINESE, ENGLISH, JAPANESE, KOREAN, GERMAN, FRENCH, SPANISH)
"""One grammar per language, tried in this order."""

PREFIX = re.compile(
    r"(?:[^\d:：\]】。.!！?？,，请]{0,20}?(?:disclosure|disclaimer|notice|note|warning|hinweis|achtung|"
    r"avertissement|avis|aviso(?: legal)?|remarque|nota|advertencia|atención|attention|声明|聲明|"
    r"说明|提示|提醒|注意|备注|标识|标注|编者按|编辑注|注|注意事項|免責事項|참고|주의|알림|안내|source|declaraci[oó]n|déclaration|erklärung|statement|来源|quelle|fuente|\bAI 활용)"
    r"(?:\s*\([^()]{1,30}\)|\s+(?:de|of|on|zu[rm]?|about)\s[^:：]{1,25})?)[\s*_]*[:：\]】)）—–-][\s*_]*|"
    r"(?:IA|KI|AI)\s*[:：]\s*|(?:important|warning|notice|note|attention|achtung|hinweis|disclaimer)(?:\.\s*|\s{2,})|"
    r"(?:\(c\)\s*)?(?:19|20)\d\d(?:-\d\d-\d\d)?[.:,]?\s+",
    re.IGNORECASE,
)
"""Words that announce a label."""

_SHORT_AGENTS = re.compile(r"(?:[AaKk][Ii]|[Ii][Aa]|ＡＩ)(?<![A-Za-z]..)(?![A-Za-z])")
_LONG_AGENTS = (
    "人工智", "人工知能", "인공지능", "机器", "機器", "智能", "大模型", "语言模型", "言語モデル", "언어모델", "intellig", "inteligen",
    "language model", "sprachmodell", "modèle de langage", "modelo de lenguaje",
    "artificial", "artificiel", "künstlich", "machine", "llm", "aigc", "a.i.", "gpt", "챗gpt", "claude", "gemini", "copilot", "grok", "deepseek", "kimi",
    "qwen", "llama", "mistral", "perplexity", "bard", "robot", "机器人", "doubao", "tongyi", "ernie", "wenxin", "hunyuan", "yuanbao", "glm", "baichuan", "moonshot", "mixtral", "whisper", "antigravity", "hyperclova", "하이퍼클로바", "le chat", "openai", "anthropic", "codex", "notebooklm", "deepl", "gemma", "sonnet", "opus", "o1-", "o3", "o4-", "minimax", "豆包", "通义", "千问", "文心", "元宝", "混元",
    "智谱", "星火", "天工", "海螺", "百川", "盘古",
)  # fmt: skip


def names_agent(text: str) -> bool:
    """
    Say whether a text names anybody who generates: the quick way out for all others.

    >>> names_agent("由AI生成"), names_agent("He said it was a maze")
    (True, False)
    """
    folded = text.lower()
    return any(word in folded for word in _LONG_AGENTS) or bool(_SHORT_AGENTS.search(text))


@lru_cache(maxsize=16)
def told_patterns(grammar: Grammar) -> tuple[re.Pattern[str], ...]:
    """Return the patterns with a subject, to be matched in full."""
    return tuple(re.compile(pattern + r"[\s.。!！]*", re.IGNORECASE) for pattern in grammar.told)


@lru_cache(maxsize=16)
def bare_patterns(grammar: Grammar) -> tuple[re.Pattern[str], ...]:
    """Return the patterns without a subject and with what may follow them."""
    notes = rf"(?:[\s,，.。;；:：!！、—–·-]*{grammar.notes})*"
    more = r"(?:\s*[.。;；!！(]\s*.{0,160})?"
    ends = ((grammar.bare, notes), (grammar.done, notes), (grammar.done, more))
    return tuple(
        re.compile(pattern + end + r"[\s.。!！]*", re.IGNORECASE)
        for patterns, end in ends
        for pattern in patterns
    )
