from __future__ import annotations

from tests.web.personas.row import Row, everybody

ROWS = [
    Row("profile", everybody(200) | {"nobody": 302}, kwargs=lambda world: {"handle": world.mia.handle}),
]
