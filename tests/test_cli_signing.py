"""Signatures from the command line: keys, certificates and trust are files, errors one line."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from certificates import new_chain
from cli import commands
from labeler.signing.manifests import is_installed
from makers import PRODUCER, make


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.jpg").write_bytes(make("jpeg"))

    def call(*words, code=0):
        import cli

        done = CliRunner().invoke(commands, [*words], standalone_mode=False)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            return cli.FAILED, str(done.exception)
        assert (done.return_value or 0) == code, done.output
        return done.return_value or 0, done.output

    return call


def applied(run, *words):
    return run(
        *("apply", "in.jpg", "-o", "out.jpg", "--producer", PRODUCER, "--layers", "metadata"),
        *("--force", *words),
    )


def report(run, *words, code=0):
    return json.loads(run("verify", "out.jpg", "--format", "json", *words, code=code)[1])[0]


@pytest.mark.parametrize(("kind", "package"), [("sm2", "gmalg"), ("ed25519", "cryptography")])
def test_a_label_is_signed_and_verified_with_a_pinned_key(run, tmp_path, kind, package):
    pytest.importorskip(package, reason=f"signing with {kind} needs an extra")
    _, shown = run("keys", "new", "sign.pem", "--kind", kind)
    public = shown.split()[-1]
    (tmp_path / "trust.txt").write_text(f"{PRODUCER} {public}\n")
    _, told = applied(run, "--sign-key-file", "sign.pem")
    assert f"signed ({'TC260PG sm2' if kind == 'sm2' else 'aigc-label ed25519'})" in told
    assert report(run)["integrity"] == "verified-embedded-key"
    assert report(run, "--trust", "trust.txt")["integrity"] == "verified-pinned"
    _, found = run("inspect", "out.jpg", "--trust", "trust.txt")
    assert "verified-pinned" in found


@pytest.mark.skipif(not is_installed(), reason="the extra c2pa is not installed")
def test_a_file_is_signed_with_c2pa_and_an_edit_is_told_to_people(run, tmp_path):
    chain = new_chain(tmp_path)
    _, told = applied(
        run, "--c2pa-cert", "chain.pem", "--c2pa-key-file", "key.pem",
        "--source-type", "trainedAlgorithmicMedia",
    )  # fmt: skip
    assert "C2PA, es256" in told
    row = next(
        r for r in report(run, "--trust", str(chain.root))["evidence"] if r["scheme"] == "c2pa"
    )
    assert row["fields"]["validation"] == "intact"
    assert row["fields"]["certificate"] == "trusted"
    _, told = run(
        "propagate", "out.jpg", "--in-place", "--propagator", PRODUCER, "--propagate-id", "1"
    )
    assert "no longer holds" in told
    _, found = run("verify", "out.jpg")
    assert "altered: the file was changed after it was signed" in found
    assert "tampered" not in found


WRONG = {
    "a certificate without its key": (("--c2pa-cert", "chain.pem"), "go together"),
    "a key without its certificate": (("--c2pa-key-file", "key.pem"), "go together"),
    "an algorithm alone": (("--c2pa-alg", "es256"), "go together"),
    "no such key": (("--sign-key-file", "none.pem"), "cannot be read"),
    "words for a key": (("--sign-key-file", "words"), "holds no private key"),
    "a wrong word": (("--source-type", "digitalCapture"), "no source type"),
}


@pytest.mark.parametrize("what", WRONG)
@pytest.mark.usefixtures("run")
def test_wrong_use_is_one_line(tmp_path, what):
    words, expected = WRONG[what]
    (tmp_path / "words").write_text("words")
    (tmp_path / "words").chmod(0o600)
    done = CliRunner().invoke(
        commands,
        [
            "apply",
            "in.jpg",
            "-o",
            "out.jpg",
            "--producer",
            PRODUCER,
            "--layers",
            "metadata",
            *words,
        ],
        standalone_mode=False,
    )
    said = f"{done.output}{done.exception or ''}"
    assert expected in said
    assert "Traceback" not in said
    assert not (tmp_path / "out.jpg").exists()


def test_a_wrong_trust_file_is_one_line(run, tmp_path):
    (tmp_path / "trust.txt").write_text("no key here")
    code, said = run("verify", "in.jpg", "--trust", "trust.txt", code=2)
    assert code == 2
    assert "line 1" in said
