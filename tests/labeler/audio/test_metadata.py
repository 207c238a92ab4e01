"""The label as metadata of sound: one copy, read back, in the form that was asked for."""

from __future__ import annotations

from hashlib import sha256

import pytest

from labeler.containers.audio import riff
from labeler.containers.registry import file_container_of
from labeler.containers.sounds import SOUNDS
from labeler.containers.value import parse_value
from labeler.errors import (
    CorruptMedia,
    InvalidLabel,
    LabelConflict,
    LayerFailed,
    UnknownPolicy,
    UnsupportedMedia,
)
from labeler.media import check_extension, open_sound_header
from labeler.metadata import write_fields, write_label
from labeler.model import Label
from makers import OTHER_PRODUCER, PRODUCER
from rich_pictures import OLD, packet
from rich_sounds import FORMATS, container_name, rich_sound, with_wav_chunks


def copies(data: bytes):
    return [carrier.text for carrier in SOUNDS[open_sound_header(data).format].find(data)]


def digest(data: bytes) -> str:
    return sha256(b"".join(file_container_of(data).payload_bytes(data))).hexdigest()


@pytest.mark.parametrize("kind", FORMATS)
def test_label_is_written_once_and_the_sound_keeps_its_digest(kind, label):
    data = rich_sound(kind)
    out = write_label(data, label)
    assert copies(out) == [label.to_json()]
    assert write_label(out, label) == out
    assert digest(out) == digest(data)


@pytest.mark.parametrize("kind", ["wav", "mp3", "mp3-v23", "flac", "opus", "m4a", "aiff", "wma"])
def test_company_name_and_wrapped_form_survive(kind):
    label = Label(producer="某某科技", content_id="x", allow_name=True)
    (text,) = copies(write_label(rich_sound(kind), label, value_form="wrapped"))
    assert text == f'{{"AIGC":{label.to_json()}}}'
    assert parse_value(text).fields["ContentProducer"] == "某某科技"


def test_platform_fields_replace_the_old_copy():
    data = with_wav_chunks(rich_sound("wav"), (b"AIGC", OLD.encode()))
    fields = parse_value(OLD).fields | {"ContentPropagator": OTHER_PRODUCER}
    out = write_fields(data, fields)
    assert [parse_value(text).fields for text in copies(out)] == [fields]


def test_label_among_words_in_xmp_is_refused_not_dropped():
    words = packet(f"<dc:description>by me AIGC{OLD.replace(chr(34), '&quot;')}</dc:description>")
    with pytest.raises(LabelConflict, match=r"6\.1 c"):
        write_fields(with_wav_chunks(rich_sound("wav"), (b"_PMX", words)), {"Label": "1"})


def test_nonsense_is_refused_with_advice(label):
    with pytest.raises(UnknownPolicy, match="known are guide, wrapped"):
        write_label(rich_sound("wav"), label, value_form="base64")
    with pytest.raises(InvalidLabel, match="no field"):
        write_fields(rich_sound("wav"), {"Timestamp": "1"})
    with pytest.raises(UnsupportedMedia, match="binary data"):
        write_label(bytes(range(256)), label)
    with pytest.raises(CorruptMedia):
        write_label(rich_sound("wav")[:500], label)


def test_a_writer_that_touches_sound_or_writes_nothing_is_caught(label, monkeypatch):
    monkeypatch.setattr(riff, "write", lambda data, _: data)
    with pytest.raises(LayerFailed, match="0 times"):
        write_label(rich_sound("wav"), label)
    spoiled = bytearray(with_wav_chunks(rich_sound("wav"), (b"AIGC", label.to_json().encode())))
    spoiled[-1] ^= 1
    monkeypatch.setattr(riff, "write", lambda *_: bytes(spoiled))
    with pytest.raises(LayerFailed, match="content changed"):
        write_label(rich_sound("wav"), label)


def test_wrong_extensions_are_told_by_content(tmp_path):
    for kind in FORMATS:
        name = container_name(kind)
        check_extension(tmp_path / f"a.{name}", name)
        with pytest.raises(UnsupportedMedia, match="call it"):
            check_extension(tmp_path / "a.png", name)


def test_producer_stands_in_the_file(label):
    assert PRODUCER.encode() in write_label(rich_sound("ogg"), label)
