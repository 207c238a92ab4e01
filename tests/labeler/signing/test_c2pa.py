"""C2PA, signed last: every format of the library keeps label and mark, later edits are reported."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import pytest

import detectors
import labeler
from certificates import new_chain, new_key, pem_of
from labeler.containers.registry import format_of
from labeler.errors import InvalidKey, InvalidLabel, UnsupportedMedia
from labeler.model import Label, Status
from labeler.payload import payload_of
from labeler.signing import keys
from labeler.signing.c2pa import is_signed_by
from labeler.signing.credential import load_credential
from labeler.signing.manifests import MIME_TYPES, read_store
from labeler.signing.trust import load_trust
from made_documents import docx, epub, pdf
from makers import PRODUCER, make
from moving_pictures import luma_frames, write_video
from rich_sounds import rich_sound


pytest.importorskip("c2pa", reason="the extra c2pa is not installed")

PICTURES = ("jpeg", "png", "apng", "webp", "webp-lossless", "gif", "tiff", "avif", "heic")
SOUNDS = ("wav", "mp3", "mp3-v23", "flac", "m4a", "m4a-front", "m4a-alac", "flac-id3", "wav-id3")
DOCUMENTS = {"docx": docx, "epub": epub, "pdf": pdf}
SAMPLES = Path(__file__).parents[3] / "samples"


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    return new_chain(tmp_path_factory.mktemp("signer"))


@pytest.fixture(scope="module")
def credential(chain):
    return load_credential(chain.certificates, chain.key)


@pytest.fixture(scope="module")
def sign_key(tmp_path_factory):
    return keys.new_signing_key(tmp_path_factory.mktemp("key") / "k.pem", "ed25519")


@pytest.fixture(scope="module")
def signers(credential, sign_key):
    return {"credential": credential, "sign_key": sign_key}


@pytest.fixture(scope="module")
def trust(chain):
    return load_trust([chain.root])


@cache
def film(ending: str) -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"in{ending}"
        return write_video(path, list(luma_frames(12)), rate=10, sounds=1).read_bytes()


def made(kind: str) -> bytes:
    if kind in PICTURES:
        return make(kind)
    if kind in SOUNDS:
        return rich_sound(kind)
    if kind in DOCUMENTS:
        return DOCUMENTS[kind]()
    if kind in {"xlsx", "pptx"}:
        return (SAMPLES / "texts" / f"tides.{kind}").read_bytes()
    return film(f".{kind}")


def c2pa_row(report):
    return next(row for row in report.evidence if row.scheme == "c2pa")


def verified(data, name="", **options):
    return detectors.verify(data, name=name, fast=True, **options)


KINDS = (*PICTURES, *SOUNDS, *DOCUMENTS, "xlsx", "pptx", "mp4", "mov", "avi")


def test_every_format_of_the_library_is_among_those_tested():
    assert {format_of(made(kind), f"x.{kind}") for kind in KINDS} == set(MIME_TYPES)


@pytest.mark.parametrize("kind", KINDS)
def test_a_signed_file_verifies_and_an_edit_of_its_metadata_is_reported(
    kind, label, signers, trust
):
    name = f"x.{kind}"
    signed = labeler.apply(made(kind), label, layers="metadata", name=name, **signers)
    report = verified(signed.content, name, trust=trust)
    row = c2pa_row(report)
    assert report.verdict.value == "confirmed"
    assert report.label == signed.receipt.label
    assert row.fields["validation"] == "intact"
    assert row.fields["certificate"] == "trusted"
    assert row.fields["signer"] == "Test Press"
    assert row.declares_ai is True
    assert report.integrity.value == "verified-embedded-key"
    assert signed.receipt.layers["provenance"]["signer"].startswith("CN=Test Signer")
    assert not any("C2PA" in warning for warning in signed.receipt.warnings)

    again = labeler.apply(signed.content, label, layers="metadata", name=name, **signers)
    assert again.content == signed.content
    assert again.receipt.layers["provenance"]["already"]

    edited, receipt = detectors.propagate(
        signed.content, propagator=PRODUCER, propagate_id="post-1", name=name
    )
    assert any("no longer holds" in warning for warning in receipt.warnings)
    report = verified(edited, name, trust=trust)
    assert c2pa_row(report).fields["validation"] == "altered"
    assert "changed after it was signed" in c2pa_row(report).detail
    # The label's own signature covers the content alone, so it outlives added metadata.
    assert report.integrity.value == "verified-embedded-key"


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "avif"])
def test_mark_and_label_of_a_signed_picture_still_read(kind, label, credential):
    signed = labeler.apply(make(kind), label, credential=credential)
    report = detectors.verify(signed.content)
    mark = next(row for row in report.evidence if row.scheme == "image-v1")
    assert mark.mark_id == payload_of(label).mark_hex
    assert mark.agrees_with_metadata
    assert any(row.scheme == "text" and row.found for row in report.evidence)
    assert c2pa_row(report).fields["validation"] == "intact"


@pytest.mark.parametrize("name", ["sounds/spoken.mp3", "sounds/spoken.flac", "videos/hills.mp4"])
def test_mark_and_label_of_signed_sound_and_film_still_read(name, label, credential, tmp_path):
    source, target = SAMPLES / name, tmp_path / Path(name).name
    labeler.apply(
        source, label, output=target, layers="watermark,metadata", credential=credential,
        preset="ultrafast" if target.suffix == ".mp4" else None,
    )  # fmt: skip
    report = detectors.verify(target)
    mark = next(row for row in report.evidence if row.layer.value == "watermark")
    assert mark.mark_id == payload_of(label).mark_hex
    assert report.verdict.value == "confirmed"
    assert c2pa_row(report).fields["validation"] == "intact"


def test_changed_pixels_are_reported_by_both_signatures(label, credential, sign_key):
    signed = labeler.apply(
        make("jpeg"), label, layers="metadata", credential=credential, sign_key=sign_key
    ).content
    changed = bytearray(signed)
    changed[-300] ^= 4
    report = verified(bytes(changed))
    assert c2pa_row(report).fields["validation"] == "altered"
    assert report.integrity.value == "failed"


def manifest_of(data, name=""):
    store = read_store(io.BytesIO(data), format_of(data, name))
    return store["manifests"][store["active_manifest"]], store


def assertion(manifest, name):
    return next(a["data"] for a in manifest["assertions"] if a["label"].startswith(name))


def test_the_manifest_names_our_mark_the_label_and_how_the_content_was_made(label, credential):
    signed = labeler.apply(make("png"), label, credential=credential).content
    manifest, _ = manifest_of(signed)
    bound = assertion(manifest, "c2pa.soft-binding")
    assert bound["alg"] == "aigc-label.image-v1"
    assert bound["blocks"][0]["value"] == payload_of(label).mark_hex
    actions = assertion(manifest, "c2pa.actions")["actions"]
    assert [a["action"] for a in actions] == ["c2pa.created", "c2pa.watermarked.bound"]
    assert actions[0]["digitalSourceType"].endswith("/trainedAlgorithmicMedia")
    assert assertion(manifest, "aigc-label.label")["ProduceID"] == label.content_id
    assert all(a.get("created") for a in manifest["assertions"])
    assert "thumbnail" not in manifest


def test_another_source_type_goes_into_manifest_and_xmp(label, credential):
    kind = "compositeWithTrainedAlgorithmicMedia"
    signed = labeler.apply(
        make("jpeg"), label, layers="metadata", credential=credential, source_type=kind
    ).content
    manifest, _ = manifest_of(signed)
    actions = assertion(manifest, "c2pa.actions")["actions"]
    assert actions[0]["digitalSourceType"].endswith(kind)
    iptc = next(r for r in verified(signed).evidence if r.scheme == "iptc")
    assert iptc.fields == {"DigitalSourceType": kind}


def test_what_may_be_generated_is_not_said_to_be(credential):
    label = Label(producer=PRODUCER, content_id="x", status=Status.MAY_BE)
    signed = labeler.apply(make("jpeg"), label, layers="metadata", credential=credential).content
    manifest, store = manifest_of(signed)
    actions = assertion(manifest, "c2pa.actions")["actions"]
    assert [a["action"] for a in actions] == ["c2pa.opened", "c2pa.edited"]
    assert "digitalSourceType" not in str(actions)
    assert c2pa_row(verified(signed)).declares_ai is None
    assert len(store["manifests"]) == 1


def test_the_manifest_of_the_source_is_kept_as_an_ingredient(wild, label, credential):
    source = (wild / "media" / "flux2_c2pa.jpg").read_bytes()
    signed = labeler.apply(source, label, layers="metadata", credential=credential)
    manifest, store = manifest_of(signed.content)
    assert signed.receipt.layers["provenance"]["ingredient"]
    assert len(store["manifests"]) == 2
    (parent,) = manifest["ingredients"]
    assert parent["relationship"] == "parentOf"
    before = read_store(io.BytesIO(source), "jpeg")
    assert parent["active_manifest"] == before["active_manifest"]
    row = c2pa_row(verified(signed.content))
    assert row.fields["validation"] == "intact"
    assert row.fields["manifests"] == "2"
    assert "Black Forest Labs" in row.fields["claim_generator"]


def test_an_earlier_break_is_passed_on_not_laundered(wild, label, credential):
    source = (wild / "media" / "adobe-20220124-E-dat-CA.jpg").read_bytes()
    signed = labeler.apply(source, label, layers="metadata", credential=credential).content
    row = c2pa_row(verified(signed))
    assert row.fields["validation"] == "intact"
    assert "earlier version" in row.detail


def test_writing_into_a_signed_file_without_signing_says_what_breaks(wild, label):
    for name in ("flux2_c2pa.jpg", "c2pa_video1.mp4"):
        source = (wild / "media" / name).read_bytes()
        result = labeler.apply(source, label, layers="metadata", name=name)
        assert sum("no longer" in w for w in result.receipt.warnings) == 1
        assert c2pa_row(verified(result.content)).fields["validation"] == "altered"


@pytest.mark.parametrize("kind", ["es384", "es512", "ps256", "ed25519"])
def test_every_kind_of_key_signs(kind, label, tmp_path):
    chain = new_chain(tmp_path, kind)
    credential = load_credential(chain.certificates, chain.key)
    assert credential.algorithm == kind
    signed = labeler.apply(make("jpeg"), label, layers="metadata", credential=credential).content
    assert is_signed_by(io.BytesIO(signed), "jpeg", credential)
    assert c2pa_row(verified(signed)).fields["certificate"] == "untrusted"


class TestCredentials:
    def test_an_expired_certificate_is_refused_before_signing(self, tmp_path):
        chain = new_chain(tmp_path, days=(-30, -3))
        with pytest.raises(InvalidKey, match="expired on"):
            load_credential(chain.certificates, chain.key)

    def test_one_that_is_not_valid_yet_is_refused(self, tmp_path):
        chain = new_chain(tmp_path, days=(3, 30))
        with pytest.raises(InvalidKey, match="not valid before"):
            load_credential(chain.certificates, chain.key)

    def test_a_certificate_of_a_wrong_profile_is_one_clear_error(self, tmp_path, label):
        chain = new_chain(tmp_path, usage=False)
        credential = load_credential(chain.certificates, chain.key)
        with pytest.raises(InvalidKey, match="profile"):
            labeler.apply(make("jpeg"), label, layers="metadata", credential=credential)

    def test_the_key_of_another_certificate_is_refused(self, chain, tmp_path):
        (tmp_path / "other.pem").write_bytes(pem_of(new_key()))
        (tmp_path / "other.pem").chmod(0o600)
        with pytest.raises(InvalidKey, match="is not the key"):
            load_credential(chain.certificates, tmp_path / "other.pem")

    def test_a_password_is_asked_for_nowhere(self, chain, tmp_path):
        (tmp_path / "locked.pem").write_bytes(pem_of(new_key(), b"secret"))
        (tmp_path / "locked.pem").chmod(0o600)
        with pytest.raises(InvalidKey, match="password"):
            load_credential(chain.certificates, tmp_path / "locked.pem")

    def test_an_algorithm_that_does_not_go_with_the_key_is_refused(self, chain):
        with pytest.raises(InvalidKey, match="use es256"):
            load_credential(chain.certificates, chain.key, "ps256")

    def test_files_that_hold_something_else_are_refused(self, chain, tmp_path):
        (tmp_path / "words").write_text("words")
        (tmp_path / "words").chmod(0o600)
        with pytest.raises(InvalidKey, match="no certificate"):
            load_credential(tmp_path / "words", chain.key)
        with pytest.raises(InvalidKey, match="no private key"):
            load_credential(chain.certificates, tmp_path / "words")
        with pytest.raises(InvalidKey, match="cannot be read"):
            load_credential(tmp_path / "missing", chain.key)

    def test_neither_key_nor_certificate_is_in_a_repr(self, credential):
        assert "PRIVATE" not in repr(credential)
        assert "BEGIN" not in repr(credential)


class TestRefusals:
    @pytest.mark.parametrize("name", ["x.md", "x.html", "x.ogg", "x.mkv"])
    def test_a_format_without_a_place_is_an_error_not_a_silent_skip(self, name, label, credential):
        source = {"x.ogg": lambda: rich_sound("ogg"), "x.mkv": lambda: film(".mkv")}
        data = source.get(name, lambda: b"<!DOCTYPE html><p>The harbour is quiet.</p>\n")()
        with pytest.raises(UnsupportedMedia, match="C2PA has no place"):
            labeler.apply(data, label, layers="metadata", credential=credential, name=name)

    def test_pixels_in_memory_cannot_be_signed(self, label, credential):
        import numpy as np

        with pytest.raises(UnsupportedMedia, match="no file that could be signed"):
            labeler.apply(np.zeros((300, 300, 3), np.uint8), label, credential=credential)

    def test_a_label_that_is_not_written_cannot_be_signed(self, label, sign_key):
        with pytest.raises(UnsupportedMedia, match="leave that layer"):
            labeler.apply(make("jpeg"), label, layers="watermark", sign_key=sign_key)

    def test_a_source_type_of_captures_is_refused(self, label):
        with pytest.raises(InvalidLabel, match="no source type of generated content"):
            labeler.apply(make("jpeg"), label, layers="metadata", source_type="digitalCapture")
