"""
FLV: the label is the property AIGC of the script tag ``onMetaData`` (20257A, R-37).

Everything behind the tag moves when it grows; the numbers in it that name places in the file, which
the writers of key frame indexes put there, move with it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from labeler.containers.carriers import collect
from labeler.containers.model import Block, Carrier
from labeler.containers.pieces import Span, copy_pieces, read_at, read_blocks, read_span, size_of
from labeler.containers.spans import blanked, blanked_tail, holds_label
from labeler.containers.tags import xmp
from labeler.containers.value import WRAPPER
from labeler.containers.video import amf
from labeler.containers.video.model import VideoHeader
from labeler.errors import CorruptMedia, LabelError, MediaTooLarge, UnsupportedMedia
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Iterator

    from labeler.containers.pieces import Piece


_AUDIO, _VIDEO, _SCRIPT = 8, 9, 18
_ENCRYPTED = 0x20
_METADATA, _XMP = "onMetaData", "onXMPData"
_PLACES = {("keyframes", "filepositions", ""), ("lastkeyframelocation",)}
_LENGTHS = {("filesize",)}
_VIDEO_CODECS = {
    2: "flv1",
    3: "flashsv",
    4: "vp6f",
    5: "vp6a",
    6: "flashsv2",
    7: "h264",
    12: "hevc",
}
_EXTENDED = 0x80
_SOUND_CODECS = {0: "pcm", 1: "adpcm-swf", 2: "mp3", 3: "pcm", 10: "aac", 11: "speex", 14: "mp3"}
_EXTENDED_CODECS = {"avc1": "h264", "hvc1": "hevc", "av01": "av1", "vp09": "vp9"}
_LOOKED_AT = 200
"""Tags in which the first frames of all streams are looked for."""

_MOST = 1e9
_HEAD_OF_SCRIPT = bytes((_SCRIPT, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))


class _Tag(NamedTuple):
    """One tag: its type with the bit of encryption, where it stands, and where its content ends."""

    type: int
    start: int
    end: int
    next: int

    @property
    def body(self) -> int:
        """Return where the content starts."""
        return self.start + 11


@dataclass(frozen=True, slots=True, kw_only=True)
class _Move:
    """What stood at or behind a place of a file of a size moves by a number of bytes."""

    behind: int
    by: int
    size: int


def probe(file: BinaryIO) -> VideoHeader:
    """Return the facts of onMetaData and of the first tags of pictures and sound."""
    first: dict[int, bytes] = {}
    facts: dict[str, float] = {}
    encrypted = False
    for count, tag in enumerate(read_tags(file)):
        if count >= _LOOKED_AT or {_AUDIO, _VIDEO} <= set(first):
            break
        encrypted |= bool(tag.type & _ENCRYPTED)
        head = read_at(file, tag.body, min(16, tag.end - tag.body))
        if head:
            first.setdefault(tag.type & 31, head)
        if tag.type & 31 == _SCRIPT:
            facts = _numbers(_content(file, tag)) | facts
    if _VIDEO not in first:
        raise UnsupportedMedia("the file holds no moving pictures: it has no video tags")
    width, height = (int(facts.get(name, 0)) for name in ("width", "height"))
    sound = first.get(_AUDIO)
    return VideoHeader(
        format="flv",
        codec=_codec(first[_VIDEO]),
        width=width,
        height=height,
        shown=(width, height),
        seconds=facts.get("duration") or None,
        sounds=(_SOUND_CODECS.get(sound[0] >> 4, str(sound[0] >> 4)),) if sound else (),
        encrypted=encrypted,
    )


def blocks(file: BinaryIO) -> Iterator[Block]:
    """Yield the texts of all script tags, and the XMP among them."""
    end = 0
    for tag in read_tags(file):
        end = tag.next
        if tag.type == _SCRIPT:
            yield from _blocks_of(_content(file, tag))
    rest = read_at(file, end, LIMITS.xmp_bytes)
    if end + len(rest) < size_of(file):
        why = f"metadata oversized: more than {LIMITS.xmp_bytes} bytes behind the last tag"
        yield Block(kind="raw", place="behind the FLV", scheme="flv-script", fault=why)
    elif rest:
        yield Block(kind="raw", place="behind the FLV", content=rest, scheme="flv-script")


def find(file: BinaryIO) -> tuple[Carrier, ...]:
    """Return every copy: onMetaData, other script tags, XMP."""
    return collect(blocks(file))


def write(source: BinaryIO, target: BinaryIO, value: str) -> None:
    """
    Write the film with AIGC in its first onMetaData, a new one in front when it has none.

    Raises `MediaTooLarge` for labels of more than 65,535 bytes, `CorruptMedia` when the tag that
    would hold the label is malformed.
    """
    main = next((tag for tag in read_tags(source) if _is_metadata(source, tag)), None)
    if main is None:
        anchor = resume = _first_tag(source)
        head = _HEAD_OF_SCRIPT
        made = amf.new_script(_METADATA, amf.text_property(WRAPPER, value.encode()), 1)
    else:
        anchor, resume = main.start, main.next
        head = read_at(source, anchor, 11)
        made = _with_label(_content(source, main), value)
    by = len(_tag_bytes(head, made)) - (resume - anchor)
    move = _Move(behind=resume, by=by, size=size_of(source))
    label = _tag_bytes(head, _moved(made, move))
    copy_pieces(source, target, _pieces(source, anchor, label, move))


def payload_bytes(file: BinaryIO) -> Iterator[bytes]:
    """Yield the tags of pictures and sound, heads and all, without the script tags."""
    start = end = _first_tag(file)
    for tag in read_tags(file):
        if tag.type == _SCRIPT:
            yield from read_blocks(file, start, tag.start)
            start = tag.next
        end = tag.next
    yield from read_blocks(file, start, end)


def read_tags(file: BinaryIO) -> Iterator[_Tag]:
    """
    Yield the tags of the file, up to what is no tag.

    Raises `CorruptMedia` when the last tag is cut off, or when there is none.
    """
    size = size_of(file)
    first = position = _first_tag(file)
    for _ in range(LIMITS.parts):
        head = read_at(file, position, 11)
        if len(head) < 11 or head[0] & 31 not in {_AUDIO, _VIDEO, _SCRIPT}:
            break
        end = position + 11 + int.from_bytes(head[1:4], "big")
        if end > size:
            raise CorruptMedia("the FLV is truncated: its last tag is not all there")
        after = min(end + 4, size)
        yield _Tag(head[0] & 63, position, end, after)
        position = after
    else:
        raise MediaTooLarge(f"the FLV has more than {LIMITS.parts:,} tags")
    if position == first:
        raise CorruptMedia("the FLV is truncated or malformed: it holds no tags")


def _first_tag(file: BinaryIO) -> int:
    """Return where the first tag starts; raise `CorruptMedia` when the header is missing."""
    head = read_at(file, 0, 9)
    if len(head) < 9 or not head.startswith(b"FLV"):
        raise CorruptMedia("the FLV is truncated: its header is missing")
    return max(9, int.from_bytes(head[5:9], "big")) + 4


def _content(file: BinaryIO, tag: _Tag) -> bytes:
    """Return the content of a script tag, of which 24 bits state the size."""
    return read_span(file, tag.body, tag.end, "a script tag of the FLV")


def _is_metadata(file: BinaryIO, tag: _Tag) -> bool:
    """Say whether a tag is onMetaData."""
    start = struct.pack(">BH", amf.TEXT, len(_METADATA)) + _METADATA.encode()
    return tag.type == _SCRIPT and read_at(file, tag.body, len(start)) == start


def _tag_bytes(head: bytes, content: bytes) -> bytes:
    """Return a tag with its own size behind it; the time stamp is that of ``head``."""
    if len(content) >= 1 << 24:
        raise MediaTooLarge("the metadata of the FLV have no room for a label")
    size = len(content).to_bytes(3, "big")
    return head[:1] + size + head[4:] + content + struct.pack(">I", len(content) + 11)


def _numbers(content: bytes) -> dict[str, float]:
    """Return the numbers that a script tag states, {} for one that cannot be read."""
    try:
        values = amf.own_properties(amf.read_script(content))
    except LabelError:
        return {}
    found = {v.path[0]: _number(content, v) for v in values if v.type == amf.NUMBER}
    return {name: number for name, number in found.items() if 0 <= number < _MOST}


def _number(content: bytes, value: amf.Value) -> float:
    """Return a number."""
    return float(struct.unpack_from(">d", content, value.body)[0])


def _codec(head: bytes) -> str:
    """Return the name of the codec of a tag of pictures."""
    if head[0] & _EXTENDED:
        code = head[1:5].decode("latin-1")
        return _EXTENDED_CODECS.get(code, code.strip())
    return _VIDEO_CODECS.get(head[0] & 15, str(head[0] & 15))


def _blocks_of(content: bytes) -> Iterator[Block]:
    """Yield the texts of one script tag; one that is malformed is a text as a whole."""
    try:
        script = amf.read_script(content)
    except LabelError:
        yield Block(kind="raw", place="FLV script tag", content=content, scheme="flv-script")
        return
    for value in script.values:
        text = amf.text_of(content, value)
        if text is None:
            continue
        key = value.path[-1]
        place = f"FLV {script.name[:40]!a} {'.'.join(value.path)[:79]!a}"
        if script.name == _XMP:
            yield Block(kind="xmp", place=place, content=text)
        else:
            own = script.name == _METADATA and value.path == (key,) and _is_own(key)
            scheme = "tc260-flv" if own else "flv-script"
            yield Block(kind="text", place=place, content=text, key=key, scheme=scheme)


def _is_own(name: str) -> bool:
    """Say whether a property is called AIGC, in any case."""
    return name.casefold() == WRAPPER.casefold()


def _with_label(content: bytes, value: str) -> bytes:
    """Return the content of onMetaData with the label as its last property."""
    content = _collapsed(content, depth=2)
    script = amf.read_script(content)
    if not amf.is_named(script):
        raise CorruptMedia("the metadata tag of the FLV is malformed: it has no properties")
    kept = bytearray()
    position, dropped = script.first, 0
    for prop in amf.own_properties(script):
        if _is_own(prop.path[0]):
            kept += content[position : prop.start]
            position, dropped = prop.end, dropped + 1
    kept += content[position : script.last]
    entry = amf.text_property(WRAPPER, value.encode())
    head = amf.with_count(content, script, 1 - dropped)
    others = bytes(blanked(bytes(kept)) if holds_label(kept) else kept)
    return head + others + entry + content[script.last :]


def _pieces(file: BinaryIO, anchor: int, label: bytes, move: _Move) -> Iterator[Piece]:
    """Yield the new file: the tag of the label at its place, all others as they were."""
    yield Span(0, anchor)
    yield label
    position = last = move.behind
    for tag in read_tags(file):
        last = max(last, tag.next)
        if tag.type == _SCRIPT and tag.start >= position:
            yield Span(position, tag.body)
            yield _moved(_collapsed(_content(file, tag)), move)
            position = tag.end
    end = move.size
    yield Span(position, last)
    yield blanked_tail(file, last, end)


def _collapsed(content: bytes, depth: int = 1) -> bytes:
    """
    Return the content of a script tag, of the same size, without labels.

    Properties called AIGC are renamed when they stand at a depth or deeper.
    """
    if not holds_label(content):
        return content
    try:
        script = amf.read_script(content)
    except LabelError:
        return blanked(content)
    out = bytearray(content)
    for value in script.values:
        text = amf.text_of(content, value)
        if text is not None and script.name == _XMP:
            changed = xmp.collapse(text)
            out[value.body : value.end] = changed.ljust(len(text))[: len(text)]
        elif text is not None and len(value.path) >= depth and _is_own(value.path[-1]):
            name = len(value.path[-1].encode())
            out[value.start + 2 : value.start + 2 + name] = b"void"[:name]
            out[value.body : value.end] = b" " * len(text)
    return bytes(out) if depth > 1 else blanked(bytes(out))


def _moved(content: bytes, move: _Move) -> bytes:
    """Return the content of a script tag with the places in the file that it names moved."""
    if not move.by:
        return content
    try:
        script = amf.read_script(content)
    except LabelError:
        return content
    out = bytearray(content)
    for value in script.values:
        if value.type == amf.NUMBER and value.path in _PLACES | _LENGTHS:
            number = _number(content, value)
            far = number >= move.behind if value.path in _PLACES else number == move.size
            if far:
                struct.pack_into(">d", out, value.body, number + move.by)
    return bytes(out)
