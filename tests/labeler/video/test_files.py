"""Videos through the public verbs and the command: from path to path, bytes by a detour."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import av
import pytest

import detectors
import labeler
from cli import aigc_label
from labeler.errors import CorruptMedia, LabelError, OutputFailed, UnsupportedMedia
from labeler.options import split_layers
from labeler.video.files import digest_of, is_video, label_file
from labeler.video.playback import frames_of
from makers import PRODUCER
from moving_pictures import luma_frames, write_video


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("video") / "in.mp4"
    return write_video(path, list(luma_frames(26)), rate=10)


@pytest.fixture(scope="module")
def done(source):
    label = labeler.Label(producer=PRODUCER, content_id="demo-001")
    target = source.with_name("out.mp4")
    result = labeler.apply(source, label, output=target, preset="veryfast")
    return target, result.receipt


def statuses(report):
    return {row.requirement: row.status.value for row in report.conformity}


def test_a_labelled_video_is_confirmed_with_three_layers(done):
    target, receipt = done
    report = detectors.verify(target)
    assert report.verdict.value == "confirmed"
    assert report.modality.value == "video"
    assert {e.layer.value for e in report.evidence if e.found} == {
        "metadata", "watermark", "visible",
    }  # fmt: skip
    assert report.sha256 == receipt.sha256 == hashlib.sha256(target.read_bytes()).hexdigest()
    assert all(e.agrees_with_metadata for e in report.evidence if e.layer == "watermark")
    wanted = {"R-01", "R-03", "R-11", "R-19", "R-20", "R-30", "R-43", "R-44"}
    assert {statuses(report)[number] for number in wanted} == {"pass"}


def test_the_receipt_names_frames_and_times(done):
    _, receipt = done
    assert receipt.layers["visible"]["seconds"] == [[0.0, 2.0]]
    assert set(receipt.layers) == {"visible", "watermark", "metadata"}
    assert receipt.output.endswith("out.mp4")


def test_nothing_but_the_result_is_left_in_the_folder(done, source):
    assert {path.name for path in source.parent.iterdir()} >= {"in.mp4", "out.mp4"}
    assert not [path for path in source.parent.iterdir() if path.name.startswith(".")]
    assert done


def test_labelling_twice_gives_the_same_bytes(done, label):
    target, _ = done
    again = labeler.apply(target, label, output=target.with_name("again.mp4"))
    assert again.content.read_bytes() == target.read_bytes()


def test_metadata_alone_leaves_the_frames_bit_identical(source, label):
    target = source.with_name("tagged.mp4")
    labeler.apply(source, label, output=target, layers="metadata")
    frames = [
        [hashlib.sha256(bytes(plane)).hexdigest() for s in frames_of(p) for plane in s.frame.planes]
        for p in (source, target)
    ]
    assert frames[0] == frames[1]


def test_metadata_alone_does_not_change_the_container(source, label):
    with pytest.raises(UnsupportedMedia, match="same ending"):
        labeler.apply(source, label, output=source.with_name("x.mkv"), layers="metadata")
    assert not source.with_name("x.mkv").exists()


def test_another_container_is_written_where_the_name_asks_for_it(source, label):
    target = source.with_name("other.mkv")
    labeler.apply(source, label, output=target, layers="watermark,metadata", preset="ultrafast")
    report = detectors.verify(target, depth="plain")
    assert report.format == "mkv"
    assert report.verdict.value == "confirmed"


def test_bytes_come_back_as_bytes(source, label):
    result = labeler.apply(source.read_bytes(), label, layers="metadata", name="film")
    assert isinstance(result.content, bytes)
    assert result.receipt.path == "film"
    report = detectors.verify(result.content, fast=True)
    assert report.verdict.value == "confirmed"
    assert report.label["ProduceID"] == "demo-001"


def test_a_platform_adds_its_own_fields(done):
    target, _ = done
    written, receipt = detectors.propagate(
        target.read_bytes(), propagator="001191110102MACQD9K64020001", propagate_id="post-1"
    )
    assert receipt.label["PropagateID"] == "post-1"
    report = detectors.verify(written, fast=True)
    assert report.label["PropagateID"] == "post-1"
    assert report.label["ProduceID"] == "demo-001"


def test_a_platform_passes_a_film_on_from_path_to_path(done, tmp_path, capsys, monkeypatch):
    target, _ = done
    monkeypatch.setattr(Path, "read_bytes", None)  # no film is held in memory
    kept = tmp_path / "kept.mp4"
    duty = ["--propagator", "001191110102MACQD9K64020001", "--propagate-id", "post-1"]
    asked = ["propagate", str(target), *duty, "--format", "jsonl"]
    assert aigc_label([*asked, "-o", str(kept)]) == 0
    receipt = json.loads(capsys.readouterr().out)
    assert receipt["output"] == str(kept)
    with kept.open("rb") as file:
        assert receipt["sha256"] == hashlib.sha256(file.read()).hexdigest()
    fields = detectors.verify(kept, fast=True).label
    assert fields["PropagateID"] == "post-1"
    assert fields["ContentProducer"] == PRODUCER
    with av.open(str(kept)) as after, av.open(str(target)) as before:
        packets = [[bytes(p) for p in file.demux(video=0)] for file in (before, after)]
    assert packets[0] == packets[1]
    assert aigc_label([*asked, "-o", str(tmp_path / "kept.mkv")]) == 2
    assert not (tmp_path / "kept.mkv").exists()


def test_a_platform_has_nothing_to_write_to_an_unlabelled_film(source, tmp_path, capsys):
    kept = tmp_path / "kept.mp4"
    duty = ["--propagator", "001191110102MACQD9K64020001", "--propagate-id", "post-1"]
    assert aigc_label(["propagate", str(source), "-o", str(kept), *duty]) == 0
    assert kept.read_bytes() == source.read_bytes()
    assert "nothing to write" in capsys.readouterr().out


def test_an_existing_output_is_kept(done, source, label):
    target, _ = done
    before = digest_of(target)
    with pytest.raises(OutputFailed, match="exists"):
        labeler.apply(source, label, output=target)
    assert digest_of(target) == before


def test_a_failure_leaves_nothing(tmp_path, source, label):
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(source.read_bytes()[:20_000])
    with pytest.raises(LabelError):
        labeler.apply(cut, label, output=tmp_path / "out.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["cut.mp4"]


def test_a_broken_video_is_undetermined(tmp_path, source):
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(source.read_bytes()[:20_000])
    report = detectors.verify(cut)
    assert report.verdict.value == "undetermined"
    assert report.error


def test_a_dry_run_writes_nothing(tmp_path, source, label):
    copy = Path(shutil.copy(source, tmp_path / "in.mp4"))
    receipt = label_file(copy, None, label, labeler.Options(preset="ultrafast"))
    assert receipt.output == ""
    assert receipt.layers["watermark"]["bits"] == 64
    assert [path.name for path in tmp_path.iterdir()] == ["in.mp4"]


def test_the_command_labels_and_verifies(tmp_path, source, capsys):
    target = tmp_path / "out.mp4"
    asked = ["--producer", PRODUCER, "--preset", "ultrafast", "--position", "top-left,full"]
    assert aigc_label(["apply", str(source), "-o", str(target), *asked, "--format", "jsonl"]) == 0
    receipt = json.loads(capsys.readouterr().out)
    assert receipt["layers"]["visible"]["position"] == "top-left"
    assert receipt["layers"]["visible"]["frames"] == [[0, 25]]
    assert aigc_label(["verify", str(target), "--format", "json"]) == 0
    (report,) = json.loads(capsys.readouterr().out)
    assert report["verdict"] == "confirmed"


def test_a_name_that_says_another_format_is_refused(tmp_path, source, capsys):
    wrong = Path(shutil.copy(source, tmp_path / "in.avi"))
    code = aigc_label(["apply", str(wrong), "-o", str(tmp_path / "o.avi"), "--producer", PRODUCER])
    assert code == 2
    assert "MP4" in capsys.readouterr().err


def test_wrong_positions_and_codecs_are_refused(tmp_path, source, capsys):
    common = ["apply", str(source), "-o", str(tmp_path / "o.mp4"), "--producer", PRODUCER]
    assert aigc_label([*common, "--position", "sideways"]) == 2
    assert aigc_label([*common, "--vcodec", "divx9"]) == 2
    assert "divx9" in capsys.readouterr().err
    assert not (tmp_path / "o.mp4").exists()


def test_videos_are_told_by_content(tmp_path, source):
    assert is_video(source)
    assert is_video(source.read_bytes())
    assert not is_video(b"hello")
    assert not is_video(tmp_path / "none.mp4")


def test_sound_is_named_among_the_layers():
    assert split_layers("visible, Sound,watermark") == ("visible,watermark", {"sound"})


@pytest.mark.parametrize("program", ["exiftool", "ffprobe", "mediainfo"])
def test_independent_readers_see_the_label(done, program):
    target, _ = done
    if not shutil.which(program):
        pytest.skip(f"{program} is not here")
    arguments = {
        "exiftool": ["-a", "-G1"],
        "ffprobe": ["-v", "error", "-show_format", "-show_streams"],
        "mediainfo": ["-f"],
    }[program]
    told = subprocess.run([program, *arguments, target], check=True, capture_output=True)
    assert PRODUCER in told.stdout.decode("utf-8", "replace")


def test_empty_files_are_refused(tmp_path, label):
    path = tmp_path / "empty.mp4"
    path.write_bytes(b"")
    with pytest.raises(CorruptMedia, match=r"zero bytes|empty"):
        labeler.apply(path, label, output=tmp_path / "o.mp4")
