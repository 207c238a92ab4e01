"""The adapters for diffusers: against the real host where it is installed, else its types."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from PIL import Image

import detectors
import labeler
from labeler.integrations.diffusers import LabelledPipeline, Watermarker
from labeler.model import Label
from makers import PRODUCER, photo


needs_host = pytest.mark.skipif(
    not (find_spec("torch") and find_spec("diffusers")), reason="torch or diffusers not installed"
)


@dataclass
class Output:
    """What pipelines of diffusers return, as far as the adapter uses it."""

    images: Any = None
    frames: Any = None

    def to_tuple(self):
        return tuple(v for v in (self.images, self.frames) if v is not None)


def pipeline_of(**made):
    return lambda *_, return_dict: Output(**made)  # noqa: ARG005  the host's keyword


def pictures(count, side=320):
    return np.stack([photo(name, side) for name in ("astronaut", "coffee", "chelsea")[:count]])


def labels_read(picture):
    report = detectors.verify(picture)
    return {row.layer.value for row in report.evidence if row.found}


def test_pil_images_stay_pil_images_each_with_its_own_number(label):
    made = [Image.fromarray(p) for p in pictures(2)]
    pipe = LabelledPipeline(pipeline_of(images=made), label)
    out = pipe("a prompt").images
    assert [type(p) for p in out] == [Image.Image] * 2
    assert [labels_read(p) for p in out] == [{"visible", "watermark"}] * 2
    numbers = [r.label["ProduceID"] for r in pipe.receipts]
    assert numbers == ["demo-001", "demo-001-1"]
    pipe("again")
    assert [r.label["ProduceID"] for r in pipe.receipts] == ["demo-001-2", "demo-001-3"]


def test_arrays_keep_shape_dtype_and_range(label):
    made = (pictures(2) / 255).astype(np.float32)
    (out,) = LabelledPipeline(pipeline_of(images=made), label)("x", return_dict=False)
    assert (out.shape, out.dtype) == (made.shape, made.dtype)
    assert 0 <= out.min() <= out.max() <= 1
    assert labels_read(out[1]) == {"visible", "watermark"}


def test_all_frames_of_a_film_carry_the_one_label_of_the_film():
    films = [[Image.fromarray(p) for p in pictures(3)] for _ in range(2)]
    kept = []
    pipe = LabelledPipeline(pipeline_of(frames=films), Label(producer=PRODUCER), record=kept.append)
    out = pipe("a film").frames
    assert [len(film) for film in out] == [3, 3]
    assert len(kept) == len({r.mark_id for r in kept}) == 2
    marks = {
        row.mark_id
        for frame in out[1]
        for row in detectors.verify(frame).evidence
        if row.layer.value == "watermark"
    }
    (read,) = marks  # small pictures carry the first bits of a number
    assert len(read.rstrip("0")) > 3
    assert kept[1].mark_id.startswith(read.rstrip("0")[:-1])


@needs_host
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_the_watermarker_keeps_dtype_shape_and_range_of_tensors(label, dtype):
    import torch

    levels = torch.from_numpy(pictures(2).transpose(0, 3, 1, 2) / 127.5 - 1) * 1.2
    images = levels.to(getattr(torch, dtype))
    marker = Watermarker(label)
    out = marker.apply_watermark(images)
    assert (out.shape, out.dtype, out.device) == (images.shape, images.dtype, images.device)
    assert -1 <= float(out.min()) <= float(out.max()) <= 1
    shown = ((out.float() + 1) / 2).permute(0, 2, 3, 1).numpy()
    assert [labels_read(p) for p in shown] == [{"visible", "watermark"}] * 2
    assert len(marker.receipts) == 2
    tiny = marker.apply_watermark((images.float().clamp(-1, 1) + 1) / 2, is_tiny_vae=True)
    assert 0 <= float(tiny.min()) <= float(tiny.max()) <= 1


@pytest.fixture(scope="module")
def tiny_sdxl():
    """An SDXL pipeline of a few thousand random weights, as the host's own tests build it."""
    diffusers, torch = (pytest.importorskip(name) for name in ("diffusers", "torch"))
    torch.manual_seed(2)
    unet = diffusers.UNet2DConditionModel(
        block_out_channels=(8, 16), layers_per_block=1, sample_size=160, in_channels=4,
        out_channels=4, down_block_types=("DownBlock2D",) * 2, up_block_types=("UpBlock2D",) * 2,
        norm_num_groups=4, addition_embed_type="text_time", addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=80, cross_attention_dim=64, mid_block_type=None,
    )  # fmt: skip
    vae = diffusers.AutoencoderKL(
        block_out_channels=(8, 8), down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2, latent_channels=4, sample_size=160,
        norm_num_groups=4, mid_block_add_attention=False,
    )  # fmt: skip
    pipe = diffusers.StableDiffusionXLPipeline(
        vae=vae, text_encoder=None, text_encoder_2=None, tokenizer=None, tokenizer_2=None,
        unet=unet, scheduler=diffusers.EulerDiscreteScheduler(), add_watermarker=False,
    )  # fmt: skip
    pipe.set_progress_bar_config(disable=True)
    coarse = torch.randn(2, 4, 20, 20)
    asked = {
        "prompt_embeds": torch.randn(2, 7, 64), "pooled_prompt_embeds": torch.randn(2, 32),
        "latents": torch.nn.functional.interpolate(coarse, (160, 160), mode="bicubic"),
        "height": 320, "width": 320, "num_inference_steps": 1, "guidance_scale": 1.0,
    }  # fmt: skip
    return pipe, asked


@pytest.mark.filterwarnings("ignore")
def test_a_pipeline_of_random_weights_is_labelled_end_to_end(label, tiny_sdxl, tmp_path):
    pipe, asked = tiny_sdxl
    pipe.watermark = None
    labelled = LabelledPipeline(pipe, label)
    out = labelled(**asked).images
    assert [image.size for image in out] == [(320, 320)] * 2
    assert [r.label["ProduceID"] for r in labelled.receipts] == ["demo-001", "demo-001-1"]
    out[1].save(tmp_path / "made.png")
    own = Label(producer=PRODUCER, content_id=labelled.receipts[1].label["ProduceID"])
    labeler.apply(tmp_path / "made.png", own, layers="metadata", in_place=True)
    report = detectors.verify(tmp_path / "made.png")
    assert report.verdict.value == "confirmed"
    assert {e.layer.value for e in report.evidence if e.found} == {
        "visible",
        "watermark",
        "metadata",
    }
    (mark,) = [row for row in report.evidence if row.layer.value == "watermark"]
    assert mark.agrees_with_metadata


@pytest.mark.filterwarnings("ignore")
def test_an_sdxl_pipeline_takes_the_watermarker_in_place_of_its_own(label, tiny_sdxl):
    pipe, asked = tiny_sdxl
    pipe.watermark = Watermarker(label)
    out = pipe(**asked, output_type="np").images
    assert (out.shape, out.dtype) == ((2, 320, 320, 3), np.float32)
    assert [labels_read(image) for image in out] == [{"visible", "watermark"}] * 2
    assert [r.label["ProduceID"] for r in pipe.watermark.receipts] == ["demo-001", "demo-001-1"]
