"""Packets: every form of the property, merged without moving anything else."""

from __future__ import annotations

import pytest

from labeler.containers.tags import xmp, xmp_tree
from labeler.errors import CorruptMedia, MediaTooLarge
from rich_pictures import NAMESPACE, OLD, VALUE, packet


ESCAPED = OLD.replace('"', "&quot;")
EMPTY = [
    b"",
    b" \0\n",
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>',
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>',
    b'<?xpacket begin=""?><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></r:RDF>',
    b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><?xpacket end="w"?>',
]


@pytest.mark.parametrize("old", EMPTY)
def test_empty_packets_take_a_label(old):
    merged = xmp.merge(old, VALUE)
    assert [carrier.text for carrier in xmp.find(merged, "")] == [VALUE]
    assert xmp.merge(merged, VALUE) == merged


def test_everything_outside_the_label_stays_byte_for_byte():
    old = packet()
    merged = xmp.merge(old, VALUE)
    at = merged.index(b'<rdf:Description rdf:about="" xmlns:TC260')
    end = merged.index(b"</rdf:RDF>")
    assert merged[:at] + merged[end:] == old
    label = f"<TC260:AIGC>{VALUE}</TC260:AIGC>"
    assert label.encode() in merged


def test_description_of_others_loses_only_the_label():
    body = f"<TC260:AIGC>{ESCAPED}</TC260:AIGC><dc:rights>all</dc:rights>"
    old = packet(body, f'xmlns:TC260="{NAMESPACE}" xmlns:q="{NAMESPACE}" q:AIGC="{ESCAPED}"')
    merged = xmp.merge(old, VALUE)
    assert [carrier.text for carrier in xmp.find(merged, "")] == [VALUE]
    assert b"<dc:rights>all</dc:rights>" in merged
    assert b"old-009" not in merged


def test_about_follows_the_packet():
    old = packet().replace(b'rdf:about=""', b'rdf:about="uuid:1&amp;2"')
    assert xmp.merge(old, VALUE).count(b'rdf:about="uuid:1&amp;2"') == 2


def test_structure_and_list_values_are_read():
    fields = "<TC260:Label>1</TC260:Label><TC260:ProduceID>9</TC260:ProduceID>"
    struct = f'<TC260:AIGC rdf:parseType="Resource">{fields}</TC260:AIGC>'
    lists = f"<TC260:AIGC><rdf:Alt><rdf:li>{ESCAPED}</rdf:li></rdf:Alt></TC260:AIGC>"
    bound = f'xmlns:TC260="{NAMESPACE}"'
    assert xmp.find(packet(struct, bound), "")[0].text == '{"Label":"1","ProduceID":"9"}'
    assert xmp.find(packet(lists, bound), "")[0].text == OLD
    for body in (struct, lists):
        assert len(xmp.find(xmp.merge(packet(body, bound), VALUE), "")) == 1


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_wide_packets_are_read_and_leave_in_utf_8(coding):
    body = packet(f"<TC260:AIGC>{ESCAPED}</TC260:AIGC>", f'xmlns:TC260="{NAMESPACE}"')
    wide = body.decode().removeprefix("\ufeff").encode(coding)
    assert [carrier.text for carrier in xmp.find(wide, "")] == [OLD]
    merged = xmp.merge(wide, VALUE)
    assert [carrier.text for carrier in xmp.find(merged, "")] == [VALUE]
    assert "friends" in merged.decode("utf-8")


def test_empty_property_still_surfaces():
    carrier = xmp.find(packet("<TC260:AIGC/>", f'xmlns:TC260="{NAMESPACE}"'), "")[0]
    assert carrier.text == ""
    assert not carrier.fault


@pytest.mark.parametrize(
    "declared", ["<!DOCTYPE x>", '<!DOCTYPE x [<!ENTITY a "b">]>', "<!ENTITY a>"]
)
def test_declared_entities_are_refused_before_parsing(declared):
    hostile = declared.encode() + packet(f"<TC260:AIGC>{ESCAPED}</TC260:AIGC>")
    found = xmp.find(hostile, "here")
    assert [carrier.text for carrier in found] == [""]
    assert "DTD" in found[0].fault
    with pytest.raises(CorruptMedia, match="DTD"):
        xmp.merge(hostile, VALUE)


def test_label_in_a_broken_packet_is_found_with_a_note():
    broken = packet(f"<TC260:AIGC>{ESCAPED}</TC260:AIGC><open>", f'xmlns:TC260="{NAMESPACE}"')
    found = [carrier for carrier in xmp.find(broken, "") if not carrier.fault]
    assert [carrier.text for carrier in found] == [OLD]
    assert "no well-formed XML" in found[0].notes[0]


def test_deep_and_long_packets_are_refused():
    with pytest.raises(MediaTooLarge, match="levels"):
        xmp_tree.parse(b"<rdf:RDF>" + b"<a>" * 100_000 + b"</rdf:RDF>")
    with pytest.raises(MediaTooLarge, match="elements"):
        xmp_tree.parse(b"<rdf:RDF>" + b"<a/>" * 110_000 + b"</rdf:RDF>")


def test_padding_is_given_up_only_on_request():
    assert b" " * 90 in xmp.merge(packet(), VALUE)
    assert b" " * 90 not in xmp.without_padding(packet())


def test_orientation_is_set_where_it_stands():
    attribute = packet("", 'xmlns:tiff="t" tiff:Orientation="6"')
    element = packet("<tiff:Orientation>6</tiff:Orientation>")
    assert b'tiff:Orientation="1"' in xmp.with_orientation(attribute, 1)
    assert b"<tiff:Orientation>1</" in xmp.with_orientation(element, 1)


def test_property_is_read_in_all_forms():
    uri = "http://e/"
    bodies = [
        packet("<e:kind>a</e:kind>", f'xmlns:e="{uri}"'),
        packet("", f'xmlns:e="{uri}" e:kind="a"'),
        packet("<e:kind><rdf:Bag><rdf:li>a</rdf:li></rdf:Bag></e:kind>", f'xmlns:e="{uri}"'),
        packet('<e:kind rdf:resource="a"/>', f'xmlns:e="{uri}"'),
    ]
    for body in bodies:
        assert xmp.read_property(body, uri, "kind") == ("a",)
    assert xmp.read_property(bodies[0], "http://other/", "kind") == ()
    assert xmp.read_property(b"<rdf:RDF kind", uri, "kind") == ()


def test_a_packet_is_parsed_once_for_all_its_readers():
    held = packet()
    assert xmp_tree.parse(held) is xmp_tree.parse(bytes(bytearray(held)))
    long = packet(title="x" * 70_000)
    assert xmp_tree.parse(long) is not xmp_tree.parse(long)
