"""The measures by which the code is kept, so that no reviewer has to count."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST_FUNCTION = 80
LONGEST_FILE = 500
USUAL_FUNCTION = 35
USUAL_FILE = 350
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "services", "managers", "common", "misc", "base"}
# Words that accuse. The lists of readings that the screening library knows by name are data, not text for people.
NEVER_SAID = re.compile(r"\b(spam\w*|violat\w+|suspicious\w*|abus\w+|offender\w*|scores?)\b", re.IGNORECASE)
READ_OUT = {"alt", "aria-label", "aria-description", "content", "placeholder", "title", "value"}


def _files(*patterns: str) -> list[Path]:
    folders = [ROOT / name for name in ("src", "screening", "tests", "bench")]
    return sorted(path for folder in folders for pattern in patterns for path in folder.rglob(pattern))


def _sources() -> list[Path]:
    return [path for path in _files("*.py") if "migrations" not in path.parts]


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _functions() -> Iterator[tuple[str, int]]:
    for path in _sources():
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", lines


def test_functions_are_short() -> None:
    functions = dict(_functions())

    assert {name: lines for name, lines in functions.items() if lines > LONGEST_FUNCTION} == {}
    assert sum(lines <= USUAL_FUNCTION for lines in functions.values()) / len(functions) >= 0.95


def test_files_are_short() -> None:
    files = {str(path.relative_to(ROOT)): len(path.read_bytes().splitlines()) for path in _sources()}

    assert {name: lines for name, lines in files.items() if lines > LONGEST_FILE} == {}
    assert sum(lines <= USUAL_FILE for lines in files.values()) / len(files) >= 0.95


def test_files_are_named_by_what_is_in_them() -> None:
    assert [str(path) for path in _sources() if path.stem in NAMES_THAT_SAY_NOTHING] == []


def test_packages_hold_nothing_by_themselves() -> None:
    """The library's list of public names is the one exception."""
    public = ROOT / "screening" / "src" / "moothall_screening" / "__init__.py"

    assert [
        str(path) for path in _sources() if path.name == "__init__.py" and path.stat().st_size and path != public
    ] == []


def test_imports_stand_at_the_top() -> None:
    """An import inside a function is a cycle. The benchmarks alone may, which set Django up by themselves."""
    inside = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in _sources()
        if path.relative_to(ROOT).parts[0] != "bench"
        for node in _imports_of_functions(_tree(path))
    ]

    assert inside == []


def _imports_of_functions(tree: ast.AST, *, is_inside: bool = False) -> Iterator[ast.Import | ast.ImportFrom]:
    for node in ast.iter_child_nodes(tree):
        if is_inside and isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            yield from _imports_of_functions(node, is_inside=is_inside or is_function)


class _Visible(HTMLParser):
    """What a person reads or hears of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.words += [value for name, value in attrs if name in READ_OUT and value]


def _visible(template: str) -> str:
    """Without Django's tags and comments; what stands in quotes inside a tag may be shown."""
    template = re.sub(r"\{#.*?#\}|\{% comment.*?endcomment %\}", "", template, flags=re.DOTALL)
    shown_by_tags = re.findall(r"\{[%{](?:[^%}]|[%}](?!\}))*[%}]\}", template)
    quoted = [text for tag in shown_by_tags for text in re.findall(r'"([^"]* [^"]*)"', tag)]
    page = _Visible()
    page.feed(re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", template, flags=re.DOTALL))
    return " ".join([*page.words, *quoted])


TEMPLATES = [path for path in _files("*.html", "*.txt") if "templates" in path.parts]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_accuses(path: Path) -> None:
    said = NEVER_SAID.findall(_visible(path.read_text(encoding="utf-8")))

    assert said == []


def test_no_message_accuses() -> None:
    """Texts for people that stand in the code: those of the web, of forms, refusals, choices and decisions."""
    rooms = ("web", "accounts", "groups", "members", "rules", "discussions", "posting", "moderation", "cli")
    said = {}
    for path in _sources():
        if path.relative_to(ROOT).parts[:2] != ("src", "moothall") or path.relative_to(ROOT).parts[2] not in rooms:
            continue
        tree = _tree(path)
        texts = [
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        found = [text for text in texts if " " in text and NEVER_SAID.search(text)]
        if found:
            said[str(path.relative_to(ROOT))] = found

    assert said == {}


def test_templates_hold_no_inline_script_or_style() -> None:
    """The Content-Security-Policy would drop them in silence. Mails may: their programs want inline styles."""
    inline = re.compile(r"\sstyle\s*=|<style|\son[a-z]+\s*=|<script(?![^>]*\ssrc=)", re.IGNORECASE)
    pages = [path for path in TEMPLATES if path.suffix == ".html" and "email" not in path.parts]

    assert [str(path.relative_to(ROOT)) for path in pages if inline.search(path.read_text(encoding="utf-8"))] == []
