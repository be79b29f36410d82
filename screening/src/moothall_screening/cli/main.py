"""The command `moothall-screen`."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from moothall_screening import weights
from moothall_screening.cli import calibrate, evaluate, explain, replay, screen, train

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # JSON is UTF-8 (RFC 8259), whatever the locale
    command: Command = options.command
    try:
        return command(options)
    except BrokenPipeError:
        if sys.stderr is not None:  # None: it was closed already
            sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        told = f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error)
        print(f"moothall-screen: {told}", file=sys.stderr)
        return 2
    except ValueError as error:
        print(f"moothall-screen: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="moothall-screen", description="Tells a genuine contribution from an advert posing as one, and says why."
    )
    parser.add_argument(
        "--weights", type=Path, default=weights.PACKAGED, help="folder that `train` or `calibrate` wrote"
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    for module in (screen, explain, train, evaluate, replay, calibrate):
        name = module.__name__.rpartition(".")[2]
        told = (module.__doc__ or "").partition("\n")[0]
        under = commands.add_parser(name, help=told, description=module.__doc__)
        module.add_arguments(under)
        under.set_defaults(command=module.run)
    return parser
