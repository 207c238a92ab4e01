import io
import json
import shutil
import struct
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from sound_files import TITLE, chirp, coded, lag, tones

from labeler.audio import codec
from labeler.audio.encoders import encoder_rate, vorbis_quality
from labeler.audio.storage import SoundFormat
from labeler.errors import (
    MissingBackend,
)


needs_ffprobe = pytest.mark.skipif(not shutil.which("ffprobe"), reason="ffprobe is not installed")


def probed(data: bytes) -> dict:
    command = ["ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", "-"]
    return json.loads(subprocess.run(command, input=data, capture_output=True, check=True).stdout)


def wav_of(rate: int, channels: int, coding: str) -> bytes:
    return codec.encode_array(tones(rate, channels, 0.2), rate, coding=coding)


# Lossless formats come back bit for bit


@pytest.mark.parametrize("channels", [1, 2, 3, 6, 8])
@pytest.mark.parametrize("coding", ["u8", "s16", "s24", "s32", "f32", "f64", "mulaw", "alaw"])
def test_wav_of_every_coding_comes_back_byte_for_byte(coding, channels):
    data = wav_of(44_100, channels, coding)
    assert codec.encode_sound(codec.decode_sound(data)) == data


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 48_000, 96_000, 192_000])
def test_wav_of_every_rate_comes_back_byte_for_byte(rate):
    data = wav_of(rate, 1, "s16")
    sound = codec.decode_sound(data)
    assert sound.rate == rate
    assert codec.encode_sound(sound) == data


@pytest.mark.parametrize(
    "name", ["s8", "s16be", "s24be", "s32be", "f32be", "f64be", "s16le", "mulaw", "alaw"]
)
def test_aiff_of_every_coding_comes_back_byte_for_byte(name):
    data = coded(tones(channels=2), 16_000, "aiff", f"pcm_{name}")
    sound = codec.decode_sound(data)
    assert sound.source.container == "aiff"
    assert codec.encode_sound(sound) == data


@pytest.mark.parametrize("coding", ["s32", "f64"])
def test_numbers_too_long_for_float32_survive_where_samples_do_not_change(coding):
    data = bytearray(wav_of(16_000, 2, coding))
    width = {"s32": 4, "f64": 8}[coding]
    odd = struct.pack("<i", 123_456_789) if coding == "s32" else struct.pack("<d", 1 / 3)
    data[44 + 40 * width : 44 + 41 * width] = odd
    sound = codec.decode_sound(bytes(data))
    changed = sound.samples.copy()
    changed[100:200] *= 0.5
    out = codec.encode_sound(sound, changed)
    assert out[44 + 40 * width : 44 + 41 * width] == odd
    assert codec.decode_sound(out).samples[150, 0] == pytest.approx(changed[150, 0], abs=1e-7)


def test_32_bit_samples_around_an_insertion_stay_bit_identical():
    chance = np.random.default_rng(3)
    raw = chance.integers(-(2**31), 2**31, (4000, 2), dtype=np.int64).astype("<i4")
    data = wav_of(16_000, 2, "s32")
    data = data[:40] + struct.pack("<I", raw.nbytes) + raw.tobytes()
    sound = codec.decode_sound(data[:4] + struct.pack("<I", len(data) - 8) + data[8:])
    cue = np.full((500, 2), 0.25, np.float32)
    out = codec.encode_sound(
        sound, np.concatenate([sound.samples[:1000], cue, sound.samples[1000:]])
    )
    found = np.frombuffer(out[44:], "<i4").reshape(-1, 2)
    assert np.array_equal(found[:1000], raw[:1000])
    assert np.array_equal(found[1500:], raw[1000:])


def test_telephone_codes_that_mean_the_same_are_told_apart():
    data = codec.encode_array(np.zeros(256), 8_000, coding="mulaw")
    data = data[:44] + bytes(range(256))
    assert codec.encode_sound(codec.decode_sound(data)) == data


@pytest.mark.parametrize("channels", [1, 2, 3, 6, 8])
@pytest.mark.parametrize("bits", [16, 24])
def test_flac_keeps_every_bit(bits, channels):
    numbers = (tones(channels=channels, seconds=0.3) * 2 ** (bits - 1)).astype(np.int32)
    stored = numbers.astype(np.int16) if bits == 16 else numbers << 8
    data = coded(stored, 16_000, "flac", "flac", sample_format="s16" if bits == 16 else "s32")
    sound = codec.decode_sound(data)
    assert sound.source.bits == bits
    assert np.array_equal(sound.samples * 2 ** (bits - 1), numbers)
    again = codec.decode_sound(codec.encode_sound(sound))
    assert np.array_equal(again.samples, sound.samples)
    assert again.source.bits == bits


def test_flac_of_32_bits_keeps_every_bit():
    chance = np.random.default_rng(3)
    numbers = chance.integers(-(2**31), 2**31, (5000, 1)).astype(np.int32)
    options = {"strict": "experimental", "bits_per_raw_sample": "32"}
    data = coded(numbers, 16_000, "flac", "flac", sample_format="s32", options=options)
    sound = codec.decode_sound(data)
    assert sound.source.bits == 32
    assert np.array_equal(sound.stored, numbers)
    assert np.array_equal(codec.decode_sound(codec.encode_sound(sound)).stored, numbers)


@pytest.mark.parametrize(("container", "name"), [("m4a", "alac"), ("ogg", "flac")])
@pytest.mark.parametrize("bits", [16, 24])
def test_alac_and_ogg_flac_keep_every_bit(container, name, bits):
    numbers = (tones(channels=2, seconds=0.3) * 2 ** (bits - 1)).astype(np.int32)
    stored = numbers.astype(np.int16) if bits == 16 else numbers << 8
    kind = ("s16p" if bits == 16 else "s32p") if name == "alac" else ("s16", "s32")[bits == 24]
    data = coded(stored, 16_000, container, name, sample_format=kind)
    sound = codec.decode_sound(data)
    assert (sound.source.codec, sound.source.bits) == (name, bits)
    assert np.array_equal(sound.samples * 2 ** (bits - 1), numbers)
    again = codec.decode_sound(codec.encode_sound(sound))
    assert np.array_equal(again.samples, sound.samples)


# Lossy formats keep length, alignment and about their bit rate

LOSSY = [
    *[("mp3", "libmp3lame", rate, 64_000) for rate in (16_000, 22_050, 44_100, 48_000)],
    ("mp3", "libmp3lame", 8_000, 32_000),
    *[("m4a", "aac", rate, 64_000) for rate in (16_000, 44_100, 48_000)],
    *[("ogg", "libopus", 48_000, rate) for rate in (32_000, 64_000)],
    *[("wma", "wmav2", rate, 64_000) for rate in (16_000, 44_100)],
]


@pytest.mark.parametrize(("container", "name", "rate", "bit_rate"), LOSSY)
def test_lossy_sound_keeps_length_alignment_and_bit_rate(container, name, rate, bit_rate):
    sound = codec.decode_sound(coded(chirp(rate), rate, container, name, bit_rate=bit_rate))
    again = codec.decode_sound(codec.encode_sound(sound))
    assert len(again.samples) == len(sound.samples)
    assert abs(lag(sound.samples, again.samples)) <= 4
    assert again.source.bit_rate == pytest.approx(sound.source.bit_rate, rel=0.2)
    assert again.source.codec == sound.source.codec


@pytest.mark.parametrize(
    ("container", "name", "rate"),
    [("mp3", "libmp3lame", 44_100), ("m4a", "aac", 44_100), ("ogg", "libopus", 48_000)],
)
def test_decoded_sound_starts_where_the_encoded_did(container, name, rate):
    sweep = chirp(rate)
    sound = codec.decode_sound(coded(sweep, rate, container, name, bit_rate=96_000))
    assert abs(lag(sweep, sound.samples)) <= 4
    assert abs(len(sound.samples) - len(sweep)) <= 64


@pytest.mark.parametrize("channels", [1, 2, 5, 6, 7, 8])
@pytest.mark.parametrize(
    ("container", "name"), [("ogg", "libopus"), ("m4a", "aac"), ("flac", "flac")]
)
def test_every_channel_stays_in_its_place(container, name, channels):
    sound = codec.decode_sound(coded(tones(48_000, channels), 48_000, container, name))
    again = codec.decode_sound(codec.encode_sound(sound))
    count = min(len(sound.samples), len(again.samples))
    for channel in range(channels):
        pair = sound.samples[2400:count, channel], again.samples[2400:count, channel]
        assert np.corrcoef(*pair)[0, 1] > 0.9 or channel == 3, channel  # an LFE is low-passed


def test_mp3_of_variable_rate_stays_near_its_average():
    options = {"abr": "1"}
    data = coded(chirp(44_100, 2), 44_100, "mp3", "libmp3lame", bit_rate=100_000, options=options)
    sound = codec.decode_sound(data)
    assert sound.source.variable
    again = codec.decode_sound(codec.encode_sound(sound))
    assert again.source.bit_rate == pytest.approx(sound.source.bit_rate, rel=0.15)


@pytest.mark.parametrize(
    ("name", "rate", "wanted", "given"),
    [("mp3", 44_100, 127_994, 128_000), ("mp3", 44_100, 131_000, 160_000),
     ("mp3", 8_000, 500_000, 64_000), ("mp3", 44_100, 900_000, 320_000),
     ("aac", 8_000, 900_000, 48_000), ("aac", 44_100, 1_000, 16_000),
     ("opus", 48_000, 1_000, 6_000), ("wmav2", 44_100, 1_000, 24_000)],
)  # fmt: skip
def test_bit_rates_stay_within_what_the_codec_allows(name, rate, wanted, given):
    found = SoundFormat(container="x", codec=name, rate=rate, channels=1, bit_rate=wanted)
    assert encoder_rate(found) == given


# Vorbis needs libsndfile


def test_vorbis_without_its_extra_says_which_extra(monkeypatch):
    soundfile = pytest.importorskip("soundfile", reason="makes the Vorbis file")
    data = vorbis_of(soundfile, tones(44_100, 2), 44_100)
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(MissingBackend, match=r"aigc-label\[vorbis\]"):
        codec.encode_sound(codec.decode_sound(data))


def vorbis_of(soundfile, samples, rate):
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format="OGG", subtype="VORBIS")
    return buffer.getvalue()


@pytest.mark.parametrize("channels", [1, 2])
def test_vorbis_keeps_length_alignment_and_bit_rate(channels):
    soundfile = pytest.importorskip("soundfile", reason="the vorbis extra is not installed")
    sound = codec.decode_sound(vorbis_of(soundfile, chirp(44_100, channels), 44_100))
    again = codec.decode_sound(codec.encode_sound(sound))
    assert len(again.samples) == len(sound.samples)
    assert abs(lag(sound.samples, again.samples)) <= 4
    assert again.source.bit_rate == pytest.approx(sound.source.bit_rate, rel=0.3)


def test_vorbis_quality_follows_the_bit_rate():
    found = SoundFormat(container="ogg", codec="vorbis", rate=44_100, channels=2, bit_rate=112_000)
    assert vorbis_quality(found) == pytest.approx(0.3)
    assert vorbis_quality(replace(found, channels=1)) == pytest.approx(0.7)
    assert vorbis_quality(replace(found, bit_rate=1)) == 0
    assert vorbis_quality(replace(found, bit_rate=10**7)) == 1


# Passengers


@needs_ffprobe
@pytest.mark.parametrize(
    ("container", "name", "rate"),
    [("wav", "pcm_s16le", 16_000), ("flac", "flac", 16_000), ("mp3", "libmp3lame", 16_000),
     ("ogg", "libopus", 48_000), ("m4a", "aac", 16_000), ("wma", "wmav2", 16_000)],
)  # fmt: skip
def test_tags_rate_channels_and_codec_are_the_same_for_ffprobe(container, name, rate):
    kbits = 64_000 if name == "wmav2" else None
    data = coded(tones(rate, 2), rate, container, name, bit_rate=kbits)
    sound = codec.decode_sound(data)
    before, after = probed(data), probed(codec.encode_sound(sound, sound.samples * 0.9))
    for each in ("codec_name", "sample_rate", "channels", "channel_layout", "sample_fmt"):
        assert before["streams"][0].get(each) == after["streams"][0].get(each), each
    titles = [
        (found["format"].get("tags", {}) | found["streams"][0].get("tags", {})).get("title")
        for found in (before, after)
    ]
    assert titles == [TITLE, TITLE]


def test_wav_chunks_before_and_behind_the_samples_stay_and_sizes_fit():
    data = wav_of(16_000, 1, "s16")
    extra = b"bext" + struct.pack("<I", 5) + b"hello\0"
    cue = b"cue " + struct.pack("<I", 4) + bytes(4)
    data = data[:36] + extra + data[36:] + cue
    data = data[:4] + struct.pack("<I", len(data) - 8) + data[8:]
    sound = codec.decode_sound(data)
    assert any("cue" in note for note in sound.source.notes)
    out = codec.encode_sound(sound, np.concatenate([sound.samples, sound.samples[:333]]))
    assert out[36:50] == extra
    assert out.endswith(cue)
    assert struct.unpack("<I", out[4:8])[0] == len(out) - 8
    assert len(codec.decode_sound(out).samples) == len(sound.samples) + 333


def test_flac_blocks_and_id3_prefix_are_carried_over():
    data = coded(tones(), 16_000, "flac", "flac")
    assert data[4] & 0x7F == 0
    block = b"\x02" + (12).to_bytes(3, "big") + b"testSOMETHIN"
    prefix = b"ID3\x04\0\0\0\0\0\x0a" + bytes(10)
    data = prefix + data[:42] + block + data[42:]
    out = codec.encode_sound(codec.decode_sound(data))
    assert out.startswith(prefix)
    assert block in out
    assert np.array_equal(codec.decode_sound(out).samples, codec.decode_sound(data).samples)


def test_mp3_tags_in_front_and_behind_are_carried_over_byte_for_byte():
    data = coded(tones(44_100), 44_100, "mp3", "libmp3lame")
    front = 10 + int.from_bytes(data[6:10], "big")
    ape = b"APETAGEX" + struct.pack("<IIII", 2000, 32, 0, 0) + bytes(8)
    tag = b"TAG" + b"old title".ljust(125, b"\0")
    out = codec.encode_sound(codec.decode_sound(data + ape + tag))
    assert out[:front] == data[:front]
    assert out.endswith(ape + tag)


def test_cover_pictures_and_chapters_of_an_m4a_stay():
    mutagen = pytest.importorskip("mutagen.mp4")
    data = io.BytesIO(coded(tones(44_100), 44_100, "m4a", "aac"))
    tagged = mutagen.MP4(data)
    tagged["covr"] = [mutagen.MP4Cover(b"\xff\xd8\xff\xe0 cover", 13)]
    tagged["----:com.apple.iTunes:Own"] = [mutagen.MP4FreeForm(b"freely")]
    data.seek(0)
    tagged.save(data)
    out = mutagen.MP4(io.BytesIO(codec.encode_sound(codec.decode_sound(data.getvalue()))))
    assert bytes(out["covr"][0]) == b"\xff\xd8\xff\xe0 cover"
    assert bytes(out["----:com.apple.iTunes:Own"][0]) == b"freely"


# Streams


@pytest.mark.parametrize(
    ("container", "name"),
    [("wav", "pcm_f64le"), ("wav", "pcm_s24le"), ("flac", "flac"), ("aiff", "pcm_s32be")],
)
def test_blocks_are_the_sound_and_writing_them_back_is_bit_identical(tmp_path, container, name):
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(coded(tones(44_100, 2, 4), 44_100, container, name))
    whole = codec.decode_sound(source.read_bytes())
    blocks = list(codec.decode_blocks(source, frames=10_000))
    assert {len(block) for block in blocks[:-1]} == {10_000}
    assert np.array_equal(np.concatenate(blocks), whole.samples)
    codec.recode(source, target, lambda blocks: blocks)
    again = codec.decode_sound(target.read_bytes())
    if whole.stored is not None:
        assert np.array_equal(again.stored, whole.stored)
    assert np.array_equal(again.samples, whole.samples)


def test_a_change_of_other_block_sizes_keeps_the_unchanged_bits(tmp_path):
    source, target = tmp_path / "a.wav", tmp_path / "b.wav"
    fine = np.random.default_rng(2).uniform(-0.5, 0.5, 180_000)  # more digits than float32 has
    data = codec.encode_array(fine, 44_100, coding="f64")
    source.write_bytes(data[:44] + fine.tobytes())
    before = codec.decode_sound(source.read_bytes())

    def change(blocks):
        whole = np.concatenate(list(blocks))
        whole[1000:2000] *= 0.5
        yield from (whole[at : at + 777] for at in range(0, len(whole), 777))

    codec.recode(source, target, change)
    after = codec.decode_sound(target.read_bytes())
    same = np.r_[0:1000, 2000 : len(before.samples)]
    assert np.array_equal(before.stored[same], after.stored[same])
    assert np.allclose(after.stored[1000:2000], before.stored[1000:2000] * 0.5, atol=1e-7)


def test_a_writer_keeps_format_and_tags(tmp_path):
    source, target = tmp_path / "a.mp3", tmp_path / "b.mp3"
    source.write_bytes(coded(chirp(44_100), 44_100, "mp3", "libmp3lame", bit_rate=64_000))
    with codec.SoundWriter(target, source) as writer:
        for block in codec.decode_blocks(source, frames=5000):
            writer.write(block)
    found, made = codec.read_format(source), codec.read_format(target)
    assert (found.codec, found.rate, found.channels) == (made.codec, made.rate, made.channels)
    assert target.read_bytes()[:64] == source.read_bytes()[:64]
    pair = [codec.decode_sound(path.read_bytes()).samples for path in (source, target)]
    assert len(pair[0]) == len(pair[1])
    assert abs(lag(*pair)) <= 4


def test_rf64_sizes_beyond_32_bits_are_read_and_written():
    raw = np.arange(1000, dtype="<i2").tobytes()
    head = wav_of(16_000, 1, "s16")[12:36]
    ds64 = b"ds64" + struct.pack("<IQQQI", 28, 2000 + 72, 2000, 1000, 0)
    data = b"RF64\xff\xff\xff\xffWAVE" + ds64 + head + b"data\xff\xff\xff\xff" + raw
    sound = codec.decode_sound(data)
    assert codec.encode_sound(sound) == data
    longer = codec.encode_sound(sound, np.concatenate([sound.samples] * 2))
    assert struct.unpack_from("<QQQ", longer, 20) == (4072, 4000, 2000)
    assert len(codec.decode_sound(longer).samples) == 2000
