"""
Tag lists of MP4 and M4A: ``meta`` boxes with ``keys``/``ilst`` (mdta) or iTunes ``ilst`` (mdir).

The guide's place is the key AIGC of namespace ``mdta`` (law 4.7). A list of iTunes (``mdir``)
cannot have keys as well, so there the label is a freeform item, which readers know too.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.containers.boxes import Box, box, child, full_box, read_boxes
from labeler.containers.model import Block
from labeler.containers.spans import blanked, holds_label, label_span, without_label
from labeler.containers.value import WRAPPER
from labeler.errors import CorruptMedia, MediaTooLarge


if TYPE_CHECKING:
    from collections.abc import Iterator


_KEY = WRAPPER.encode()
_MDTA = b"mdta"
ITUNES = b"mdir"
"""The handler of a tag list of iTunes."""

_FREEFORM = b"----"
_UTF8, _UTF16 = 1, 2
_PICTURES = {13, 14, 27}
_MAX_KEYS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TagList:
    """One ``meta`` box: how its content starts, whose list it is, its keys as they are named."""

    skip: int
    handler: bytes
    keys: tuple[bytes, ...]


def read_list(data: bytes, meta: Box) -> TagList:
    """Return what kind of list a ``meta`` box holds; QuickTime's has no version and flags."""
    skip = 0 if data[meta.body + 4 : meta.body + 8] == b"hdlr" else 4
    hdlr = child(data, meta, b"hdlr", skip)
    handler = data[hdlr.body + 8 : hdlr.body + 12] if hdlr else b""
    keys = child(data, meta, b"keys", skip)
    return TagList(skip=skip, handler=handler, keys=_read_keys(data, keys) if keys else ())


def blocks_of(data: bytes, meta: Box, where: str) -> Iterator[Block]:
    """Yield every text of a tag list; items without a name are texts too."""
    tags = read_list(data, meta)
    ilst = child(data, meta, b"ilst", tags.skip)
    if ilst is None:
        return
    for item in read_boxes(data, ilst.body, ilst.end):
        key = _key_of(data, item, tags)
        for content in _texts(data, item):
            own = key.casefold() == WRAPPER.casefold()
            scheme = _scheme(item, tags) if own else "mp4-ilst"
            place = f"{where} ilst {key[:79]!a}"
            yield Block(kind="text", place=place, content=content, key=key, scheme=scheme)


def with_label(data: bytes, meta: Box, value: str | None) -> bytes:
    """
    Return a whole ``meta`` box with ``value`` as its one label, or without any for None.

    With a value it is a list with keys: one of iTunes has no numbers.
    """
    tags = read_list(data, meta)
    own = None if value is None else _item(struct.pack(">I", _number_of(tags)), value)
    pieces = [data[meta.body : meta.body + tags.skip]]
    boxes = read_boxes(data, meta.body + tags.skip, meta.end)
    for part in boxes:
        if part.type == b"ilst":
            pieces.append(box(b"ilst", _items(data, part, tags, own)))
            own = None
        elif part.type == b"keys" and value is not None:
            pieces.append(_keys_box(tags))
        else:
            pieces.append(data[part.start : part.end])
    if value is not None and not any(part.type == b"keys" for part in boxes):
        pieces.append(_keys_box(tags))
    if own is not None:
        pieces.append(box(b"ilst", own))
    tail = boxes[-1].end if boxes else meta.body + tags.skip
    return box(b"meta", b"".join([*pieces, data[tail : meta.end]]))


def new_list(value: str, keys: tuple[bytes, ...] = ()) -> bytes:
    """Return a ``meta`` box with AIGC as its one item, behind some keys, as FFmpeg lays it out."""
    hdlr = full_box(b"hdlr", 0, bytes(4) + _MDTA + bytes(13))
    tags = TagList(skip=4, handler=_MDTA, keys=keys)
    ilst = box(b"ilst", _item(struct.pack(">I", _number_of(tags)), value))
    return full_box(b"meta", 0, hdlr + _keys_box(tags) + ilst)


def with_key(data: bytes, meta: Box) -> tuple[bytes, tuple[bytes, ...]]:
    """
    Return a tag list with the key AIGC, for which it need have no item, and its keys.

    FFmpeg reads the keys of the first list of a file only, and takes the numbers of the items of
    every list for places in it: lists of one file are read alike when they have the same keys.
    """
    tags = read_list(data, meta)
    if tags.handler != _MDTA or not tags.keys:
        return data[meta.start : meta.end], ()
    pieces = [
        _keys_box(tags) if part.type == b"keys" else data[part.start : part.end]
        for part in read_boxes(data, meta.body + tags.skip, meta.end)
    ]
    whole = box(b"meta", data[meta.body : meta.body + tags.skip] + b"".join(pieces))
    return whole, tags.keys


def _read_keys(data: bytes, keys: Box) -> tuple[bytes, ...]:
    """Return the names in a ``keys`` box, those of other namespaces with theirs before them."""
    if keys.end - keys.body < 8:
        raise CorruptMedia("the keys of the tag list are truncated")
    entries = read_boxes(data, keys.body + 8, keys.end)
    if len(entries) > _MAX_KEYS:
        raise MediaTooLarge(f"the tag list has more than {_MAX_KEYS} keys")
    return tuple(entry.type + data[entry.body : entry.end] for entry in entries)


def _number_of(tags: TagList) -> int:
    """Return the index of the key AIGC, which may be one behind the last."""
    numbers = [n for n, key in enumerate(tags.keys, 1) if _is_own(key[4:])]
    return numbers[0] if numbers else len(tags.keys) + 1


def _keys_box(tags: TagList) -> bytes:
    """Return the ``keys`` box with AIGC in it, spelled so."""
    number = _number_of(tags)
    keys = list(tags.keys) + [_MDTA + _KEY] * (number > len(tags.keys))
    keys[number - 1] = _MDTA + _KEY
    entries = b"".join(struct.pack(">I", len(key) + 4) + key for key in keys)
    return full_box(b"keys", 0, struct.pack(">I", len(keys)) + entries)


def _is_own(name: bytes) -> bool:
    """Say whether a key is called AIGC, in any case."""
    return name.upper() == _KEY


def _key_of(data: bytes, item: Box, tags: TagList) -> str:
    """Return the name of an item, '' for a list without keys that has none."""
    if item.type == _FREEFORM:
        name = child(data, item, b"name")
        return data[name.body + 4 : name.end].decode("utf-8", "replace") if name else ""
    number = int.from_bytes(item.type, "big")
    if 0 < number <= len(tags.keys):
        return tags.keys[number - 1][4:].decode("utf-8", "replace")
    return item.type.decode("latin-1").strip("\0 ")


def _scheme(item: Box, tags: TagList) -> str:
    """Return the reader of an item called AIGC."""
    if item.type == _FREEFORM:
        return "mp4-freeform"
    return "tc260-mp4" if tags.keys else "mp4-ilst"


def _texts(data: bytes, item: Box) -> Iterator[bytes]:
    """Yield the values of an item as UTF-8, pictures left out."""
    for part in read_boxes(data, item.body, item.end):
        if part.type == b"data" and part.end - part.body >= 8:
            kind = int.from_bytes(data[part.body : part.body + 4], "big") & 0xFF_FFFF
            content = data[part.body + 8 : part.end]
            if kind == _UTF16:
                content = content.decode("utf-16-be", "replace").encode("utf-8", "replace")
            if kind not in _PICTURES:
                yield content


def _item(name: bytes, value: str) -> bytes:
    """Return an item with one UTF-8 value."""
    return box(name, box(b"data", struct.pack(">II", _UTF8, 0) + value.encode()))


def _items(data: bytes, ilst: Box, tags: TagList, own: bytes | None) -> bytes:
    """Return the items of a list, the label in the place of the first old one, or last."""
    pieces: list[bytes] = []
    items = read_boxes(data, ilst.body, ilst.end)
    for item in items:
        if _is_own(_key_of(data, item, tags).encode()):
            if own is not None:
                pieces.append(own)
                own = None
        else:
            pieces.append(_given_up(data, item))
    tail = items[-1].end if items else ilst.body
    return b"".join([*pieces, own or b"", data[tail : ilst.end]])


def _given_up(data: bytes, item: Box) -> bytes:
    """Return an item as it was, with blanks where a label stood, b'' when it was only that."""
    whole = data[item.start : item.end]
    texts = list(_texts(data, item))
    if not any(holds_label(text) and label_span(text) for text in texts):
        return whole
    if not any(without_label(text) for text in texts):
        return b""
    changed = blanked(whole)
    if changed == whole:  # it stands in UTF-16, so it is made anew in UTF-8
        return _item(item.type, without_label(texts[0]).decode("utf-8", "replace"))
    return changed
