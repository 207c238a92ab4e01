"""The visible label on what text pipelines return and stream."""

from __future__ import annotations

import pytest

from detectors.text.explicit import read_explicit
from detectors.text.sampling import read_sampling
from labeler.integrations.transformers import WatermarkLogitsProcessor
from labeler.integrations.transformers_output import LabelledTextPipeline
from labeler.keys import Key
from labeler.text.sampling import WatermarkSampler
from small_model import small_model


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


@pytest.fixture
def pipeline():
    network, tokenizer = small_model()
    import transformers

    return transformers.pipeline("text-generation", model=network, tokenizer=tokenizer)


@pytest.mark.filterwarnings("ignore")
def test_a_real_pipeline_is_labelled_end_to_end(label, pipeline):
    import torch

    torch.manual_seed(1)
    pipe = LabelledTextPipeline(pipeline, label)
    (answer,) = pipe(
        "The history of the sea is", do_sample=True, temperature=1.0, top_k=0, top_p=1.0,
        max_new_tokens=120, min_new_tokens=120, return_full_text=False,
        logits_processor=[WatermarkLogitsProcessor(WatermarkSampler(MINE))],
    )  # fmt: skip
    text = answer["generated_text"]
    assert text.startswith("AI生成\n\n")
    assert read_explicit(text)[0].found
    assert pipe.receipts[0].label["ProduceID"] == "demo-001"
    tokens = pipeline.tokenizer(text.removeprefix("AI生成\n\n")).input_ids
    assert read_sampling(tokens, (MINE,)).p_value < 1e-3


@pytest.mark.filterwarnings("ignore")
def test_a_real_stream_is_labelled_as_it_comes(label, pipeline):
    from threading import Thread

    from transformers import TextIteratorStreamer

    tokenizer = pipeline.tokenizer
    streamer = TextIteratorStreamer(tokenizer, skip_prompt=True, timeout=60)
    asked = tokenizer("The sea", return_tensors="pt")
    work = Thread(
        target=pipeline.model.generate,
        kwargs={**asked, "streamer": streamer, "max_new_tokens": 8, "do_sample": False},
    )
    work.start()
    pipe = LabelledTextPipeline(pipeline, label)
    pieces = list(pipe.stream(streamer, language="en"))
    work.join()
    assert "".join(pieces).lstrip().startswith("AI GENERATED\n\n")
    assert len(pieces) > 3
    assert pipe.receipts[0].layers["visible"]["text"] == "AI GENERATED"
