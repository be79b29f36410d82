from django import template

from moothall.web.typed import typed

register = template.Library()
register.simple_tag(typed)
