from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from moothall.search.find import MOST_MATCHES, NOTHING, find
from moothall.web.reader import reader
from moothall.web.search.forms import SearchForm


def search(request: HttpRequest) -> HttpResponse:
    viewer = reader(request)
    form = SearchForm(request.GET, viewer=viewer)
    found, is_asked = NOTHING, False
    if form.is_valid():
        query = form.query()
        is_asked = query is None or not query.is_empty
        found = find(query, viewer, request.GET.get("after", "")) if query is not None else NOTHING
    asked = {name: value for name in form.fields if (value := request.GET.get(name, ""))}
    return render(
        request,
        "search/search.html",
        {
            "form": form,
            "query": request.GET.get("q", "")[:200],
            "found": found,
            "is_asked": is_asked,
            "is_filtered": bool(asked.keys() - {"q"}),
            "most_matches": MOST_MATCHES,
            "first_page": urlencode(asked),
            "next_page": urlencode({**asked, "after": found.next_cursor}) if found.next_cursor else "",
            "is_first_page": not request.GET.get("after"),
        },
    )
