"""SecurityData in the reserved fields: the five states of R-52, the guide's form and ours."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.containers.registry import carriers_of
from labeler.containers.value import parse_value
from labeler.errors import InvalidKey
from labeler.model import Label
from labeler.signing import keys, sm2
from labeler.signing.checking import check_reserved, overall
from labeler.signing.security_data import (
    build_security,
    content_digest,
    parse_security,
    sign_label,
)
from labeler.signing.trust import Trust, load_trust
from makers import OTHER_PRODUCER, PRODUCER


CONTENT = (b"media ", b"bytes")


def digest(name):
    return content_digest(CONTENT, name)


def state(fields, *, trust=None, content=digest):
    checked = check_reserved(fields, digest=content, **({"trust": trust} if trust else {}))
    return overall(checked)


@pytest.fixture(params=["sm2", "ed25519"])
def key(request, tmp_path):
    package = {"sm2": "gmalg", "ed25519": "cryptography"}[request.param]
    pytest.importorskip(package, reason=f"signing with {request.param} needs an extra")
    return keys.new_signing_key(tmp_path / "key.pem", request.param)


@pytest.fixture
def fields(key, label):
    return sign_label(label, key, CONTENT).fields()


def test_a_signed_label_verifies_with_the_key_it_brings(fields):
    found = state(fields)
    assert found.state == "verified-embedded-key"
    assert found.binding == "intact"
    assert "integrity, not origin" in found.detail


def test_a_pinned_key_says_who_signed(fields, key):
    trust = Trust(pinned={PRODUCER: frozenset({key.public})})
    assert state(fields, trust=trust).state == "verified-pinned"
    stranger = Trust(pinned={OTHER_PRODUCER: frozenset({key.public})})
    assert state(fields, trust=stranger).state == "verified-embedded-key"


def test_another_key_than_the_pinned_one_is_said_to_be_another(fields, key, tmp_path):
    other = keys.new_signing_key(tmp_path / "other.pem", key.algorithm)
    found = state(fields, trust=Trust(pinned={PRODUCER: frozenset({other.public})}))
    assert found.state == "verified-embedded-key"
    assert "none of those pinned" in found.detail


@pytest.mark.parametrize("name", ["Label", "ContentProducer", "ProduceID"])
def test_a_changed_field_fails(fields, name):
    changed = fields | {name: {"Label": "2"}.get(name, fields[name][:-1] + "0")}
    assert state(changed).state == "failed"


def test_the_platforms_fields_may_change(fields):
    assert state(fields | {"ContentPropagator": "P", "PropagateID": "7"}).binding == "intact"


def test_other_content_fails(fields):
    found = state(fields, content=lambda name: content_digest([b"other"], name))
    assert found.state == "failed"
    assert found.binding == "altered"


def test_a_binding_of_other_content_of_the_same_signer_fails(fields, key, label):
    other = Label(producer=PRODUCER, content_id="demo-002")
    stolen = json.loads(sign_label(other, key, [b"other"]).reserved_1)["SecurityData"]
    data = json.loads(fields["ReservedCode1"])["SecurityData"]
    data["Bindings"], data["PubSD"][1] = stolen["Bindings"], stolen["PubSD"][1]
    text = json.dumps({"SecurityData": data}, separators=(",", ":"))
    found = state(
        label.fields() | {"ReservedCode1": text}, content=lambda n: content_digest([b"other"], n)
    )
    assert found.state == "failed"


def test_a_label_signed_without_content_says_so(key, label):
    found = state(sign_label(label, key).fields())
    assert found.state == "verified-embedded-key"
    assert "not bound" in found.detail


def test_the_value_may_be_written_as_annex_e_has_it(fields):
    text = fields["ReservedCode1"]
    assert len(text) < 1200
    assert not set(text) & set(" \\")
    kind = json.loads(text)["SecurityData"]["Type"]
    assert kind == ("TC260PG" if "10197" in text else "aigc-label")


def test_ed25519_is_never_called_the_guides(label, tmp_path):
    pytest.importorskip("cryptography", reason="the extra sign is not installed")
    key = keys.new_signing_key(tmp_path / "own.pem", "ed25519")
    assert "TC260" not in sign_label(label, key, CONTENT).reserved_1


def test_a_platform_signs_its_own_pair(key, label):
    pair = {"ContentPropagator": OTHER_PRODUCER, "PropagateID": "7"}
    fields = label.fields() | pair
    signed = fields | {"ReservedCode2": build_security(fields, key, propagator=True)}
    assert state(signed).state == "verified-embedded-key"
    checked = check_reserved(signed | {"PropagateID": "8"}, digest=digest)
    # What a platform signs is in no public text, so a mismatch proves nothing.
    assert checked["ReservedCode2"].state == "unsupported"


UNSUPPORTED = {
    "a digest": "e862483430d978cbf828b8b24296ef9328d843a0",
    "base64": "S7Wr/Evf+Mq+T3SWymUoO7naAs0WPNLrahOqG9WzR+o=",
    "a UUID": "c7e48111-7f5d-4fb2-8a4f-6c0d4d1c7d33",
    "a list": "[1,2]",
    "another type": '{"SecurityData":{"Type":"OTHER","Version":1}}',
    "the flat form of Tencent": '{"Type":" TC260PG","AlgID":"sm3","Value":"00"}',
    "RSA": '{"SecurityData":{"Type":"TC260PG","PubSd":[{"Type":"DS","AlgID":'
    '"1.2.840.113549.1.1.11","TBSData":{"Type":"Md"},"Signature":"00"}]}}',
    "no signature": '{"SecurityData":{"Type":"TC260PG","Version":1,"PubSD":[]}}',
    "no key": '{"SecurityData":{"Type":"TC260PG","PubSD":[{"Type":"DS","AlgID":'
    '"1.2.156.10197.1.501","TBSData":{"Type":"Md"},"Signature":"3006020101020101"}]}}',
    "nesting": '{"SecurityData":' * 2000,
    "wrong types": '{"SecurityData":{"Type":"TC260PG","PubSD":{"Type":"DS","AlgID":7,"TBSData":3,'
    '"Signature":[1],"KeyID":{}},"Bindings":"x"}}',
    "too long": '{"SecurityData":{"Type":"TC260PG"}}' + " " * 70_000,
}


@pytest.mark.parametrize("what", UNSUPPORTED)
def test_what_cannot_be_checked_is_unsupported_and_never_failed(what, label):
    fields = label.fields() | {"ReservedCode1": UNSUPPORTED[what]}
    assert state(fields).state == "unsupported"


@pytest.mark.parametrize("size", [0, 1, 31, 34, 63, 66, 90, 92])
def test_a_key_of_a_wrong_length_is_unsupported(size, key, label):
    data = json.loads(sign_label(label, key).reserved_1)
    data["SecurityData"]["PubSD"][1]["KeyValue"] = "04" * size
    fields = label.fields() | {"ReservedCode1": json.dumps(data)}
    expected = {"failed"} if size == 32 else {"unsupported"}
    assert state(fields).state in expected


def test_a_key_off_the_curve_fails_as_nothing_can_verify_with_it(label, tmp_path):
    pytest.importorskip("gmalg", reason="the extra sm is not installed")
    key = keys.new_signing_key(tmp_path / "key.pem", "sm2")
    text = sign_label(label, key).reserved_1
    changed = text.replace(key.public.hex().upper()[-1] + '"}', "0" + '"}')
    changed = (
        changed if changed != text else text.replace(key.public.hex().upper()[-1] + '"}', '1"}')
    )
    assert state(label.fields() | {"ReservedCode1": changed}).state == "failed"


def test_nothing_there_is_absent(label):
    assert state(label.fields()).state == "absent"


def test_a_certificate_brings_its_key():
    point = sm2.encode_point(sm2.public_point(5))
    certificate = bytes(40) + sm2.SPKI_HEAD + point + bytes(30)
    data = parse_security(
        json.dumps({"SecurityData": {"Type": "TC260PG", "PubSD": [
            {"Type": "Cert", "KeyValue": certificate.hex()}]}})
    )  # fmt: skip
    assert sm2.point_of(data.keys[0][2]) == sm2.public_point(5)


@given(st.text(max_size=300))
def test_no_text_in_a_reserved_field_raises(text):
    for value in (text, '{"SecurityData":{"Type":"TC260PG","PubSD":[' + text + "]}}"):
        found = check_reserved({"ReservedCode1": value, "ReservedCode2": value}, digest=digest)
        assert overall(found).state in {"absent", "unsupported", "failed"}


class TestStepFun:
    """The genuine signature of law section 10.5: SM2 over the digest of A.1."""

    @pytest.fixture
    def genuine(self, wild):
        data = (wild / "text" / "front_matter_sm2_signature.md").read_bytes()
        return parse_value(carriers_of(data, "x.md")[0].text).fields

    def test_it_verifies(self, genuine):
        found = check_reserved(genuine, digest=digest)
        assert found["ReservedCode1"].state == "verified-embedded-key"
        assert found["ReservedCode2"].state == "unsupported"
        assert overall(found).state == "verified-embedded-key"

    def test_it_is_pinned_where_its_key_is(self, genuine, tmp_path):
        key = json.loads(genuine["ReservedCode1"])["SecurityData"]["PubSD"][1]["KeyValue"]
        (tmp_path / "trust").write_text(f"# StepFun\n{genuine['ContentProducer']} {key}\n")
        assert state(genuine, trust=load_trust([tmp_path / "trust"])).state == "verified-pinned"

    @pytest.mark.parametrize("name", ["ContentProducer", "ProduceID"])
    def test_every_changed_digit_of_a_field_fails(self, genuine, name):
        value = genuine[name]
        for at in range(0, len(value), 5):
            digit = "1" if value[at] != "1" else "2"
            changed = genuine | {name: value[:at] + digit + value[at + 1 :]}
            assert state(changed).state == "failed"

    def test_every_changed_digit_of_the_signature_fails(self, genuine):
        text = genuine["ReservedCode1"]
        start = text.index('"Signature":"') + len('"Signature":"')
        for at in range(start, text.index('"', start), 7):
            digit = "1" if text[at] != "1" else "2"
            changed = genuine | {"ReservedCode1": text[:at] + digit + text[at + 1 :]}
            assert state(changed).state == "failed", at


class TestTrust:
    def test_lines_and_certificates_stand_in_one_file(self, tmp_path):
        key = sm2.encode_point(sm2.public_point(7))
        pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
        (tmp_path / "t").write_text(f"# mine\n\nP {key.hex()}  # so\n{pem}")
        trust = load_trust([tmp_path / "t"])
        assert trust.keys_of("P") == {key}
        assert trust.keys_of("") == frozenset()
        assert trust.anchors.count("BEGIN CERTIFICATE") == 1

    @pytest.mark.parametrize("line", ["P", "P zz", "P 04", "-----BEGIN PRIVATE KEY-----"])
    def test_another_line_is_one_clear_error(self, line, tmp_path):
        (tmp_path / "t").write_text(line)
        with pytest.raises(InvalidKey, match="line 1"):
            load_trust([tmp_path / "t"])

    def test_a_missing_or_endless_file_is_one_clear_error(self, tmp_path):
        with pytest.raises(InvalidKey, match="cannot be read"):
            load_trust([tmp_path / "none"])
        (tmp_path / "t").write_bytes(b"#" * (5 << 20))
        with pytest.raises(InvalidKey, match="bytes"):
            load_trust([tmp_path / "t"])
