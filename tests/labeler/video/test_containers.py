"""Every container end to end: labelled, encoded, and read by three programs of others."""

from __future__ import annotations

import shutil
import subprocess

import pytest

import detectors
import labeler
from makers import PRODUCER
from moving_pictures import luma_frames, write_video


ENDINGS = ("mp4", "m4v", "mov", "mkv", "webm", "flv", "avi", "wmv")

READS = {
    "exiftool": (["-a", "-G1"], set(ENDINGS) - {"avi"}),
    "ffprobe": (["-v", "error", "-show_format", "-show_streams"], set(ENDINGS) - {"wmv"}),
    "mediainfo": (["-f"], set(ENDINGS) - {"wmv"}),
}
"""Each program's arguments, and the containers in which it shows the label (docs/video.md)."""


@pytest.fixture(scope="module")
def labelled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("containers")
    label = labeler.Label(producer=PRODUCER, content_id="demo-001")
    source = write_video(folder / "in.mp4", list(luma_frames(12, 320, 240)))
    for ending in ENDINGS:
        target = folder / f"out.{ending}"
        labeler.apply(source, label, output=target, layers="visible,metadata")
    return folder


@pytest.mark.parametrize("ending", ENDINGS)
def test_both_layers_are_verified_in_every_container(labelled, ending):
    report = detectors.verify(labelled / f"out.{ending}", depth="plain")
    assert report.verdict.value == "confirmed"
    found = {e.layer.value: e for e in report.evidence if e.found}
    assert found["metadata"].fields["ContentProducer"] == PRODUCER
    assert found["visible"].text == "AI生成"


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("program", READS)
def test_programs_of_others_read_the_label(labelled, program, ending):
    arguments, reads = READS[program]
    if not shutil.which(program):
        pytest.skip(f"{program} is not here")
    command = [program, *arguments, labelled / f"out.{ending}"]
    told = subprocess.run(command, check=True, capture_output=True).stdout
    assert (PRODUCER in told.decode("utf-8", "replace")) == (ending in reads)
