"""
The words of visible labels and of the art. 6 notices, per language, and their check.

A label names two elements: that an AI did it, and that it generated or synthesised the content
(GB 45438-2025 5.1-5.6 b, R-01). Latin wordings are capitals, so that every letter has the height
of the line and the 5 % rule needs no larger type (R-10).
"""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType
from typing import TYPE_CHECKING

from labeler.errors import InvalidLabel, UnknownPolicy
from labeler.model import Status


if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_LANGUAGE = "zh"
"""The default locale is Chinese (R-02)."""

MAX_TEXT = 64
"""Longest label text in characters; a label is a notice, not an essay."""

WORDINGS: Mapping[str, Mapping[Status, tuple[str, ...]]] = MappingProxyType(
    {
        "zh": {
            Status.IS: ("AI生成",),
            Status.MAY_BE: ("可能为AI生成",),
            Status.SUSPECTED: ("疑似AI生成",),
        },
        "zh-TW": {
            Status.IS: ("AI生成",),
            Status.MAY_BE: ("可能為AI生成",),
            Status.SUSPECTED: ("疑似AI生成",),
        },
        "en": {
            Status.IS: ("AI GENERATED", "MADE BY AI"),
            Status.MAY_BE: ("POSSIBLY AI GENERATED",),
            Status.SUSPECTED: ("SUSPECTED AI GENERATED",),
        },
        "ko": {
            Status.IS: ("AI 생성",),
            Status.MAY_BE: ("AI 생성 가능성",),
            Status.SUSPECTED: ("AI 생성 의심",),
        },
        "ja": {
            Status.IS: ("AI生成",),
            Status.MAY_BE: ("AI生成の可能性",),
            Status.SUSPECTED: ("AI生成の疑い",),
        },
        "de": {
            Status.IS: ("KI-GENERIERT", "KI-ERZEUGT"),
            Status.MAY_BE: ("MÖGLICHERWEISE KI-GENERIERT", "EVENTUELL KI-GENERIERT"),
            Status.SUSPECTED: ("MUTMASSLICH KI-GENERIERT",),
        },
        "fr": {
            Status.IS: ("GÉNÉRÉ PAR IA",),
            Status.MAY_BE: ("PEUT-ÊTRE GÉNÉRÉ PAR IA",),
            Status.SUSPECTED: ("PRÉSUMÉ GÉNÉRÉ PAR IA",),
        },
        "es": {
            Status.IS: ("GENERADO POR IA", "CREADO POR IA"),
            Status.MAY_BE: ("POSIBLEMENTE GENERADO POR IA",),
            Status.SUSPECTED: ("PRESUNTAMENTE GENERADO POR IA",),
        },
    }
)
"""Wordings from preferred to shortest, by language and label status."""

ALSO_READ: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "zh": (
            "人工智能生成",
            "AI合成",
            "人工智能合成",
            "AI生成合成",
            "人工智能生成合成",
            "疑似人工智能生成",
            "可能为人工智能生成",
        ),
        "zh-TW": ("人工智慧生成", "AI合成"),
    }
)
"""Wordings that are common in the wild and not written by default; the reader knows them too."""

ELEMENTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "zh": (r"人工智能|(?<![A-Z])AI", r"生成|合成"),
        "zh-TW": (r"人工智慧|人工智能|(?<![A-Z])AI", r"生成|合成"),
        "en": (r"\bAI\b|ARTIFICIAL INTELLIGENCE", r"GENERATED|MADE|CREATED|SYNTH"),
        "ko": (r"AI|인공지능", r"생성|합성"),
        "ja": (r"AI|人工知能", r"生成|合成"),
        "de": (r"\bKI\b|\bAI\b", r"GENERIERT|ERZEUGT|ERSTELLT"),
        "fr": (r"\bIA\b|\bAI\b", r"GÉNÉRÉ|CRÉÉ|SYNTH"),
        "es": (r"\bIA\b|\bAI\b", r"GENERAD|CREAD|SINT"),
    }
)
"""The AI element and the generation element as patterns, per language (R-01)."""

NOTICES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "zh": {
            "confirmed": "人工智能生成合成内容",
            "possible": "该内容可能为人工智能生成合成内容",
            "suspected": "该内容疑似为人工智能生成合成内容",
        },
        "zh-TW": {
            "confirmed": "人工智慧生成合成內容",
            "possible": "該內容可能為人工智慧生成合成內容",
            "suspected": "該內容疑似為人工智慧生成合成內容",
        },
        "en": {
            "confirmed": "AI-generated or synthesised content",
            "possible": "This content may be AI-generated or synthesised",
            "suspected": "This content is suspected to be AI-generated or synthesised",
        },
        "ko": {
            "confirmed": "AI로 생성·합성된 콘텐츠",
            "possible": "이 콘텐츠는 AI로 생성·합성되었을 수 있습니다",
            "suspected": "이 콘텐츠는 AI로 생성·합성된 것으로 의심됩니다",
        },
        "ja": {
            "confirmed": "AIにより生成・合成されたコンテンツ",
            "possible": "このコンテンツはAIにより生成・合成された可能性があります",
            "suspected": "このコンテンツはAIにより生成・合成された疑いがあります",
        },
        "de": {
            "confirmed": "KI-generierter oder synthetischer Inhalt",
            "possible": "Dieser Inhalt ist möglicherweise KI-generiert oder synthetisch",
            "suspected": "Bei diesem Inhalt besteht der Verdacht, dass er KI-generiert ist",
        },
        "fr": {
            "confirmed": "Contenu généré ou synthétisé par IA",
            "possible": "Ce contenu a peut-être été généré ou synthétisé par IA",
            "suspected": "Ce contenu est présumé généré ou synthétisé par IA",
        },
        "es": {
            "confirmed": "Contenido generado o sintetizado por IA",
            "possible": "Este contenido puede haber sido generado o sintetizado por IA",
            "suspected": "Se sospecha que este contenido fue generado o sintetizado por IA",
        },
    }
)
"""What a platform shows around the content, by verdict (Measures art. 6 (1)-(3))."""


def texts_for(lang: str = DEFAULT_LANGUAGE, status: Status | str = Status.IS) -> tuple[str, ...]:
    """
    Return the label wordings of a language and label status, from preferred to shortest.

    Raises `UnknownPolicy` for a language that is not in the table.

    >>> texts_for("en")
    ('AI GENERATED', 'MADE BY AI')
    >>> texts_for("zh", "3")
    ('疑似AI生成',)
    """
    _require_language(lang)
    return WORDINGS[lang][Status(status)]


def known_texts(lang: str) -> tuple[str, ...]:
    """Return every wording of a language that the reader looks for, each once."""
    _require_language(lang)
    own = (text for texts in WORDINGS[lang].values() for text in texts)
    return tuple(dict.fromkeys((*own, *ALSO_READ.get(lang, ()))))


def notice_for(verdict: str, lang: str = DEFAULT_LANGUAGE) -> str:
    """
    Return the notice to show around the content for a verdict (Measures art. 6).

    ``none`` and ``undetermined`` have no notice: nothing found never means human-made (R-49).

    >>> notice_for("possible")
    '该内容可能为人工智能生成合成内容'
    >>> notice_for("none")
    ''
    """
    _require_language(lang)
    return NOTICES[lang].get(verdict, "")


def interface_notice(status: Status | str, lang: str = DEFAULT_LANGUAGE) -> str:
    """
    Return the notice for the surroundings of a player that shows labelled content (R-23).

    Measures art. 4 (4) lets a service show it around the playback of what it generated.

    >>> interface_notice("1")
    '人工智能生成合成内容'
    >>> interface_notice("3", "en") == notice_for("suspected", "en")
    True
    """
    verdicts = {Status.IS: "confirmed", Status.MAY_BE: "possible", Status.SUSPECTED: "suspected"}
    return notice_for(verdicts[Status(status)], lang)


def has_both_elements(text: str, lang: str = DEFAULT_LANGUAGE) -> bool:
    """
    Say whether a text names the AI element and the generation element (R-01).

    >>> has_both_elements("AI生成"), has_both_elements("由AI提供"), has_both_elements("AI创作")
    (True, False, False)
    """
    _require_language(lang)
    folded = unicodedata.normalize("NFKC", text)
    if not lang.startswith("zh"):
        folded = folded.upper()
    return all(re.search(element, folded) for element in ELEMENTS[lang])


def check_text(text: str, lang: str = DEFAULT_LANGUAGE) -> None:
    """
    Raise `InvalidLabel` for a label text that the standard does not accept (R-01, R-02).

    Chinese texts need both elements. For other languages the test of the elements is off, as
    no such rule exists there; every text must be one printable line of at most `MAX_TEXT`
    characters.
    """
    _require_language(lang)
    if not text.strip():
        raise InvalidLabel("the label text is empty: give it words, such as AI生成")
    if len(text) > MAX_TEXT:
        raise InvalidLabel(f"the label text has {len(text)} characters: use at most {MAX_TEXT}")
    if not text.isprintable():
        raise InvalidLabel("the label text has control characters or line breaks: use one line")
    if lang.startswith("zh") and not has_both_elements(text, lang):
        raise InvalidLabel(
            f"the label text {text!r} must name both elements (GB 45438-2025 5.2 b): "
            "人工智能 or AI, and 生成 or 合成"
        )


def _require_language(lang: str) -> None:
    """Raise `UnknownPolicy` for a language without wordings."""
    if lang not in WORDINGS:
        known = ", ".join(WORDINGS)
        raise UnknownPolicy(f"no label wordings for the language {lang!r}: use one of {known}")
