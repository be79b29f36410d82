"""Make the demo's data (src/moothall/cli/demo/demo.json) from demo.toml and this corpus: python3 corpus/make_demo.py"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TARGET = HERE.parent / "src" / "moothall" / "cli" / "demo" / "demo.json"
REPLY_MARK = re.compile(r"^(re:\s*)+", re.IGNORECASE)


def corpus() -> dict[str, dict[str, Any]]:
    lines = [line for name in ("train", "dev") for line in (HERE / f"{name}.jsonl").read_text("utf-8").splitlines()]
    return {post["id"]: post for post in map(json.loads, lines)}


def resolved(entry: dict[str, Any], posts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The entry with its words: its own, a post's of the corpus, or those that such a post answers."""
    found = {key: value for key, value in entry.items() if key not in ("post", "replies")}
    source = entry.get("post", "")
    if source.startswith("parent of "):
        found["text"] = posts[source.removeprefix("parent of ")]["parent"]
    elif source:
        post = posts[source]
        found["text"] = post["text"]
        found.setdefault("kind", post["kind"])
        found.setdefault("title", REPLY_MARK.sub("", post["subject"]))
    return found


def group(entry: dict[str, Any], posts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    threads = []
    for thread in entry["thread"]:
        first = resolved(thread, posts)
        replies = [resolved(reply, posts) for reply in thread.get("replies", [])]
        threads.append(
            first | {"replies": [{k: v for k, v in r.items() if k not in ("title", "kind")} for r in replies]}
        )
    return {key: value for key, value in entry.items() if key != "thread"} | {"threads": threads}


def main() -> None:
    outline = tomllib.loads((HERE / "demo.toml").read_text("utf-8"))
    posts = corpus()
    made = {"people": outline["person"], "groups": [group(entry, posts) for entry in outline["group"]]}
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
