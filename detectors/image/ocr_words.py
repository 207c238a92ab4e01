"""
Which texts are labels: both elements of R-01 in any wording, read leniently (design: visible 4).

OCR takes a sans-serif ``AI`` for ``Al`` and leaves blanks out, so both are allowed for here and put
right in what is reported. The words are those of the languages in `labeler.texts`; the models know
no Hangul.
"""

from __future__ import annotations

import re
import unicodedata


_LETTER = "A-Za-zÀ-ÖØ-öø-ÿ"
_I = "[Il1|!丨Ⅰ]"
_AI = rf"(?:(?<![{_LETTER}])(?:A{_I}|[Aa]i)(?![{_LETTER}])|人\s?工\s?智\s?[能慧]|人\s?工\s?知\s?能)"
_MADE = r"(?:生\s?成|合\s?成)"
_ENDS = rf"(?![{_LETTER}])"
_LATIN_AI = rf"(?:A{_I}|[Aa]i|K{_I}|[Kk]i|{_I}A|[Ii]a)"
_LATIN_MADE = (
    "(?i:GENERATED|CREATED|MADE|SYNTHESI[SZ]ED|SYNTHETIC|GENERIERT[ER]?S?|ERZEUGT|ERSTELLT|"
    "G[EÉ]N[EÉ]R[EÉ]E?S?|CRÉÉE?S?|GENERA[DT][OA]S?|CREA[DT][OA]S?)"
)
_BY = "(?i:BY|WITH|USING|VIA|FROM|THROUGH|PAR|AVEC|POR|CON|MIT|VON|DURCH|PER|DA|DALL)"
_NAMED = r"(?i:ARTIFICIAL\s*INTELLIGENCE)"

_CHINESE = re.compile(rf"{_AI}.{{0,12}}?{_MADE}|生成\s?A{_I}\s?(?:による|で|に)", re.DOTALL)
_LATIN = re.compile(
    rf"(?<![{_LETTER}])(?:{_LATIN_AI}|{_NAMED})[\s\-]{{0,3}}{_LATIN_MADE}{_ENDS}"
    rf"|(?<![{_LETTER}]){_LATIN_MADE}\s*{_BY}\s*(?:(?:[Aa]n?|[Ll])\s+)?(?:{_LATIN_AI}{_ENDS}|{_NAMED})"
)
_READ_AI = re.compile(rf"(?<![{_LETTER}])A{_I}(?=[^{_LETTER}]|$|[Gg][Ee][Nn]|[A-Z]{{3}})")
_DENIED = re.compile(
    r"(?:非|不是|没有|未|无|禁止|不得|严禁|拒绝|反对).{0,4}(?:AI|人工智能)"
    r"|(?i:\b(?:NO|NOT|NON|NEVER|WITHOUT|NICHT|OHNE|KEINE?|SANS|PAS|SIN)\b)"
)
_BRAND = re.compile(rf"(豆包|即梦|可灵)A{_I}")
_FRAGMENT = re.compile(
    rf"[生成合]|人工|智能|智慧|A{_I}|AT|K{_I}|{_I}A|(?i:GENER|RATED|CREA|SYNTH|MADE|ERSTELLT|\bBY\b)|由"
)
_NOISE = re.compile(r"[\s_·•.,:;'’\"“”()\[\]{}【】「」『』《》*#~–—―‐]+")
_INSIDE = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_BLANK = re.compile(r"\s+")
MOST = 40
"""Characters of a line beyond which it is running text: a label is a notice."""


def fold(text: str) -> str:
    """Return a text as it is compared: one width, no punctuation, single blanks."""
    return _NOISE.sub(" ", unicodedata.normalize("NFKC", text)).strip()


def label_in(text: str) -> str:
    """
    Return the label that a text says, with its ``AI`` put right; '' when it lacks an element.

    >>> label_in("豆包Al生成"), label_in("AlGENERATED"), label_in("Made with Al")
    ('豆包AI生成', 'AI GENERATED', 'Made with AI')
    >>> label_in("AI创作"), label_in("MADE IN CHINA"), label_in("Al"), label_in("非AI生成")
    ('', '', '', '')
    >>> label_in("合成纤维 DAILY NEWS"), label_in("生成式AI大会")
    ('', '')
    """
    shown = fold(text)
    if len(shown) > MOST or _DENIED.search(_READ_AI.sub("AI", shown)):
        return ""
    if not _CHINESE.search(shown) and not _LATIN.search(shown):
        return ""
    told = _INSIDE.sub("", _READ_AI.sub("AI", shown))
    return re.sub(r"\bAI(?=[A-Za-z]{3})", "AI ", told)


def brand_in(text: str) -> str:
    """
    Return the mark of a known service in a text: a trace, no label, as it says nothing of making.

    >>> brand_in("即梦 Al"), brand_in("豆包")
    ('即梦AI', '')
    """
    found = _BRAND.search(_BLANK.sub("", fold(text)))
    return f"{found[1]}AI" if found else ""


def has_fragment(text: str) -> bool:
    """Say whether a text has a piece of a label, so that a second look is worth its time."""
    return bool(_FRAGMENT.search(fold(text)))
