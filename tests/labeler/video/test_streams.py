"""One pass over a video keeps all that is not the picture, and refuses what it cannot keep."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections import defaultdict
from fractions import Fraction

import av
import numpy as np
import pytest

from labeler.errors import CorruptMedia, LabelError, MediaTooLarge, UnknownPolicy, UnsupportedMedia
from labeler.video.encoders import Encoding, choose_encoder
from labeler.video.facts import read_facts
from labeler.video.planes import plane_of
from labeler.video.playback import frames_of
from labeler.video.streams import muxer_for, rewrite
from moving_pictures import luma_frames, write_video


FAST = Encoding(preset="ultrafast")
VFR = [0, 100, 150, 300, 420, 500, 800, 900, 1000, 1250, 1300, 1400]


def untouched(frame, seconds):
    del frame, seconds


def passed(source, name="out.mp4", *, edit=untouched, encoding=FAST):
    target = source.with_name(name)
    written = rewrite(
        source, target, read_facts(source), edit, container=muxer_for(target), encoding=encoding
    )
    return target, written


def times_of(path):
    return [shown.frame.pts * shown.frame.time_base for shown in frames_of(path)]


def packets_of(path, *, pictures=False):
    """Hash the packets of every stream, with their times."""
    found = defaultdict(list)
    with av.open(str(path)) as source:
        main = source.streams.video[0].index
        for packet in source.demux():
            if packet.size and (pictures or packet.stream.index != main):
                time = None if packet.pts is None else packet.pts * packet.time_base
                digest = hashlib.sha256(bytes(packet)).hexdigest()
                found[packet.stream.index].append((time, digest))
    return dict(found)


@pytest.fixture(scope="module")
def lumas():
    return list(luma_frames(12))


@pytest.fixture
def plain(tmp_path, lumas):
    return write_video(tmp_path / "plain.mp4", lumas)


def test_frames_of_varying_rate_keep_their_times(tmp_path, lumas):
    source = write_video(tmp_path / "in.mp4", lumas, times=VFR)
    target, written = passed(source)
    assert times_of(target) == times_of(source)
    assert written.frames == len(lumas)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_the_turn_of_a_phone_video_is_kept(tmp_path, lumas, turn):
    source = write_video(tmp_path / "in.mp4", lumas, turn=turn, sounds=1)
    target, _ = passed(source)
    assert read_facts(target).turns == read_facts(source).turns == turn // 90
    assert read_facts(target).matrix == read_facts(source).matrix


def test_pixels_that_are_not_square_stay_so(tmp_path, lumas):
    source = write_video(tmp_path / "in.mp4", lumas, aspect=Fraction(4, 3))
    target, _ = passed(source)
    assert read_facts(target).aspect == Fraction(4, 3)
    assert read_facts(target).display_size == (853, 360)


def test_ten_bits_and_colour_tags_are_kept(tmp_path, lumas):
    tags = {"color_range": 1, "color_primaries": 9, "color_trc": 16, "colorspace": 9}
    source = write_video(
        tmp_path / "in.mp4", lumas, codec="libx265", pixel_format="yuv420p10le", colours=tags
    )
    target, _ = passed(source)
    assert read_facts(target).pixel_format == "yuv420p10le"
    assert read_facts(target).bits == 10
    with av.open(str(target)) as file:
        context = file.streams.video[0].codec_context
        assert {name: getattr(context, name) for name in tags} == tags


@pytest.mark.parametrize("pixel_format", ["yuv422p", "yuv444p", "yuv420p10le"])
def test_chroma_of_every_shape_is_kept(tmp_path, lumas, pixel_format):
    source = write_video(tmp_path / "in.mkv", lumas, pixel_format=pixel_format)
    target, _ = passed(source, "out.mkv")
    assert read_facts(target).pixel_format == pixel_format


@pytest.mark.parametrize("name", ["mp4", "mov", "mkv"])
def test_every_sound_track_is_copied_packet_by_packet(tmp_path, lumas, name):
    source = write_video(tmp_path / f"in.{name}", lumas, sounds=2)
    target, _ = passed(source, f"out.{name}")
    assert packets_of(target) == packets_of(source)
    assert len(packets_of(source)) == 2
    with av.open(str(target)) as file:
        assert [s.language for s in file.streams.audio] == ["chi", "eng"]


def test_sound_stays_where_it_was_against_the_picture(tmp_path, lumas):
    source = write_video(tmp_path / "in.mp4", lumas, sounds=1, times=[t + 700 for t in VFR])
    target, _ = passed(source)
    with av.open(str(source)) as before, av.open(str(target)) as after:
        offsets = [
            first.streams.video[0].start_time * first.streams.video[0].time_base
            - first.streams.audio[0].start_time * first.streams.audio[0].time_base
            for first in (before, after)
        ]
    assert offsets[0] == offsets[1] != 0


@pytest.mark.parametrize("name", ["mp4", "mkv"])
def test_chapters_and_tags_are_kept(tmp_path, lumas, name):
    tags = {"title": "a film", "artist": "somebody", "comment": "made by numbers"}
    source = write_video(tmp_path / f"in.{name}", lumas, tags=tags, chapters=True)
    target, _ = passed(source, f"out.{name}")
    with av.open(str(source)) as before, av.open(str(target)) as after:
        assert [c["metadata"]["title"] for c in after.chapters()] == ["part 0", "part 1"]
        assert [c["start"] for c in after.chapters()] == [c["start"] for c in before.chapters()]
        kept = {name.lower(): value for name, value in after.metadata.items()}
        assert tags.items() <= kept.items()


def test_tags_of_unusual_names_are_kept_in_mp4(tmp_path, lumas):
    ffmpeg = shutil.which("ffmpeg") or pytest.skip("ffmpeg, which writes such tags, is not here")
    plain = write_video(tmp_path / "plain.mp4", lumas)
    source = tmp_path / "in.mp4"
    subprocess.run(
        [ffmpeg, "-v", "error", "-i", plain, "-c", "copy", "-metadata", "com.example.serial=17",
         "-movflags", "use_metadata_tags", source], check=True,
    )  # fmt: skip
    target, _ = passed(source)
    with av.open(str(target)) as file:
        assert file.metadata["com.example.serial"] == "17"


def test_subtitles_attachments_and_cover_pictures_are_kept(tmp_path, lumas):
    ffmpeg = shutil.which("ffmpeg") or pytest.skip("ffmpeg, which makes the source, is not here")
    plain = write_video(tmp_path / "plain.mkv", lumas, sounds=1)
    (tmp_path / "words.srt").write_text("1\n00:00:00,100 --> 00:00:00,400\nhello\n")
    (tmp_path / "notes.txt").write_text("attached")
    source = tmp_path / "in.mkv"
    subprocess.run(
        [ffmpeg, "-v", "error", "-i", plain, "-i", "words.srt", "-attach", "notes.txt",
         "-metadata:s:t", "mimetype=text/plain", "-map", "0", "-map", "1", "-c", "copy", source],
        check=True, cwd=tmp_path,
    )  # fmt: skip
    target, written = passed(source, "out.mkv")
    assert written.notes == ()
    with av.open(str(source)) as before, av.open(str(target)) as after:
        assert [s.type for s in after.streams] == [s.type for s in before.streams]
        assert after.streams[-1].data == before.streams[-1].data == b"attached"
    assert packets_of(target) == packets_of(source)


def test_the_cover_picture_of_an_mp4_is_kept(tmp_path, lumas):
    ffmpeg = shutil.which("ffmpeg") or pytest.skip("ffmpeg, which makes the source, is not here")
    plain = write_video(tmp_path / "plain.mp4", lumas)
    source = tmp_path / "in.mp4"
    subprocess.run(
        [ffmpeg, "-v", "error", "-i", plain, "-f", "lavfi", "-i", "color=red:s=32x32:d=1",
         "-frames:v:1", "1", "-map", "0", "-map", "1", "-c:v:0", "copy", "-c:v:1", "png",
         "-disposition:v:1", "attached_pic", source], check=True,
    )  # fmt: skip
    target, _ = passed(source)
    pictures = [[digest for _, digest in packets_of(path)[1]] for path in (source, target)]
    assert pictures[0] == pictures[1]
    assert len(pictures[0]) == 1


def test_a_file_cut_by_an_edit_list_shows_the_same_frames(tmp_path):
    ffmpeg = shutil.which("ffmpeg") or pytest.skip("ffmpeg, which cuts the source, is not here")
    whole = write_video(tmp_path / "whole.mp4", list(luma_frames(40)), sounds=1)
    source = tmp_path / "in.mp4"
    subprocess.run(
        [ffmpeg, "-v", "error", "-ss", "0.7", "-i", whole, "-c", "copy", source], check=True
    )
    target, _ = passed(source)
    assert times_of(target) == times_of(source)
    assert 0 < len(times_of(source)) < 40


@pytest.mark.parametrize(
    "case",
    [
        ("in.mkv", "libx264", "h264"),
        ("in.mp4", "libx265", "hevc"),
        ("in.webm", "libvpx-vp9", "vp9"),
        ("in.avi", "mpeg4", "mpeg4"),
        ("in.flv", "libx264", "h264"),
        ("in.wmv", "wmv2", "wmv2"),
        ("in.avi", "mjpeg", "mjpeg"),
    ],
)
def test_container_and_codec_stay_the_sources(tmp_path, lumas, case):
    name, codec, kept = case
    colour = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    source = write_video(tmp_path / name, lumas, codec=codec, pixel_format=colour)
    target, written = passed(source, f"out{source.suffix}", encoding=Encoding())
    assert read_facts(target).codec == kept
    assert written.frames == len(lumas)
    assert len(times_of(target)) == len(times_of(source))


def test_editing_reaches_every_frame_and_nothing_else(plain):
    def darker(frame, _):
        plane_of(frame, 0, 8)[:] //= 2

    target, _ = passed(plain, edit=darker)
    for before, after in zip(frames_of(plain), frames_of(target), strict=True):
        y, seen = (plane_of(shown.frame, 0, 8).astype(float) for shown in (before, after))
        assert abs(seen.mean() - y.mean() / 2) < 1.5
        u, kept = (plane_of(shown.frame, 1, 8).astype(float) for shown in (before, after))
        assert np.abs(u - kept).mean() < 2


def test_progress_tells_frames_and_seconds(plain):
    told = []
    facts = read_facts(plain)
    rewrite(
        plain, plain.with_name("o.mp4"), facts, untouched, container="mp4", encoding=FAST,
        progress=lambda *done: told.append(done),
    )  # fmt: skip
    assert [frames for frames, _, _ in told] == list(range(1, 13))
    assert told[-1][1] == pytest.approx(12 / 25)
    assert told[-1][2] == pytest.approx(0.48, abs=0.05)


def test_ffprobe_sees_the_same_streams(tmp_path, lumas):
    if not shutil.which("ffprobe"):
        pytest.skip("ffprobe is not here")
    source = write_video(tmp_path / "in.mp4", lumas, sounds=2, turn=90, tags={"title": "x"})
    target, _ = passed(source)
    shown = []
    for path in (source, target):
        done = subprocess.run(
            ["ffprobe", "-v", "error", "-show_streams", "-of", "json", path],
            check=True, capture_output=True,
        )  # fmt: skip
        kept = ("codec_name", "width", "height", "pix_fmt", "nb_frames", "sample_rate", "channels")
        streams = json.loads(done.stdout)["streams"]
        shown.append([{name: stream.get(name) for name in kept} for stream in streams])
    assert shown[0] == shown[1]


# What is refused


def test_an_empty_file_is_refused(tmp_path):
    path = tmp_path / "empty.mp4"
    path.write_bytes(b"")
    with pytest.raises(CorruptMedia, match="zero bytes"):
        read_facts(path)


def test_noise_is_refused(tmp_path):
    path = tmp_path / "noise.mp4"
    path.write_bytes(np.random.default_rng(1).bytes(5000))
    with pytest.raises(LabelError):
        read_facts(path)


@pytest.mark.parametrize("name", ["in.mp4", "in.mkv", "in.flv"])
def test_a_file_that_was_cut_off_is_refused(tmp_path, name):
    source = write_video(tmp_path / name, list(luma_frames(75)))
    data = source.read_bytes()
    if name == "in.mp4":  # its index stands at the end: put it in front, as downloads have it
        front, _ = passed(source, "front.mp4")
        data = front.read_bytes()
    cut = tmp_path / f"cut{source.suffix}"
    cut.write_bytes(data[: len(data) // 2])
    with pytest.raises(CorruptMedia, match="intact copy"):
        passed(cut, f"o{source.suffix}")


def test_sound_alone_is_no_video(tmp_path):
    path = tmp_path / "sound.m4a"
    with av.open(str(path), "w", format="mp4") as target:
        track = target.add_stream("aac", rate=48_000)
        frame = av.AudioFrame.from_ndarray(
            np.zeros((1, 1024), np.float32), format="fltp", layout="mono"
        )
        frame.sample_rate = 48_000
        target.mux(track.encode(frame))
        target.mux(track.encode(None))
    with pytest.raises(UnsupportedMedia, match="no video stream"):
        read_facts(path)


def test_a_picture_is_no_video(tmp_path):
    import cv2

    path = tmp_path / "picture.mp4"
    _, data = cv2.imencode(".png", np.full((64, 64, 3), 90, np.uint8))
    path.write_bytes(data.tobytes())
    with pytest.raises(UnsupportedMedia, match="picture"):
        read_facts(path)


def test_transparency_is_refused_not_dropped(tmp_path):
    path = tmp_path / "clear.mkv"
    with av.open(str(path), "w") as target:
        stream = target.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuva420p"
        frame = av.VideoFrame.from_ndarray(
            np.full((64, 64, 4), 128, np.uint8), format="rgba"
        ).reformat(format="yuva420p")
        target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    with pytest.raises(UnsupportedMedia, match="transparency"):
        read_facts(path)


def test_red_green_blue_is_refused_with_advice(tmp_path):
    path = tmp_path / "rgb.mkv"
    with av.open(str(path), "w") as target:
        stream = target.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "bgr0"
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="bgr24")
        target.mux(stream.encode(frame.reformat(format="bgr0")))
        target.mux(stream.encode(None))
    with pytest.raises(UnsupportedMedia, match="YUV"):
        read_facts(path)


def test_huge_frames_are_refused_before_they_are_decoded(plain, monkeypatch):
    from labeler.video import facts

    monkeypatch.setattr(facts, "_MOST_SIDE", 600)
    with pytest.raises(MediaTooLarge, match="640 x 360"):
        read_facts(plain)


def test_a_container_that_cannot_hold_the_codec_is_refused(plain):
    facts = read_facts(plain)
    with pytest.raises(UnsupportedMedia, match=r"\.mkv"):
        choose_encoder(facts, "webm", Encoding(vcodec="h264"))


def test_a_name_of_no_container_for_labels_is_refused(tmp_path):
    with pytest.raises(UnsupportedMedia, match=r"film\.mp4"):
        muxer_for(tmp_path / "film.ts")


@pytest.mark.parametrize(
    "encoding",
    [Encoding(vcodec="divx9"), Encoding(crf=90), Encoding(vcodec="ffv1", preset="fast")],
)
def test_wrong_options_are_refused(plain, encoding):
    with pytest.raises((UnknownPolicy, UnsupportedMedia)):
        passed(plain, "out.mkv", encoding=encoding)


def test_odd_sizes_keep_a_codec_that_takes_them(tmp_path):
    lumas = [luma[:, :639] for luma in luma_frames(6)]
    source = write_video(tmp_path / "in.avi", lumas, codec="mpeg4")
    target, _ = passed(source, "out.avi", encoding=Encoding())
    assert read_facts(target).width == 639
    with pytest.raises(UnsupportedMedia, match="639 x 360"):
        choose_encoder(read_facts(source), "mp4", Encoding(vcodec="h264"))
