#!/usr/bin/env python
"""Django's commands by their customary name; the same as the command `moothall`."""

import sys

from moothall.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
