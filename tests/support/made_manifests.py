"""C2PA manifest stores made by hand, in every picture format: well-formed boxes, nothing signed."""

from __future__ import annotations

import struct

from labeler.containers.boxes import box
from labeler.containers.image.isobmff import C2PA_UUID
from labeler.containers.image.jpeg_parts import segment
from labeler.containers.sniffing import sniff
from rich_pictures import FORMATS, rich


PREFIX = b"http://cv.iptc.org/newscodes/digitalsourcetype/"


def described(label: bytes, *content: bytes) -> bytes:
    return box(b"jumb", box(b"jumd", bytes(16) + b"\x03" + label + b"\0") + b"".join(content))


def claim(word: bytes, generator: bytes = b"maker") -> bytes:
    url = PREFIX + word
    text = b"\x78" + bytes([len(url)]) + url
    name = bytes([0x60 + len(generator)]) + generator
    return box(
        b"cbor", b"\xa2\x6fclaim_generator" + name + b"\x71digitalSourceType" + text + b"\x62ok"
    )


def store(*words: bytes) -> bytes:
    manifests = [described(b"urn:uuid:%d" % i, claim(word)) for i, word in enumerate(words)]
    return described(b"c2pa", *manifests)


def in_format(kind: str, content: bytes) -> bytes:
    data = rich(kind)
    name = sniff(data)
    if name == "jpeg":
        half = len(content) // 2
        head = b"JP\0\1"
        first = segment(0xEB, head + struct.pack(">I", 1) + content[:half])
        second = segment(0xEB, head + struct.pack(">I", 2) + content[:8] + content[half:])
        return data[:2] + first + second + data[2:]
    if name == "png":
        return (
            data[:33] + struct.pack(">I", len(content)) + b"caBX" + content + bytes(4) + data[33:]
        )
    if name == "webp":
        whole = data + b"C2PA" + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)
        return whole[:4] + struct.pack("<I", len(whole) - 8) + whole[8:]
    if name == "gif":
        rows = [content[i : i + 255] for i in range(0, len(content), 255)]
        body = b"".join(bytes([len(row)]) + row for row in rows)
        return data[:-1] + b"\x21\xff\x0bC2PA_GIF\x01\0\0" + body + b"\0\x3b"
    return data + box(b"uuid", C2PA_UUID + bytes(4) + b"manifest\0" + bytes(8) + content)


HOMES = [kind for kind in FORMATS if not kind.startswith("tiff")]
