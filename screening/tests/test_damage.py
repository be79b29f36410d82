"""Files that were cut off: the error says which, and what to do."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from moothall_screening import Screener, language
from moothall_screening.damage import DamagedFileError
from moothall_screening.weights import PACKAGED, NoWeightsError


def cut_off(source: Path, folder: Path, name: str) -> Path:
    """A copy in which this file has half its length."""
    shutil.copytree(source, folder, copy_function=lambda old, new: Path(new).symlink_to(old))
    whole = (folder / name).read_bytes()
    (folder / name).unlink()
    (folder / name).write_bytes(whole[: len(whole) // 2])
    return folder / name


@pytest.mark.parametrize("name", ["alone.onnx", "together.onnx", "tokenizer.json"])
def test_file_of_the_sentence_model_that_was_cut_off_is_named(name: str, tmp_path: Path) -> None:
    damaged = cut_off(PACKAGED, tmp_path / "data", f"sentence/{name}")

    with pytest.raises(DamagedFileError, match=f"^{re.escape(str(damaged))} is damaged: install moothall-screening"):
        Screener(tmp_path / "data").load()


@pytest.mark.parametrize("name", ["facts.json", "grams.npz", "weights.npy"])
def test_file_of_the_languages_that_was_cut_off_is_named(name: str, tmp_path: Path) -> None:
    damaged = cut_off(language.FOLDER, tmp_path / "language", name)

    with pytest.raises(DamagedFileError, match=f"^{re.escape(str(damaged))} is damaged: install moothall-screening"):
        language.identifier(tmp_path / "language")


def test_packaged_weights_that_were_cut_off_are_to_be_installed_again() -> None:
    assert str(NoWeightsError(PACKAGED / "fast.npz")).endswith("holds no weights: install moothall-screening again")


def test_screener_whose_files_are_whole_is_loaded() -> None:
    Screener().load()
