"""SM2 and its keys, against published vectors, OpenSSL and a library of others."""

from __future__ import annotations

import os
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeler.errors import InvalidKey, OutputFailed
from labeler.signing import der, keys, sm2


# GM/T 0009 examples are not public; these are rows of OpenSSL's own test data for its SM2 key 1.
POINT = (
    0x393A2AD9E27E43ACAAAB85A19D3B85591E14406157175ADDD37BF77FF0CAF9ED,
    0x37FCF3A8B4F55C038523261FCA6636AFE6A7AFA2A1482A606F5CB3A18B2E2A1E,
)
STEPFUN = bytes.fromhex(
    "5728F08C58D9C72150A705693EF7337859F8FF216E802630041AFAE5C036F0A6"
    "7CB1FDF8C57F5F8B623284AE09E4E545464B7140B26BBDA51BAE965F854C57AA"
)


def openssl(*words, folder):
    done = subprocess.run(
        ["openssl", *words], cwd=folder, capture_output=True, check=False, timeout=60
    )
    if b"nable to load" in done.stderr or b"nvalid command" in done.stderr:
        pytest.skip("this OpenSSL has no SM2")
    return done


@pytest.fixture
def key(tmp_path):
    pytest.importorskip("gmalg", reason="the extra sm is not installed")
    return keys.new_signing_key(tmp_path / "key.pem", "sm2")


def test_sm3_gives_the_digest_of_the_standard():
    assert sm2.sm3(b"abcd" * 16).hex() == (
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    )


def test_published_points_are_on_the_curve_and_their_neighbours_are_not():
    assert sm2.on_curve(POINT)
    assert not sm2.on_curve((POINT[0], POINT[1] + 1))
    assert not sm2.on_curve((POINT[0] + sm2.P, POINT[1]))
    assert (
        sm2.public_point(1)[0] == 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
    )


def test_every_encoding_of_a_key_gives_its_point():
    x, y = POINT
    wide = x.to_bytes(32, "big"), y.to_bytes(32, "big")
    parity = b"\x03" if y & 1 else b"\x02"
    for encoded in (
        sm2.SPKI_HEAD + b"\x04" + wide[0] + wide[1],
        b"\x04" + wide[0] + wide[1],
        wide[0] + wide[1],
        parity + wide[0],
    ):
        assert sm2.point_of(encoded) == POINT
    even = POINT if not y & 1 else (x, sm2.P - y)
    assert sm2.point_of(b"\0" + wide[0]) == even
    assert sm2.point_of(wide[0]) == even


@pytest.mark.parametrize("size", [0, 1, 31, 34, 63, 66, 90, 92, 500])
def test_keys_of_a_wrong_length_are_none(size):
    assert sm2.point_of(b"\x04" * size) is None


def test_a_signature_verifies_and_no_changed_byte_of_it_does(key):
    signature = key.sign(b"message")
    point = sm2.point_of(key.public)
    assert sm2.verify(point, b"message", signature)
    assert not sm2.verify(point, b"messagf", signature)
    for at in range(len(signature)):
        changed = bytearray(signature)
        changed[at] ^= 1
        assert not sm2.verify(point, b"message", bytes(changed))


def test_openssl_accepts_our_keys_and_signatures(key, tmp_path):
    (tmp_path / "message").write_bytes(b"message")
    (tmp_path / "signature").write_bytes(key.sign(b"message"))
    openssl("pkey", "-in", "key.pem", "-pubout", "-out", "public.pem", folder=tmp_path)
    done = openssl(
        *("pkeyutl", "-verify", "-pubin", "-inkey", "public.pem", "-rawin", "-in", "message"),
        *("-sigfile", "signature", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678"),
        folder=tmp_path,
    )
    assert done.returncode == 0, done.stderr


def test_we_accept_keys_and_signatures_of_openssl(tmp_path):
    openssl("genpkey", "-algorithm", "SM2", "-out", "key.pem", folder=tmp_path)
    (tmp_path / "key.pem").chmod(0o600)
    (tmp_path / "message").write_bytes(b"message")
    openssl(
        *("pkeyutl", "-sign", "-inkey", "key.pem", "-rawin", "-in", "message", "-out", "signature"),
        *("-digest", "sm3", "-pkeyopt", "distid:1234567812345678"),
        folder=tmp_path,
    )
    key = keys.load_signing_key(tmp_path / "key.pem")
    signature = (tmp_path / "signature").read_bytes()
    assert keys.verify("sm2", key.public, b"message", signature)


def test_ed25519_keys_go_to_openssl_and_back(tmp_path):
    pytest.importorskip("cryptography", reason="the extra sign is not installed")
    openssl("genpkey", "-algorithm", "ED25519", "-out", "theirs.pem", folder=tmp_path)
    (tmp_path / "theirs.pem").chmod(0o600)
    key = keys.load_signing_key(tmp_path / "theirs.pem")
    signature = key.sign(b"message")
    assert keys.verify("ed25519", key.public, b"message", signature)
    assert not keys.verify("ed25519", key.public, b"massage", signature)
    ours = keys.new_signing_key(tmp_path / "ours.pem", "ed25519")
    done = openssl("pkey", "-in", "ours.pem", "-pubout", "-outform", "DER", folder=tmp_path)
    assert done.stdout == keys.ED25519_HEAD + ours.public


@pytest.mark.parametrize("algorithm", ["sm2", "ed25519"])
def test_a_new_key_is_private_read_back_and_never_overwritten(algorithm, tmp_path):
    path = tmp_path / "key.pem"
    made = keys.new_signing_key(path, algorithm)
    assert keys.load_signing_key(path) == made
    assert path.stat().st_mode & 0o777 == 0o600
    assert made.secret.hex() not in repr(made)
    with pytest.raises(OutputFailed, match="never overwritten"):
        keys.new_signing_key(path, algorithm)


BAD_KEYS = {
    "nothing": b"",
    "words": b"this is no key\n",
    "a torn block": b"-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----\n",
    "another kind": der.to_pem("PRIVATE KEY", bytes.fromhex("300602010030010a")),
    "a short key": der.to_pem(
        "PRIVATE KEY",
        bytes.fromhex("301402010030050603 2b6570 0408 0406 010203040506".replace(" ", "")),
    ),
    "a public key": der.to_pem("PUBLIC KEY", sm2.SPKI_HEAD + b"\x04" + STEPFUN),
    "a password": der.to_pem("ENCRYPTED PRIVATE KEY", bytes(40)),
    "too long": b"-" * 70_000,
}


@pytest.mark.parametrize("what", BAD_KEYS)
def test_files_that_are_no_signing_key_give_one_clear_error(what, tmp_path):
    path = tmp_path / "bad.pem"
    path.write_bytes(BAD_KEYS[what])
    path.chmod(0o600)
    with pytest.raises(InvalidKey, match=r"bad\.pem: "):
        keys.load_signing_key(path)


@pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")
def test_a_key_that_others_may_read_is_refused(tmp_path):
    path = tmp_path / "open.pem"
    keys.new_signing_key(path, "sm2")
    path.chmod(0o644)
    with pytest.raises(InvalidKey, match="chmod 600"):
        keys.load_signing_key(path)


@settings(max_examples=200)
@given(st.binary(max_size=120))
def test_no_bytes_make_the_parsers_raise_anything_but_value_errors(data):
    for parse in (der.read_elements, der.read_pair, keys._private_key):
        try:
            parse(data)
        except (ValueError, IndexError):
            continue
    point = sm2.point_of(data)
    assert point is None or not sm2.verify(point, b"message", data)


@given(st.integers(min_value=0, max_value=2**300), st.binary(max_size=300))
def test_elements_written_are_elements_read(number, content):
    written = der.integer(number) + der.element(der.OCTETS, content)
    (first, second) = der.read_elements(written)
    assert int.from_bytes(first[1], "big") == number
    assert second == (der.OCTETS, content)
