"""Key files, sub-keys, and HKDF against the vectors of RFC 5869."""

from __future__ import annotations

import base64
import hashlib
import os

import pytest

from labeler.errors import InvalidKey, OutputFailed
from labeler.keys import DEFAULT_KEY, KEY_BYTES, Key, derive, load_key, new_key_file


SECRET = bytes(range(32))
CASE_2 = (
    "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb"
    "41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
)
posix = pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")


def write(path, content, mode=0o600):
    path.write_bytes(content)
    path.chmod(mode)
    return path


# RFC 5869 appendix A, test cases 1 to 3 (SHA-256).
@pytest.mark.parametrize(
    ("secret", "salt", "info", "expected"),
    [
        (
            "0b" * 22,
            "000102030405060708090a0b0c",
            "f0f1f2f3f4f5f6f7f8f9",
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        ),
        (
            bytes(range(0x50)).hex(),
            bytes(range(0x60, 0xB0)).hex(),
            bytes(range(0xB0, 0x100)).hex(),
            CASE_2,
        ),
        (
            "0b" * 22,
            "",
            "",
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
        ),
    ],
    ids=["case 1", "case 2", "case 3"],
)
def test_derive_is_hkdf_of_rfc_5869(secret, salt, info, expected):
    found = derive(
        bytes.fromhex(secret),
        salt=bytes.fromhex(salt),
        info=bytes.fromhex(info),
        length=len(expected) // 2,
    )
    assert found.hex() == expected


@pytest.mark.parametrize("length", [0, 1, 31, 32, 33, 64, 8160])
def test_a_shorter_derivation_is_the_head_of_a_longer_one(length):
    longest = derive(SECRET, salt=b"s", info=b"i", length=8160)
    assert derive(SECRET, salt=b"s", info=b"i", length=length) == longest[:length]


def test_more_than_rfc_5869_allows_is_refused():
    with pytest.raises(ValueError, match="8160"):
        derive(SECRET, salt=b"", info=b"", length=8161)


def test_every_purpose_and_every_key_has_its_own_subkey():
    one, two = Key("one", SECRET), Key("two", SECRET[::-1])
    subkeys = {key.subkey(p) for key in (one, two) for p in ("image-v1", "image-v2", "")}
    assert len(subkeys) == 6
    assert one.subkey("image-v1") == Key("other name", SECRET).subkey("image-v1")
    assert len(one.subkey("image-v1", 16)) == 16


def test_the_published_key_never_changes():
    assert DEFAULT_KEY.name == "default"
    text = b"aigc-label published default key, 2025-09-01"
    assert DEFAULT_KEY.secret == hashlib.sha256(text).digest()


def test_a_key_never_shows_its_secret():
    key = Key("mine", SECRET)
    for text in (repr(key), str(key), f"{key}"):
        assert text == "Key('mine')"


@pytest.mark.parametrize(
    "content",
    [
        SECRET,
        SECRET.hex().encode(),
        SECRET.hex().upper().encode() + b"\n",
        base64.b64encode(SECRET),
        b"  " + base64.b64encode(SECRET) + b"\r\n",
    ],
    ids=["raw", "hex", "upper hex", "base64", "padded base64"],
)
def test_a_key_file_is_raw_hex_or_base64(tmp_path, content):
    key = load_key(write(tmp_path / "my.key", content))
    assert (key.name, key.secret) == ("my.key", SECRET)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        SECRET[:-1],
        SECRET + b"\0",
        SECRET[:-1].hex().encode(),
        (SECRET + b"\0").hex().encode(),
        base64.b64encode(SECRET + b"\0"),
        base64.b64encode(SECRET[:16]),
        b"not a key",
        "钥匙".encode(),
        b"\xff" * 40,
        base64.b64encode(SECRET) + b"\n" * 5000,
    ],
)
def test_anything_else_is_no_key_and_its_content_is_not_shown(tmp_path, content):
    path = write(tmp_path / "my.key", content)
    with pytest.raises(InvalidKey, match="keys new") as caught:
        load_key(path)
    assert SECRET.hex()[:20] not in str(caught.value)


@posix
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o666, 0o620])
def test_a_key_that_others_may_touch_is_refused(tmp_path, mode):
    path = write(tmp_path / "my.key", SECRET, mode)
    with pytest.raises(InvalidKey, match="chmod 600"):
        load_key(path)


@posix
@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_private_key_is_read(tmp_path, mode):
    assert load_key(write(tmp_path / "my.key", SECRET, mode)).secret == SECRET


def test_a_missing_key_file_is_named(tmp_path):
    with pytest.raises(InvalidKey, match=r"none\.key"):
        load_key(tmp_path / "none.key")
    with pytest.raises(InvalidKey):
        load_key(tmp_path)


def test_a_new_key_reads_back_and_every_one_differs(tmp_path):
    keys = [load_key(new_key_file(tmp_path / f"{n}.key")) for n in range(3)]
    assert len({key.secret for key in keys}) == 3
    assert all(len(key.secret) == KEY_BYTES for key in keys)


@posix
def test_a_new_key_is_private_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        path = new_key_file(tmp_path / "my.key")
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_is_never_overwritten(tmp_path):
    path = new_key_file(tmp_path / "my.key")
    before = path.read_bytes()
    with pytest.raises(OutputFailed, match="never overwritten"):
        new_key_file(path)
    assert path.read_bytes() == before
    with pytest.raises(OutputFailed):
        new_key_file(tmp_path / "no folder" / "my.key")
