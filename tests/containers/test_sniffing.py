from __future__ import annotations

import pytest

from labeler.containers.sniffing import sniff


KNOWN = {
    b"\xff\xd8\xff\xe0": "jpeg",
    b"RIFF\0\0\0\0WEBPVP8 ": "webp",
    b"RIFF\0\0\0\0WAVEfmt ": "wav",
    b"MM\0+\0\x08\0\0": "tiff",
    b"PK\3\4": "zip",
    b'<?xml version="1.0"?>\n<svg xmlns="x">': "svg",
    b"\xef\xbb\xbf<!DOCTYPE html><html>": "html",
    b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic": "heic",
    b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf": "avif",
    b"\0\0\0\x18ftypisom\0\0\0\0isommp42": "mp4",
    b"\0\0\0\x14ftypmif1\0\0\0\0mif1": "heif",
    b"\0\0\0\x18ftypM4A \0\0\0\0isommp42": "m4a",
    b"RF64\xff\xff\xff\xffWAVEds64": "wav",
    b"BW64\xff\xff\xff\xffWAVEds64": "wav",
    b"FORM\0\0\0\0AIFFCOMM": "aiff",
    b"FORM\0\0\0\0AIFCFVER": "aiff",
    b"OggS\0\2": "ogg",
    b"OggS\0\2" + bytes(22) + b"\x80theora": "ogv",
    b"ID3\4\0\0\0\0\0\0": "mp3",
    b"ID3\4\0\0\0\0\0\0fLaC": "flac",
    b"ID3\4\0\0\0\0\0\0\xff\xf1\x50\x80\x01\x00\xfc\0": "aac",
    bytes.fromhex("3026B2758E66CF11A6D900AA0062CE6C"): "wma",
    bytes.fromhex("3026B2758E66CF11A6D900AA0062CE6C 3000")
    + bytes(6)
    + bytes.fromhex("C0EF19BC4D5BCF11A8FD00805F5C442B"): "wmv",
    b"\x1a\x45\xdf\xa3\x88\x42\x82\x88matroska": "mkv",
    b"\x1a\x45\xdf\xa3\x88\x42\x82\x84webm": "webm",
    b"FLV\1\5": "flv",
    b"RIFF\0\0\0\0AVI LIST": "avi",
    b"\0\0\0\x14ftypqt  \0\0\0\0qt  ": "mov",
    b"\0\0\x10\0moov": "mov",
    b"\0\0\0\x08wide\0\0\0\0mdat": "mov",
    b"\0\0\0\x18ftypcrx \0\0\0\1crx isom": "cr3",
    (b"\x47" + bytes(187)) * 3: "mpegts",
    (bytes(4) + b"\x47" + bytes(187)) * 3: "mpegts",
    b"\0\0\1\xba\x44": "mpegps",
    b"\0\0\0\1\x67\x42": "annexb",
    b"DKIF\0\0": "ivf",
}


@pytest.mark.parametrize("data", KNOWN)
def test_formats_are_known_by_their_content(data):
    assert sniff(data) == KNOWN[data]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"R",
        b"RIFF",
        b"hello",
        bytes(64),
        b"RIFF\0\0\0\0XXXX",
        b"<" * 5000,
        b"FORM\0\0\0\0ILBM",
        b"\xff\xfeh\0i\0",
        b"GGG" * 100,
        b"\0\0\0\x08free\0\0\0\x08abcd",
    ],
)
def test_unknown_content_is_no_format(data):
    assert sniff(data) is None


def test_crowded_files_are_named_without_an_error():
    assert sniff(b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + b"\0\0\0\x08free" * 20_000) == "mp4"
