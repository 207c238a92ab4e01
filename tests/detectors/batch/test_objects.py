"""Object storage: listed, read in part, the same results as files (moto serves it)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from detectors.batch.listing import list_items
from detectors.batch.many import verify_many
from detectors.evidence import Verdict
from labeler.errors import MissingBackend
from labeler.objects import ObjectFile, list_objects
from labeler.objects import _client as client_of
from makers import make


PRODUCER = "001191440300708461136T1XGW3"


@pytest.fixture(scope="module")
def server():
    pytest.importorskip("boto3", reason="needs boto3")
    moto = pytest.importorskip("moto.server", reason="needs moto[s3], flask, flask-cors")
    running = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    yield "http://{}:{}".format(*running.get_host_and_port())
    running.stop()


@pytest.fixture
def bucket(server, monkeypatch):
    for name, value in {
        "AWS_ENDPOINT_URL": server,
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    client_of.cache_clear()
    client = client_of()
    client.create_bucket(Bucket="uploads")
    yield client
    for entry in client.list_objects_v2(Bucket="uploads").get("Contents", ()):
        client.delete_object(Bucket="uploads", Key=entry["Key"])
    client.delete_bucket(Bucket="uploads")
    client_of.cache_clear()


def put(bucket, key: str, data: bytes) -> None:
    bucket.put_object(Bucket="uploads", Key=key, Body=data)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_prefixes_objects_and_missing_ones_are_listed(bucket):
    for key in ("a/1.png", "a/b/2.png", "ab.png", "a/", "c d.png"):
        put(bucket, key, b"x")
    assert list(list_objects("s3://uploads")) == [
        f"s3://uploads/{key}" for key in ("a/1.png", "a/b/2.png", "ab.png", "c d.png")
    ]
    assert list(list_objects("s3://uploads/a")) == [
        "s3://uploads/a/1.png",
        "s3://uploads/a/b/2.png",
    ]
    assert list(list_objects("s3://uploads/ab.png")) == ["s3://uploads/ab.png"]
    assert list(list_objects("s3://uploads/none")) == ["s3://uploads/none"]
    assert [i.path for i in list_items(["s3://nowhere/x/"])] == ["s3://nowhere/x/"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_object_is_read_in_parts_of_one_version(bucket):
    data = bytes(range(256)) * 4000
    put(bucket, "big", data)
    file = ObjectFile("s3://uploads/big")
    assert (file.size, file.fetched) == (len(data), 65536)
    file.seek(700_000)
    assert file.read(10) == data[700_000:700_010]
    file.seek(-5, 2)
    assert file.read() == data[-5:]
    assert file.read(1) == b""
    assert file.fetched < 200_000
    put(bucket, "big", data[::-1])
    file.seek(300_000)
    with pytest.raises(Exception, match="it changed while it was read"):
        file.read(10)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("fast", [True, False])
def test_objects_give_the_results_of_files(bucket, tmp_path, fast):
    files = {"p.jpg": make("jpeg"), "b.png": b"nonsense", "e.png": b"", "n.md": b"# note\n"}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        put(bucket, f"in/{name}", data)
    clip = Path(__file__).parents[3] / "samples" / "videos" / "hills.mp4"
    if fast:
        (tmp_path / "hills.mp4").write_bytes(clip.read_bytes())
        put(bucket, "in/hills.mp4", clip.read_bytes())
    here = {r.path.rpartition("/")[2]: r for n in sorted(tmp_path.iterdir())
            for r in verify_many([n], fast=fast)}  # fmt: skip
    for name, report in here.items():
        (there,) = verify_many([f"s3://uploads/in/{name}"], fast=fast)
        mine, other = report.to_dict(), there.to_dict()
        assert {**other, "path": "", "error": ""} == {**mine, "path": "", "error": ""}
        assert bool(other["error"]) == bool(mine["error"])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_missing_objects_are_rows_and_changed_ones_are_done_again(bucket, tmp_path):
    results = tmp_path / "results.jsonl"
    put(bucket, "a.png", make("png"))
    one, none = "s3://uploads/a.png", "s3://uploads/none.png"

    def run():
        return [r for n in (one, none) for r in verify_many([n], fast=True, resume=str(results))]

    first = run()
    assert [r.verdict for r in first] == [Verdict.NONE, Verdict.UNDETERMINED]
    assert "no such object" in first[1].error
    assert run() == first
    assert results.read_bytes().count(b"\n") == 3
    put(bucket, "a.png", b"changed")
    assert run()[0].verdict is Verdict.UNDETERMINED


def test_storage_without_its_package_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "boto3", None)
    client_of.cache_clear()
    with pytest.raises(MissingBackend, match=r"aigc-label\[s3\]"):
        list(verify_many(["s3://uploads/a.png"]))
