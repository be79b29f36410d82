"""Parts that need more than the library's own dependencies."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType


class NotInstalledError(ValueError):
    """A command needs the extra `train`, or `train-sentence`."""

    def __init__(self, missing: str | None) -> None:
        extra = "train-sentence" if missing in {"torch", "onnx", "onnxruntime", "tokenizers"} else "train"
        super().__init__(f"training needs {missing}: pip install 'moothall-screening[{extra}]'")


def training_module(name: str) -> ModuleType:
    """A module of `moothall_screening.training`; judging must not pay for scikit-learn, nor need it."""
    try:
        return import_module(f"moothall_screening.training.{name}")
    except ModuleNotFoundError as missing:
        raise NotInstalledError(missing.name) from missing
