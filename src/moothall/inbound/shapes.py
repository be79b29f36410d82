"""Commands that are known by their shape: of an address, as lists elsewhere have them, or of what is said."""

from __future__ import annotations

import re
from collections.abc import Iterable

_COMMAND = re.compile(
    r"[^@]+(?:\+confirm|\+(?:un)?subscribe|[-+](?:un)?subscribe|-(?:request|confirm|leave|join))\b[^@]*@"
)
_STOP = re.compile(
    r"(?:please |bitte |por favor,? )?(?:"
    r"(?:unsubscribe|remove|take) me(?: off| from)?(?: (?:this|the|your)(?: mailing)? (?:list|group))?"
    r"|unsubscribe(?: from (?:this|the|your)(?: mailing)? (?:list|group))?|un-subscribe"
    r"|abmelden|abbestellen|austragen|(?:me )?(?:désinscrire|désabonner)|désinscription|désabonnement"
    r"|(?:darme de )?baja|cancelar suscripción|darse de baja|disiscrivi(?:mi)?|cancellami|disiscrizione"
    r"|afmelden|uitschrijven|avregistrera|afmeld|avmeld|wypisz(?: mnie)?|descadastrar|отписаться|отписать"
    r"|退订|取消訂閱|配信停止"
    r")(?:,? please|,? bitte|,? s'il vous plaît|,? thanks?(?: you)?)?",
    re.IGNORECASE,
)
_LONGEST_STOP = 80


def asks_to_stop(text: str, subject: str) -> bool:
    """Whether somebody says nothing but that they want no more mail: the words, or the subject where there are none.

    >>> asks_to_stop("Please unsubscribe me.", "Re: Plate"), asks_to_stop("How do I unsubscribe?", "unsubscribe")
    (True, False)
    """
    said = " ".join((text or subject)[: 2 * _LONGEST_STOP].split()).strip(" .!")
    return len(said) <= _LONGEST_STOP and _STOP.fullmatch(said) is not None


def is_command_elsewhere(addresses: Iterable[str]) -> bool:
    first = next(iter(addresses), "")
    return _COMMAND.match(first[:320]) is not None
