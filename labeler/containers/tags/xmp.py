"""
TC260:AIGC in XMP packets: find every copy, merge one into what is there (20259A clause 6).

A packet is edited as bytes: old copies are cut out, one ``rdf:Description`` is put in, and nothing
else moves, so all other properties stay as they were (R-34).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from labeler.annex_e import FIELDS, dump_fields
from labeler.containers.model import Carrier
from labeler.containers.tags import xmp_tree
from labeler.containers.value import locate_label
from labeler.errors import CorruptMedia, LabelConflict, LabelError
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Iterator

    from labeler.containers.tags.xmp_tree import Node, Tree


NAMESPACE = "http://www.tc260.org.cn/ns/AIGC/1.0/"
"""The namespace of 20259A clause 6; its prefix is TC260 and its property AIGC."""

IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
"""The namespace of IPTC Extension, whose DigitalSourceType says how content came about."""

NEWSCODES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
"""Where its words come from."""

_SOURCE = "DigitalSourceType"
_HEAD = b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>'
_TAIL = b'<?xpacket end="w"?>'
_TRACES = (b"aigc", b"xmpkvbase64", b"contentproducer", b"serviceprovider")
_BROKEN = re.compile(
    r"""[\w.-]+:AIGC\s*=\s*(?:"([^"]*+)"|'([^']*+)')|<[\w.-]+:AIGC(?:\s[^>]*+)?>([^<]*+)</""",
    re.IGNORECASE,
)
_PADDING = re.compile(rb"[ \t\r\n]{64,}(?=<\?xpacket\s+end)")
_ORIENTATION = re.compile(rb"""(tiff:Orientation(?:\s*=\s*["']|>))[1-8](?=["'<])""")
_FIELD_NAMES = {name.casefold(): name for name in FIELDS}
_PROPERTIES = frozenset({"aigc", "xmpkvbase64"})
_TELLING = _PROPERTIES | _FIELD_NAMES.keys()
"""Local names, in lower case, that a label or a part of one goes by."""

_MAX_COPIES = 100


def find(packet: bytes, place: str) -> tuple[Carrier, ...]:
    """
    Return every copy of a label in one XMP packet, in document order.

    Reads the element and the attribute form, any prefix bound to the namespace, prefixes that are
    never bound, AIGC in namespaces of others, and one property per field (R-50).
    """
    if len(packet) > LIMITS.xmp_bytes:
        return (_fault(place, f"metadata oversized: more than {LIMITS.xmp_bytes} bytes of XMP"),)
    low = xmp_tree.to_utf8(packet).lower()
    if not any(trace in low for trace in _TRACES):
        return ()
    try:
        tree = xmp_tree.parse(packet)
    except CorruptMedia as error:
        return (_fault(place, str(error)), *_find_broken(packet, place))
    except LabelError as error:
        return (_fault(place, str(error)),)
    return tuple(carrier for carrier, _ in _copies(tree.root, place)) if tree else ()


def merge(packet: bytes, value: str, source_type: str = "") -> bytes:
    """
    Return the packet with ``value`` as its one TC260:AIGC property, all else unchanged.

    An empty packet gives a new one. With ``source_type`` the packet states that as well (`state`).

    Raises
    ------
    CorruptMedia
        There is a packet that cannot be parsed: replacing it would drop the properties of others.
    LabelConflict
        It states another source type already.
    """
    # The label last: labelling again then puts it back where it was.
    return _merged(state(packet, source_type) if source_type else packet, value)


def state(packet: bytes, source_type: str) -> bytes:
    """
    Return the packet with Iptc4xmpExt:DigitalSourceType, one word of the IPTC NewsCodes.

    An empty packet gives a new one, and one that states the word already stays as it is. Raises as
    `merge` does.
    """
    told = [name.strip().rpartition("/")[2] for name in read_property(packet, IPTC, _SOURCE)]
    if source_type in told:
        return packet
    if told:
        raise LabelConflict(
            f"its XMP states DigitalSourceType {told[0][:60]!a} already; that is never changed here"
        )
    tree = xmp_tree.parse(packet) if packet.strip(b" \t\r\n\0") else None
    if tree is None:
        return _fresh(_statement("rdf", "", source_type))
    rdf = next((node for node in tree.root.walk() if node.local == "RDF"), None)
    if rdf is None:
        raise CorruptMedia("the XMP block holds no RDF that a source type could go into")
    content = _statement(rdf.name.rpartition(":")[0] or "rdf", _about(rdf), source_type)
    return tree.before + _apply(tree.body, [_inside(tree, rdf, content)]) + tree.after


def _merged(packet: bytes, value: str) -> bytes:
    """Return the packet with ``value`` as its one label."""
    tree = xmp_tree.parse(packet) if packet.strip(b" \t\r\n\0") else None
    if tree is None:
        if packet.strip(b" \t\r\n\0") and not packet.lstrip().startswith(b"<?xpacket"):
            raise CorruptMedia("the XMP block holds no XMP; it is not replaced")
        return _fresh(_description("rdf", "", value))
    body = _put(tree, value, _cut(tree))
    # A packet that came in UTF-16 leaves in UTF-8: its old frame would announce the wrong coding.
    framed = xmp_tree.to_utf8(packet) is packet or b"\0" not in bytes(packet[:64])
    return tree.before + body + tree.after if framed else _HEAD + body + _TAIL


def collapse(packet: bytes) -> bytes:
    """Return a second packet of the same file without copies: the one copy stands in the first."""
    if not find(packet, ""):
        return packet
    tree = xmp_tree.parse(packet)
    if tree is None:
        return packet
    return tree.before + _apply(tree.body, _cut(tree)) + tree.after


def without_padding(packet: bytes) -> bytes:
    """Return the packet without its blank padding, for places that are nearly full."""
    return _PADDING.sub(b"\n", packet)


def with_orientation(packet: bytes, orientation: int) -> bytes:
    """Return the packet with tiff:Orientation set, where it has one."""
    return _ORIENTATION.sub(rb"\g<1>%d" % orientation, packet)


def read_property(packet: bytes, uri: str, local: str) -> tuple[str, ...]:
    """Return the values of one property, in element, list or attribute form; () on bad packets."""
    if local.encode() not in xmp_tree.to_utf8(packet):
        return ()
    try:
        tree = xmp_tree.parse(packet)
    except LabelError:
        return ()
    return tuple(_values(tree.root, uri, local)) if tree else ()


def _values(root: Node, uri: str, local: str) -> Iterator[str]:
    """Yield the texts of a property in document order."""
    for node in root.walk():
        for name, value in node.attributes.items():
            if name.rpartition(":")[2] == local and node.uri(name) == uri:
                yield value
        if node.local == local and node.uri(node.name) == uri:
            resource = [v for n, v in node.attributes.items() if n.endswith(":resource")]
            yield from resource or [_text_of(node)]


def _fault(place: str, why: str) -> Carrier:
    """Return the carrier that says why nothing could be read here."""
    return Carrier(scheme="tc260-xmp", place=place, text="", fault=why)


def _find_broken(packet: bytes, place: str) -> Iterator[Carrier]:
    """Yield copies from a packet that is no XML, as far as they can be made out."""
    text = xmp_tree.to_utf8(packet[: LIMITS.text_bytes]).decode("utf-8", "replace")
    if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
        return
    for count, match in enumerate(_BROKEN.finditer(text)):
        if count < _MAX_COPIES:
            raw = next((group for group in match.groups() if group is not None), "")
            note = "the XMP packet around the label is no well-formed XML"
            text_ = raw.replace("&quot;", '"').replace("&amp;", "&")
            yield Carrier(scheme="tc260-xmp", place=place, text=text_, notes=(note,))


def _copies(root: Node, place: str) -> Iterator[tuple[Carrier, list[tuple[Node, str]]]]:
    """Yield each copy with the elements (name '') and attributes that make it up."""
    parts: dict[str, str] = {}
    makers: list[tuple[Node, str]] = []
    inside: set[int] = set()
    for count, node in enumerate(root.walk()):
        if count > LIMITS.segments:
            return
        if node.parent is not None and id(node.parent) in inside:
            inside.add(id(node))
            continue
        for name, value in node.attributes.items():
            if name.rpartition(":")[2].casefold() not in _TELLING and "{" not in value:
                continue  # most: an editor writes a hundred settings
            yield from _attribute_copies(node, name, value, place)
            if field := _field_of(node, name):
                parts.setdefault(field, value)
                makers.append((node, name))
        if _is_property(node.local):
            inside.add(id(node))
            yield _carrier(node, node.name, _text_of(node), f"{place}, element"), [(node, "")]
        elif field := _field_of(node, node.name):
            parts.setdefault(field, node.text)
            makers.append((node, ""))
        else:
            yield from _free_text(node, place)
    if len(parts) > 1:
        text = dump_fields({name: parts[name] for name in FIELDS if name in parts})
        note = "one XMP property a field, where 20259A clause 6 has one property AIGC"
        yield Carrier(scheme="xmp-fields", place=place, text=text, notes=(note,)), makers


def _is_property(local: str) -> bool:
    """Say whether a local name is that of the label property."""
    return local.casefold() in _PROPERTIES


def _attribute_copies(
    node: Node, name: str, value: str, place: str
) -> Iterator[tuple[Carrier, list[tuple[Node, str]]]]:
    """Yield a copy that is an attribute, or that hides in the text of another attribute."""
    if name == "xmlns" or name.startswith("xmlns:"):
        return
    if _is_property(name.rpartition(":")[2]):
        yield _carrier(node, name, value, f"{place}, attribute"), [(node, name)]
    elif "{" in value and locate_label(value):
        yield (
            Carrier(scheme="xmp-text", place=f"{place}, {name[:40]!a}", text=value),
            [(node, name)],
        )


def _free_text(node: Node, place: str) -> Iterator[tuple[Carrier, list[tuple[Node, str]]]]:
    """Yield a copy that hides in a description or the like."""
    if "{" in node.text and (span := locate_label(node.text)):
        text = node.text[slice(*span)]
        carrier = Carrier(scheme="xmp-text", place=f"{place}, {node.name[:40]!a}", text=text)
        # Words of others around the label stay; `write` then refuses rather than drop them.
        yield carrier, [(node, "")] * (node.text.strip() == text)


def _carrier(node: Node, name: str, text: str, place: str) -> Carrier:
    """Return the carrier of a property called AIGC, with what its namespace has to say."""
    uri = node.uri(name)
    prefix = name.rpartition(":")[0]
    if uri == NAMESPACE:
        return Carrier(scheme="tc260-xmp", place=place, text=text)
    if uri is None and prefix.upper() == "TC260":
        note = "the prefix TC260 is not bound to its namespace (20259A clause 6)"
        return Carrier(scheme="tc260-xmp", place=place, text=text, notes=(note,))
    shown = ascii((uri or prefix)[:80])
    note = f"the property AIGC stands in the namespace {shown}, not in that of 20259A clause 6"
    scheme = "tc260-xmp" if uri and "tc260.org.cn" in uri.casefold() else "xmp-aigc"
    return Carrier(scheme=scheme, place=place, text=text, notes=(note,))


def _text_of(node: Node) -> str:
    """Return the value of a property: its text, its first list item, or its fields as JSON."""
    if node.text.strip() or not node.children:
        return node.text
    fields = {
        _FIELD_NAMES[below.local.casefold()]: below.text
        for below in node.walk()
        if below.local.casefold() in _FIELD_NAMES
    }
    if fields:
        return dump_fields(fields)
    return next((below.text for below in node.walk() if below.text.strip()), "")


def _field_of(node: Node, name: str) -> str:
    """Return the annex E field that a property of its own stands for, '' when it is none."""
    prefix, _, local = name.rpartition(":")
    field = _FIELD_NAMES.get(local.casefold(), "")
    if not field or not prefix or prefix == "xmlns":
        return ""
    bound = f"{prefix} {node.uri(name) or ''}".casefold()
    return field if "aigc" in bound or "tc260" in bound else ""


def _cut(tree: Tree) -> list[tuple[int, int, bytes]]:
    """Return the spans of the body that old copies take up."""
    makers = [maker for _, made in _copies(tree.root, "") for maker in made]
    gone = {(id(node), name) for node, name in makers}
    spans: dict[tuple[int, int], None] = {}
    for node, name in makers:
        shell = node.parent if not name else node
        if shell is not None and _is_empty_shell(shell, gone):
            spans[shell.start, xmp_tree.end_of(tree.body, shell)] = None
        elif name:
            spans[xmp_tree.attribute_span(tree.body, node, name)] = None
        elif _is_property(node.local) or not node.children:
            spans[node.start, xmp_tree.end_of(tree.body, node)] = None
    return [(start, end, b"") for start, end in spans]


def _is_empty_shell(node: Node, gone: set[tuple[int, str]]) -> bool:
    """Say whether a Description holds nothing once the copies are out."""
    if node.local != "Description" or node.text.strip():
        return False
    if any((id(child), "") not in gone for child in node.children):
        return False
    return all(
        name == "xmlns" or name.startswith("xmlns:") or name.endswith(":about")
        for name in node.attributes
        if (id(node), name) not in gone
    )


def _put(tree: Tree, value: str, edits: list[tuple[int, int, bytes]]) -> bytes:
    """Return the body with one Description for the label at the end of rdf:RDF."""
    rdf = next((node for node in tree.root.walk() if node.local == "RDF"), None)
    if rdf is None:
        whole = f'<rdf:RDF xmlns:rdf="{xmp_tree.RDF}">'.encode() + _description("rdf", "", value)
        return _apply(tree.body, [*edits, _inside(tree, tree.root, whole + b"</rdf:RDF>")])
    content = _description(rdf.name.rpartition(":")[0] or "rdf", _about(rdf), value)
    return _apply(tree.body, [*edits, _inside(tree, rdf, content)])


def _about(rdf: Node) -> str:
    """Return what the descriptions of a packet are about; all must say the same."""
    named = (item for node in rdf.children for item in node.attributes.items())
    return next((about for name, about in named if name.endswith(":about")), "")


def _statement(prefix: str, about: str, source_type: str) -> bytes:
    """Return the one element that carries the source type."""
    return (
        f'<{prefix}:Description {prefix}:about={quoteattr(about)} xmlns:Iptc4xmpExt="{IPTC}">'
        f"<Iptc4xmpExt:{_SOURCE}>{NEWSCODES}{escape(source_type)}</Iptc4xmpExt:{_SOURCE}>"
        f"</{prefix}:Description>"
    ).encode()


def _description(prefix: str, about: str, value: str) -> bytes:
    """Return the one element that carries the label."""
    return (
        f'<{prefix}:Description {prefix}:about={quoteattr(about)} xmlns:TC260="{NAMESPACE}">'
        f"<TC260:AIGC>{escape(value)}</TC260:AIGC></{prefix}:Description>"
    ).encode()


def _inside(tree: Tree, node: Node, content: bytes) -> tuple[int, int, bytes]:
    """Return the edit that puts ``content`` last into ``node``, opening an empty element."""
    end = xmp_tree.end_of(tree.body, node)
    if xmp_tree.start_tag_end(tree.body, node) < end:
        return node.close, node.close, content
    return end - 2, end, b">" + content + f"</{node.name}>".encode()


def _apply(body: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    """Return ``body`` with the edits made; a span inside another is already gone with it."""
    pieces: list[bytes] = []
    position = 0
    for start, end, content in sorted(edits):
        if start < position:
            continue
        pieces += [body[position:start], content]
        position = end
    return b"".join([*pieces, body[position:]])


def _fresh(description: bytes) -> bytes:
    """Return a new packet that holds one description only."""
    return (
        _HEAD
        + b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        + f'<rdf:RDF xmlns:rdf="{xmp_tree.RDF}">'.encode()
        + description
        + b"</rdf:RDF></x:xmpmeta>"
        + _TAIL
    )
