"""The slower, closer reader: a small transformer that reads a text beside its group's purpose and its parent post."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from moothall_screening.damage import named
from moothall_screening.disguise import undisguised
from moothall_screening.likeness import EMBEDDING_WIDTH
from moothall_screening.quoting import left_out
from moothall_screening.sentence_pieces import Cutter, Pieces, both_ends, joined, windows_of
from moothall_screening.verdict import Candidate, Kind

# Without the extra `sentence` the fast judge works alone.
HAS_ENGINE = all(find_spec(package) is not None for package in ("onnxruntime", "tokenizers"))

# The model's files: its lower layers read text, purpose and parent each alone, the upper ones together.
ALONE, TOGETHER = "alone.onnx", "together.onnx"
TOKENIZER = "tokenizer.json"
# What was read of so many purposes and parents is kept, 70 kB each: a group's posts share a purpose.
CONTEXTS_KEPT = 128

# A piece counts as pitch from this probability on (best token F1 on the corpus's dev groups),
# and a gap of so many pieces between two such pieces is bridged.
PITCH_THRESHOLD = 0.35
PITCH_GAP = 2
# Word pieces begin and end inside words; of a longer word the rest stays unmarked.
LONGEST_REST = 20
FIRST_WITHOUT_SPACES = "\u2e80"

Span = tuple[int, int, float]
Content = tuple[bytes, tuple[int, ...], tuple[int, ...]]


class SentenceModelMissing(RuntimeError):
    """The sentence model cannot be loaded: its files or the packages it runs on are not there."""


@dataclass(frozen=True, slots=True)
class SentenceReading:
    """What the sentence model says of `n` candidates.

    Attributes
    ----------
    promotion
        log-odds of being a promotion, uncalibrated, float32 `(n,)`; of the most promotional window of a long text.
    kinds
        log-probabilities in the order of `Kind`, float32 `(n, 7)`.
    fit
        log-odds that the text belongs to the group's purpose, uncalibrated, float32 `(n,)`; NaN without a purpose.
    pitch
        for each text the stretches that carry a pitch as (start, end, probability): half-open character offsets
        into `Candidate.text`; those in the subject are negative, as `Evidence.spans` has it.
    embedding
        of subject and text alone, float32 `(n, 384)`, each of length 1.
    purpose_embedding
        of the group's purpose, the same; zeros without one.
    """

    promotion: NDArray[np.float32]
    kinds: NDArray[np.float32]
    fit: NDArray[np.float32]
    pitch: tuple[tuple[Span, ...], ...]
    embedding: NDArray[np.float32]
    purpose_embedding: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of one candidate's text, from piece `start` on, with its context in word pieces."""

    owner: int
    start: int
    text: Pieces
    purpose: tuple[int, ...]
    parent: tuple[int, ...]

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def content(self) -> Content:
        """All that the model is given of it."""
        return self.text.ids.tobytes(), self.purpose, self.parent


@dataclass(frozen=True, slots=True)
class Lone:
    """What the lower layers make of one segment: states float32 `(1, length, width)`, embedding `(1, width)`."""

    states: NDArray[np.float32]
    embedding: NDArray[np.float32]

    @staticmethod
    def nothing() -> Lone:
        return Lone(np.zeros((1, 0, EMBEDDING_WIDTH), np.float32), np.zeros((1, EMBEDDING_WIDTH), np.float32))


@dataclass(frozen=True, slots=True)
class Outputs:
    """What the model says of one window."""

    promotion: float
    kinds: NDArray[np.float32]
    fit: float
    pitch: NDArray[np.float32]
    embedding: NDArray[np.float32]
    purpose_embedding: NDArray[np.float32]


class SentenceJudge:
    """Reads candidates with the packaged ONNX model; thread-safe, picklable, loaded at the first reading.

    Parameters
    ----------
    path
        folder with the model's two files, `tokenizer.json` and `version`; by default the packaged one.
    threads
        threads of one reading.

    Raises
    ------
    SentenceModelMissing
        if the files are not there or the extra `sentence` is not installed.
    """

    def __init__(self, path: Path | None = None, threads: int = 1) -> None:
        self.path = Path(str(files("moothall_screening"))) / "data" / "sentence" if path is None else path
        self.threads = threads
        self._engine: Engine | None = None
        if not HAS_ENGINE:
            raise SentenceModelMissing("Install moothall-screening[sentence] to use the sentence model.")
        if not all((self.path / name).exists() for name in (ALONE, TOGETHER)):
            raise SentenceModelMissing(f"{self.path} holds no sentence model; train one with `moothall-screen train`.")
        self.version = (self.path / "version").read_text(encoding="utf-8").strip()

    def __reduce__(self) -> tuple[type[SentenceJudge], tuple[Path, int]]:
        return SentenceJudge, (self.path, self.threads)

    def read(self, candidates: Sequence[Candidate]) -> SentenceReading:
        """Read candidates together; about 10 to 40 CPU-ms each, whatever their length."""
        engine = self.engine()
        texts = [own_pieces(candidate, engine.pieces(full_text(candidate))) for candidate in candidates]
        windows = [w for i, c in enumerate(candidates) for w in engine.windows(i, texts[i], c)]
        outputs: list[list[tuple[Window, Outputs]]] = [[] for _ in candidates]
        # A text that says the same again and again has many windows and few different ones.
        read: dict[Content, Outputs] = {}
        for window in windows:
            if window.content not in read:
                read[window.content] = engine.outputs(window)
            outputs[window.owner].append((window, read[window.content]))
        return gather(candidates, texts, outputs)

    def purpose_embedding(self, purpose: str) -> NDArray[np.float32]:
        """Of a group's stated interest, float32 `(384,)`, of length 1; zeros for an empty one."""
        engine = self.engine()
        return engine.context(tuple(engine.cutter.purpose(purpose))).embedding[0]

    def engine(self) -> Engine:
        """Loaded, or that of another judge which reads with the same."""
        with _LOADING:
            if self._engine is None:
                kept = self.path, self.version, self.threads
                self._engine = _ENGINES.get(kept) or Engine(self.path, self.threads)
                _ENGINES[kept] = self._engine
            return self._engine


class Engine:
    """The loaded model and tokenizer; threads may share one."""

    def __init__(self, path: Path, threads: int) -> None:
        # Only now: they take 60 ms and 20 MB, and most programs never read a text closely.
        onnxruntime, tokenizers = import_module("onnxruntime"), import_module("tokenizers")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # A pool that spins while it waits would burn a core between two posts.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        sessions = []
        for name in (ALONE, TOGETHER):
            with named(path / name):
                sessions.append(onnxruntime.InferenceSession(path / name, options, providers=["CPUExecutionProvider"]))
        self.alone, self.together = sessions
        with named(path / TOKENIZER):
            self.cutter = Cutter(tokenizers.Tokenizer.from_file(str(path / TOKENIZER)))
        self.context = lru_cache(CONTEXTS_KEPT)(self.read_context)

    def pieces(self, text: str) -> Pieces:
        """Of the text as it is seen, with the places where they stand in it as it was written."""
        return joined([self.pieces_of(part, shift) for part, shift in both_ends(text)])

    def pieces_of(self, part: str, shift: int) -> Pieces:
        shown, places = undisguised(part)
        pieces = self.cutter.cut(shown)
        if places is None or not len(pieces):
            return Pieces(pieces.ids, pieces.spans + shift)
        starts, ends = pieces.spans.T
        first = places[np.minimum(starts, len(places) - 1)]
        last = np.where(ends > starts, places[ends - 1] + 1, first)
        return Pieces(pieces.ids, np.stack([first, last], 1) + shift)

    def windows(self, owner: int, text: Pieces, candidate: Candidate) -> list[Window]:
        purpose = tuple(self.cutter.purpose(candidate.group_purpose or ""))
        parent = tuple(self.cutter.parent(candidate.parent or ""))
        return [Window(owner, start, text.window(start, size), purpose, parent) for start, size in windows_of(text)]

    def outputs(self, window: Window) -> Outputs:
        """What the model says of one window.

        Each is read by itself, since the eight bits are scaled by what is run together, and company must change
        nothing.
        """
        text = self.read_alone(self.cutter.framed(window.text.ids.tolist()))
        purpose, parent = self.context(window.purpose), self.context(window.parent)
        feed = {
            "text": text.states,
            "purpose": purpose.states,
            "parent": parent.states,
            "embedding": text.embedding,
            "purpose_embedding": purpose.embedding,
        }
        promotion, kinds, fit, pitch = self.together.run(None, feed)
        lead = self.cutter.lead
        marks = pitch[0, lead : lead + len(window.text)]
        return Outputs(float(promotion[0]), kinds[0], float(fit[0]), marks, text.embedding[0], purpose.embedding[0])

    def read_context(self, pieces: tuple[int, ...]) -> Lone:
        return self.read_alone(pieces) if pieces else Lone.nothing()

    def read_alone(self, pieces: Sequence[int]) -> Lone:
        feed = {"pieces": np.array([pieces], np.int64), "places": np.arange(len(pieces), dtype=np.int64)[None]}
        return Lone(*self.alone.run(None, feed))


# By what each was loaded from, for as long as a judge has it.
_ENGINES: WeakValueDictionary[tuple[Path, str, int], Engine] = WeakValueDictionary()
_LOADING = Lock()


def full_text(candidate: Candidate) -> str:
    """Without the space at its end, which would be a word piece of its own, also where there is but a subject."""
    text = f"{candidate.subject}\n{candidate.text}" if candidate.subject else candidate.text
    return text.rstrip()


def own_pieces(candidate: Candidate, pieces: Pieces) -> Pieces:
    """Those that do not lie in a quotation or a signature."""
    spans = left_out(candidate.text)
    if not spans:
        return pieces
    shift = len(candidate.subject) + 1 if candidate.subject else 0
    starts, ends = np.array(sorted(spans)).T + shift
    # A piece lies in one of the spans if one that begins no later ends no earlier.
    ends = np.maximum.accumulate(ends)
    before = np.searchsorted(starts, pieces.spans[:, 0], side="right") - 1
    kept = (before < 0) | (ends[before] < pieces.spans[:, 1])
    return Pieces(pieces.ids[kept], pieces.spans[kept])


def gather(
    candidates: Sequence[Candidate], texts: Sequence[Pieces], outputs: Sequence[Sequence[tuple[Window, Outputs]]]
) -> SentenceReading:
    """Pool the windows of each text: the most promotional one decides promotion and kind, all of them the rest."""
    count = len(candidates)
    promotion, fit = np.zeros(count, np.float32), np.full(count, np.nan, np.float32)
    kinds = np.zeros((count, len(Kind)), np.float32)
    embedding, purpose_embedding = np.zeros((2, count, EMBEDDING_WIDTH), np.float32)
    pitch = []
    for i, (candidate, text, read) in enumerate(zip(candidates, texts, outputs, strict=True)):
        _, loudest = max(read, key=lambda pair: pair[1].promotion)
        promotion[i], kinds[i], purpose_embedding[i] = loudest.promotion, loudest.kinds, loudest.purpose_embedding
        if read[0][0].purpose:
            fit[i] = np.mean([output.fit for _, output in read])
        mean = np.mean([output.embedding for _, output in read], axis=0)
        embedding[i] = mean / max(float(np.linalg.norm(mean)), 1e-6)
        pitch.append(pitch_spans(candidate, text, piece_probabilities(text, read)))
    return SentenceReading(promotion, kinds, fit, tuple(pitch), embedding, purpose_embedding)


def piece_probabilities(text: Pieces, read: Sequence[tuple[Window, Outputs]]) -> NDArray[np.float64]:
    """Of each piece the probability that it carries the pitch, the highest of its windows; float64 `(pieces,)`."""
    found = np.zeros(len(text))
    for window, output in read:
        seen = slice(window.start, window.end)
        found[seen] = np.maximum(found[seen], 1 / (1 + np.exp(-np.clip(output.pitch, -30, 30))))
    return found


def whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """A stretch with the rest of the words in which it begins and ends, where a script has spaces between words.

    >>> whole_words("say cherrytone now", 7, 12)
    (4, 14)
    """
    for _ in range(LONGEST_REST):
        start -= 0 < start < len(text) and in_a_word(text[start - 1 : start + 1])
        end += 0 < end < len(text) and in_a_word(text[end - 1 : end + 1])
    return start, end


def in_a_word(pair: str) -> bool:
    return pair.isalnum() and max(pair) < FIRST_WITHOUT_SPACES


def pitch_spans(candidate: Candidate, text: Pieces, probabilities: NDArray[np.float64]) -> tuple[Span, ...]:
    """Runs of likely pieces as character spans; a run never reaches from the subject into the text."""
    shift = len(candidate.subject) + 1 if candidate.subject else 0
    runs: list[list[int]] = []
    for at in np.flatnonzero(probabilities >= PITCH_THRESHOLD).tolist():
        near = runs and at - runs[-1][-1] <= PITCH_GAP + 1
        if near and (text.spans[at, 0] >= shift) == (text.spans[runs[-1][0], 0] >= shift):
            runs[-1].append(at)
        else:
            runs.append([at])
    found = []
    for run in runs:
        low = 0 if text.spans[run[0], 0] >= shift else -shift
        high = len(candidate.text) if low == 0 else -1
        start, end = int(text.spans[run[0], 0]) - shift, int(text.spans[run[-1], 1]) - shift
        start, end = whole_words(full_text(candidate), max(start, low) + shift, min(end, high) + shift)
        start, end = max(start - shift, low, found[-1][1] if found else low), min(end - shift, high)
        if start < end:
            found.append((start, end, float(probabilities[run].mean())))
    return tuple(found)
