"""A second opinion on doubtful posts, asked of a language model behind an OpenAI-compatible end point nearby.

Off unless somebody sets it up. What is asked and how an answer is read stands in `second_opinion_question`; here is
what bounds it: a band of doubt, a budget, a time, a place (no post leaves the private network), and a weight.
"""

from __future__ import annotations

import logging
import socket
from collections import deque
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import IPv6Address, ip_address
from math import log
from threading import Lock, Timer
from time import monotonic
from urllib.parse import SplitResult, quote, urlsplit

from moothall_screening.second_opinion_question import (
    Opinion,
    UnreadableAnswer,
    opinion_in,
    request_body,
    speaks_to_the_model,
)
from moothall_screening.verdict import Candidate, Evidence, Kind

SOURCE = "second opinion"
LIMIT = 1.0  # log-odds. Not fitted, since models differ; so small that none can carry a post across the band of doubt.

_MINUTE_S = 60.0
_LONGEST_S = 3_600.0
_REST_S = 60.0
_MOST_BYTES = 65_536
_STANDS_IN_A_PATH = "/%:@!$&'()*+,;=~"  # RFC 3986, section 3.3
_READ_AS = {
    Kind.DISCUSSION: "a contribution to the discussion",
    Kind.QUESTION: "a question",
    Kind.REQUEST: "a request",
    Kind.EXPERTISE: "advice",
    Kind.EVENT: "the announcement of an event",
    Kind.JOB: "a job notice",
    Kind.PROMOTION: "an offer",
}
_logger = logging.getLogger(__name__)


class NotNearby(OSError):
    """The end point's address lies in the public internet; posts are not sent there. Name a machine of your own."""


@dataclass(frozen=True, slots=True)
class EndPoint:
    """Where the model answers, and within what bounds it is asked.

    Attributes
    ----------
    url
        of the API, such as `http://127.0.0.1:11434/v1`; `/chat/completions` is added.
    model
        its name there.
    key
        sent as a bearer token, if there is one.
    timeout_s
        of one question, from connecting to the end of the answer.
    most_a_minute
        questions in any sixty seconds; further posts are judged without it.
    doubtful
        P(promotion) between which a post is doubtful, 0 to 1.

    Raises
    ------
    ValueError
        where the address or a bound makes no sense.

    >>> EndPoint("http://127.0.0.1:11434/v1", "a-model").host
    '127.0.0.1:11434'
    """

    url: str
    model: str
    key: str = field(default="", repr=False)
    timeout_s: float = 5.0
    most_a_minute: int = 20
    doubtful: tuple[float, float] = (0.25, 0.75)

    def __post_init__(self) -> None:
        if not _is_of_an_api(self.parts):
            raise ValueError(f"{self.url!r} is no address of an API: give one such as http://127.0.0.1:11434/v1")
        if not self.key.isprintable():  # it would stand in the log, since http.client tells what it does not send
            raise ValueError("the key holds a line break or another sign that can't be printed: give it without")
        if not 0.0 < self.doubtful[0] <= self.doubtful[1] < 1.0:
            raise ValueError("doubtful is the lower and the upper bound of a chance, both between 0 and 1")
        if not 0.0 < self.timeout_s <= _LONGEST_S or self.most_a_minute < 1:
            raise ValueError(
                f"timeout_s must be above 0 and no more than {_LONGEST_S:g}, most_a_minute above 0; "
                "leave the second opinion out to ask nothing"
            )

    @property
    def parts(self) -> SplitResult:
        return urlsplit(self.url)

    @property
    def host(self) -> str:
        return self.parts.netloc

    @property
    def address(self) -> str:
        return f"{quote(self.parts.path.rstrip('/'), safe=_STANDS_IN_A_PATH)}/chat/completions"

    def is_doubtful(self, log_odds: float) -> bool:
        low, high = self.doubtful
        return log(low / (1.0 - low)) <= log_odds <= log(high / (1.0 - high))


class SecondOpinion:
    """Asks the end point about doubtful posts; threads may share one, and it can be pickled."""

    def __init__(self, end_point: EndPoint) -> None:
        self.end_point = end_point
        self._lock = Lock()
        self._asked_at: deque[float] = deque()
        self._rests_until = 0.0
        self._was_told = False

    def __reduce__(self) -> tuple[type[SecondOpinion], tuple[EndPoint]]:
        return SecondOpinion, (self.end_point,)

    def ask(self, candidate: Candidate, log_odds: float) -> Evidence | None:
        """What the model adds to `log_odds`, at most `LIMIT` either way.

        None where the post is not doubtful, where it speaks to the model, where the budget is spent, and where no
        answer came in time that says one thing and nothing else. Never raises for what the end point does.
        """
        if not self.end_point.is_doubtful(log_odds) or speaks_to_the_model(candidate) or not self._may_ask():
            return None
        try:
            opinion = opinion_in(self._posted(request_body(candidate, self.end_point.model)))
        except UnreadableAnswer as odd:
            self._tell(odd)
            return None
        except (OSError, HTTPException, ValueError) as failed:  # the last of a name that no host can have, or a key
            self._rest()
            self._tell(failed)
            return None
        self._was_told = False
        return self._evidence(opinion)

    def _evidence(self, opinion: Opinion) -> Evidence:
        weight = LIMIT * opinion.certainty
        added = weight if opinion.kind is Kind.PROMOTION else -weight
        reason = f"a language model at {self.end_point.host} reads it as {_READ_AS[opinion.kind]}"
        return Evidence(SOURCE, added, reason)

    def _may_ask(self) -> bool:
        with self._lock:
            now = monotonic()
            while self._asked_at and self._asked_at[0] <= now - _MINUTE_S:
                self._asked_at.popleft()
            if now < self._rests_until or len(self._asked_at) >= self.end_point.most_a_minute:
                return False
            self._asked_at.append(now)
            return True

    def _rest(self) -> None:
        """A silent end point must not cost every post its time-out."""
        with self._lock:
            self._rests_until = monotonic() + _REST_S

    def _tell(self, why: Exception) -> None:
        """Once, until it answers again."""
        with self._lock:
            was_told, self._was_told = self._was_told, True
        if not was_told:
            # What went wrong may be told in the words of the other side; repr keeps its marks out of the log.
            _logger.warning("No second opinion from %s: %.200r. Posts are judged without it.", self.end_point.host, why)

    def _posted(self, body: bytes) -> bytes:
        """No redirect is followed, and no proxy of the environment is used."""
        until = monotonic() + self.end_point.timeout_s
        connection = self._connection()
        try:
            connection.connect()
            _refuse_public(connection.sock)
            # The socket's own time-out starts anew with every byte; this ends an answer that trickles.
            watchdog = Timer(max(0.0, until - monotonic()), _cut, [connection.sock])
            watchdog.daemon = True
            watchdog.start()
            try:
                connection.request("POST", self.end_point.address, body, self._headers())
                response = connection.getresponse()
                content = response.read(_MOST_BYTES + 1)
            finally:
                watchdog.cancel()
        finally:
            connection.close()
        if monotonic() >= until:
            raise TimeoutError(f"no answer within {self.end_point.timeout_s:g} s")
        if response.status != 200:
            raise HTTPException(f"it answered with status {response.status}")
        if len(content) > _MOST_BYTES:
            raise UnreadableAnswer(f"its answer is longer than {_MOST_BYTES} bytes")
        return content

    def _connection(self) -> HTTPConnection:
        parts = self.end_point.parts
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        return kind(parts.hostname or "", parts.port, timeout=self.end_point.timeout_s)

    def _headers(self) -> dict[str, str | bytes]:
        sent = {"Content-Type": "application/json", "Accept": "application/json", "Connection": "close"}
        return sent | ({"Authorization": f"Bearer {self.end_point.key}".encode()} if self.end_point.key else {})


def _is_of_an_api(parts: SplitResult) -> bool:
    try:
        is_of_a_host = bool(parts.hostname) and parts.port != 0
    except ValueError:  # the port is no number, or too large a one
        return False
    return parts.scheme in {"http", "https"} and is_of_a_host and "@" not in parts.netloc


def _refuse_public(sock: socket.socket) -> None:
    address = ip_address(str(sock.getpeername()[0]).partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if not (address.is_loopback or address.is_private or address.is_link_local):
        raise NotNearby(f"{address} is an address in the public internet; name a machine of your own")


def _cut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # It ended by itself.
