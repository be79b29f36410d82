"""Commands by the shape of an address, as lists elsewhere have them, for mail that is explained and was never ours."""

from __future__ import annotations

import re
from collections.abc import Iterable

_COMMAND = re.compile(
    r"[^@]+(?:\+confirm|\+(?:un)?subscribe|[-+](?:un)?subscribe|-(?:request|confirm|leave|join))\b[^@]*@"
)


def is_command_elsewhere(addresses: Iterable[str]) -> bool:
    first = next(iter(addresses), "")
    return _COMMAND.match(first[:320]) is not None
