"""What a C2PA failure proves, and that checking one is safe: no network, no crash."""

from __future__ import annotations

import io
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import detectors
import labeler
from certificates import new_chain
from detectors.evidence import ProvenanceEvidence
from detectors.foreign import c2pa
from detectors.foreign.c2pa_check import check_row, sort_codes
from labeler.containers.sniffing import sniff
from labeler.signing.credential import load_credential
from labeler.signing.manifests import is_installed
from labeler.signing.manifests import settings as settings_of
from made_manifests import HOMES, in_format, store
from makers import make
from rich_pictures import packet, rich


needs_library = pytest.mark.skipif(not is_installed(), reason="the extra c2pa is not installed")


@pytest.mark.parametrize(
    ("codes", "state"),
    [
        ([], "intact"),
        (["signingCredential.untrusted"], "intact"),
        (["signingCredential.expired", "signingCredential.untrusted"], "intact"),
        (["signingCredential.revoked", "timeStamp.mismatch"], "intact"),
        (["cawg.x509.credential.untrusted"], "intact"),
        (["assertion.dataHash.mismatch"], "altered"),
        (["assertion.bmffHash.mismatch", "signingCredential.expired"], "altered"),
        (["assertion.hashedURI.mismatch"], "altered"),
        (["claimSignature.mismatch"], "altered"),
        (["claim.missing"], "damaged"),
        (["assertion.missing", "algorithm.unsupported"], "damaged"),
        (["something.new"], "damaged"),
    ],
)
def test_only_a_mismatch_is_an_alteration(codes, state):
    assert sort_codes(codes).state == state


def test_nothing_is_intact_unless_a_hash_was_found_to_match():
    assert sort_codes([], []).state == "not-checked"
    assert sort_codes([], ["claimSignature.validated"]).state == "not-checked"
    both = ["claimSignature.validated", "assertion.dataHash.match"]
    assert sort_codes([], both).state == "intact"


def row_of(data):
    return c2pa.read(data, sniff(data))


def checked(data, **options):
    row = row_of(data)
    return check_row(row, io.BytesIO(data), sniff(data), **options)


GENUINE = {
    "flux2_c2pa.jpg": ("intact", "untrusted, expired", True),
    "adobe-20220124-CA.jpg": ("intact", "untrusted", None),
    "adobe-20220124-E-dat-CA.jpg": ("altered", "untrusted", None),
    "C_with_CAWG_data.jpg": ("intact", "untrusted", False),
}


@needs_library
@pytest.mark.parametrize("name", GENUINE)
def test_genuine_manifests_are_told_apart(wild, name):
    state, certificate, declares = GENUINE[name]
    row = checked((wild / "media" / name).read_bytes())
    assert row.fields["validation"] == state
    assert row.fields["certificate"] == certificate
    assert row.declares_ai is declares
    assert ("changed after it was signed" in row.detail) is (state == "altered")
    assert "tampered" not in row.detail


@needs_library
@pytest.mark.parametrize("kind", HOMES)
def test_a_malformed_store_is_damaged_and_never_altered(kind):
    for content in (store(b"trainedAlgorithmicMedia"), b"junk" * 9, b"", b"\xff" * 4000):
        data = in_format(kind, content)
        row = checked(data)
        assert row.fields.get("validation", "not-checked") in {"damaged", "not-checked"}


@needs_library
class TestRemote:
    @pytest.fixture
    def server(self):
        asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                self.send_response(404)
                self.end_headers()

            def log_message(self, *_):
                pass

        served = HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=served.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{served.server_port}", asked
        served.shutdown()
        served.server_close()
        thread.join()

    @staticmethod
    def pointing(url):
        bound = f'xmlns:dcterms="http://purl.org/dc/terms/" dcterms:provenance="{url}/m.c2pa"'
        return rich("jpeg", xmp=packet("", bound))

    def test_a_remote_manifest_is_named_and_not_fetched(self, server):
        url, asked = server
        report = detectors.verify(self.pointing(url), fast=True)
        row = next(r for r in report.evidence if r.scheme == "c2pa")
        assert row.fields == {"remote_manifest": f"{url}/m.c2pa"}
        assert asked == []

    def test_the_library_itself_does_not_fetch_it_either(self, server):
        url, asked = server
        data = self.pointing(url)
        row = ProvenanceEvidence(scheme="c2pa", found=True)
        assert check_row(row, io.BytesIO(data), "jpeg").fields["validation"] in {
            "damaged",
            "not-checked",
        }
        assert asked == []

    def test_online_fetches_it_and_a_failure_is_no_alteration(self, server):
        url, asked = server
        report = detectors.verify(self.pointing(url), fast=True, online=True)
        row = next(r for r in report.evidence if r.scheme == "c2pa")
        assert asked
        assert row.fields["validation"] == "damaged"
        assert "altered" not in row.detail


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    if not is_installed():
        pytest.skip("the extra c2pa is not installed")
    chain = new_chain(tmp_path_factory.mktemp("signer"))
    label = labeler.Label(producer="001191440300708461136T1XGW3", content_id="demo-001")
    credential = load_credential(chain.certificates, chain.key)
    return labeler.apply(
        make("png", side=120), label, layers="metadata", credential=credential
    ).content


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(place=st.floats(0, 1), value=st.integers(1, 255))
def test_damaged_files_are_never_a_crash_and_never_called_intact(signed, place, value):
    start = signed.index(b"caBX") + 4
    length = int.from_bytes(signed[start - 8 : start - 4])
    at = start + round(place * (length - 1))
    changed = bytearray(signed)
    changed[at] ^= value
    row = checked(bytes(changed))
    # Reserved bytes of the signature box may change without harm; the content still matches.
    assert row.fields.get("validation") in {"intact", "altered", "damaged", "not-checked"}
    cut = bytes(signed[:at])
    report = detectors.verify(cut, fast=True)
    assert not any(
        r.scheme == "c2pa" and getattr(r, "fields", {}).get("validation") == "intact"
        for r in report.evidence
    )


def test_without_the_library_the_row_says_that_nothing_was_checked(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "c2pa", None)
    row = checked(in_format("png", store(b"trainedAlgorithmicMedia")))
    assert "not checked" in row.detail
    assert row.declares_ai is True
    assert "validation" not in row.fields


def test_two_locks_keep_the_library_off_the_network():
    closed, opened = settings_of(), settings_of(online=True)
    assert closed["core"] == {"allowed_network_hosts": [], "allow_redirects": False}
    assert not closed["verify"]["remote_manifest_fetch"]
    assert not closed["verify"]["ocsp_fetch"]
    assert opened["verify"]["remote_manifest_fetch"]
    assert "core" not in opened
