"""
Details of evidence and conformity in the language of a reader.

The machine forms and the library keep the English sentence. Chinese is made when a line or a page
is written for people, from `detectors.details_zh`, `detectors.clauses_zh` and `labeler.errors_zh`,
which is what errors say.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from labeler.sentences import MOST, Phrasebook, open_phrasebook


if TYPE_CHECKING:
    from collections.abc import Callable


def in_chinese(detail: str) -> str:
    """
    Return a detail, a deviation, a clause or a line of the basis in Chinese.

    Phrases that are not known stay as they are; numbers and quoted text stay to the letter.

    >>> in_chinese("no mark of these keys was seen; that never means a human made it")
    '未发现这些密钥的数字水印；这不代表内容由人创作'
    >>> in_chinese("z 7.5; something new")
    'z 7.5; something new'
    """
    return _translated(detail) if len(detail) <= MOST else detail


def in_language(language: str) -> Callable[[str], str]:
    """Return what puts a detail into a language: Chinese for zh, else English as it is."""
    return in_chinese if language.lower().startswith("zh") else str


@lru_cache(maxsize=4096)
def _translated(detail: str) -> str:
    return _book().translate(detail)


@lru_cache(maxsize=1)
def _book() -> Phrasebook:
    """Return the tables, compiled at the first sentence and not before."""
    from detectors import clauses_zh as clauses
    from detectors import details_zh as details
    from labeler import errors_zh

    sentences = (
        *(*details.EXAMINED, *details.MARKS, *details.LABELS, *details.OTHERS),
        *(*details.SIGNATURES, *details.DEVIATIONS, *details.BASIS),
        *(*clauses.METADATA, *clauses.VISIBLE, *clauses.AUDIBLE, *clauses.TEXT),
        *(*clauses.OTHER, *clauses.CLAUSES, *errors_zh.sentences()),
    )
    return open_phrasebook(sentences, (*details.NAMES, *errors_zh.names()))
