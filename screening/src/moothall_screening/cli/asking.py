"""Options with which a command asks for a second opinion."""

from __future__ import annotations

import argparse

from moothall_screening.second_opinion import EndPoint


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--second-opinion", metavar="URL", help="an OpenAI-compatible end point nearby, for doubtful posts"
    )
    parser.add_argument("--second-model", metavar="NAME", default="default", help="the model's name there")


def end_point(options: argparse.Namespace) -> EndPoint | None:
    return EndPoint(options.second_opinion, options.second_model) if options.second_opinion else None
