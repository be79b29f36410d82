"""Parts that need more than the library's own dependencies."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType


class NotInstalledError(ValueError):
    """A command needs the extra `train`."""

    def __init__(self) -> None:
        super().__init__("training needs scikit-learn: pip install 'moothall-screening[train]'")


def training_module(name: str) -> ModuleType:
    """A module of `moothall_screening.training`; judging must not pay for scikit-learn, nor need it."""
    try:
        return import_module(f"moothall_screening.training.{name}")
    except ModuleNotFoundError as missing:
        raise NotInstalledError from missing
