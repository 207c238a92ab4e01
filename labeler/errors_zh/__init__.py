"""
What errors say, in Chinese: a room of tables, one module a subject.

`files` is about files, lists and batches, `usage` about options and extras, `labels` about fields,
texts and labels that are there, `keys` about keys, signatures and the registry, `pictures`,
`sound`, `video` and `documents` about content and its formats, `metadata` about tags in them,
`arrays` about what programs pass. The form of the tables is that of `labeler.sentences`.

The exceptions themselves are English. No table is imported before a person is told of an error in
Chinese. A new message needs a line here; tests/labeler/test_errors_zh.py names those without.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from labeler.sentences import Phrasebook, open_phrasebook


if TYPE_CHECKING:
    from labeler.sentences import Table


def in_chinese(message: str) -> str:
    """
    Return the message of an error in Chinese, as far as its phrases are known.

    Names of files and quoted text stay to the letter.

    >>> in_chinese("cat.png: exists; choose another name or add --force")
    'cat.png: 已存在；请换个名称，或加 --force'
    """
    return book().translate(message)


@lru_cache(maxsize=1)
def book() -> Phrasebook:
    """Return the tables, ready for use."""
    return open_phrasebook((*sentences(), *_NAMED), names())


def sentences() -> Table:
    """Return the phrases of all rooms, and the notes of receipts, which some errors cite."""
    from labeler import notes_zh
    from labeler.errors_zh import (
        arrays,
        documents,
        files,
        keys,
        labels,
        metadata,
        pictures,
        sound,
        usage,
        video,
    )

    return (
        *(*files.FILES, *files.BATCHES, *files.SYSTEM, *usage.USAGE, *usage.EXTRAS),
        *(*labels.FIELDS, *labels.TEXTS, *labels.LABELLED, *labels.LAYERS),
        *(*keys.KEYS, *keys.SIGNING, *keys.REGISTRY, *metadata.OVERSIZED, *metadata.TAGS),
        *(*metadata.XMP, *pictures.FORMATS, *sound.FORMATS, *video.FORMATS, *documents.TEXT),
        *(*documents.JSON, *documents.PACKAGES, *pictures.PICTURES, *sound.SOUND, *video.VIDEO),
        *(*arrays.ARRAYS, *arrays.PIPELINES, *metadata.DAMAGE, *notes_zh.NOTES),
    )


def names() -> Table:
    """Return the single names that stand in places of the phrases."""
    from labeler import notes_zh
    from labeler.errors_zh import usage

    return (*usage.NAMES, *notes_zh.NAMES)


_NAMED: Table = (("{name:path}: {what:more}", "{name}: {what}"),)
"""A message about something that has a name, tried last; the colon stays as it is."""
