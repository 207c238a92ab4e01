"""Office and EPUB packages made ready for C2PA, whose library reads stored parts only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from labeler.containers.text.archive import C2PA_PART, open_archive


if TYPE_CHECKING:
    from typing import Final

PACKAGES: Final = frozenset({"docx", "xlsx", "pptx", "epub"})

_TYPES = "[Content_Types].xml"
_OPEN = re.compile(rb"<(?:[\w.-]+:)?Types\b[^>]*>")
_DEFAULT = b'<Default Extension="c2pa" ContentType="application/c2pa"/>'


def stored_package(data: bytes) -> bytes:
    """
    Return a package with every part unpacked, the type of the manifest part declared.

    Office programs take a part without a declared type for damage. The manifest of an earlier
    signature is left to be written anew. Raises `CorruptMedia` and
    `MediaTooLarge` as `labeler.containers.text.archive.open_archive` does.
    """
    archive = open_archive(data)
    changed: dict[str, bytes] = {}
    if _TYPES in archive.names:
        types = archive.read(_TYPES)
        opened = _OPEN.search(types)
        if opened and b'"c2pa"' not in types:
            changed[_TYPES] = types[: opened.end()] + _DEFAULT + types[opened.end() :]
    return archive.stored(changed, without=C2PA_PART)
