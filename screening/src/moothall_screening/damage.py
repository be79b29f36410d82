"""Files of the package that were cut off or changed: a download that broke, a disk that was full."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class DamagedFileError(ValueError):
    """A file of the model that can't be read."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is damaged: install moothall-screening again, or fetch your own model again")


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Whatever goes wrong with reading it, the file is named. Onnxruntime and tokenizers raise plain exceptions."""
    try:
        yield
    except OSError:  # names it
        raise
    except Exception as error:
        raise DamagedFileError(path) from error
