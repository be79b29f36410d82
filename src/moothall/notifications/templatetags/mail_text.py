"""Plain text in mails: lines of at most 72."""

from __future__ import annotations

from django import template
from django.template.base import NodeList, Parser, Token
from django.template.context import Context

from moothall.notifications.wrapping import wrapped

register = template.Library()


class Wrapped(template.Node):
    def __init__(self, nodes: NodeList, indent: str) -> None:
        self.nodes = nodes
        self.indent = indent

    def render(self, context: Context) -> str:
        return wrapped(" ".join(self.nodes.render(context).split()), indent=self.indent)


@register.tag
def wrap(parser: Parser, token: Token) -> Wrapped:
    """`{% wrap %}…{% endwrap %}`, or `{% wrap indent="  " %}`: its words on lines of at most 72."""
    _, _, given = token.contents.partition('indent="')
    nodes = parser.parse(("endwrap",))
    parser.delete_first_token()
    return Wrapped(nodes, given.rstrip('"'))
