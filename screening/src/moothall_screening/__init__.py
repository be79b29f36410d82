from moothall_screening.group_model import Example, GroupModel, Strength
from moothall_screening.screener import Screener
from moothall_screening.verdict import AuthorRecord, Candidate, Evidence, Kind, Verdict

__all__ = [
    "AuthorRecord",
    "Candidate",
    "Evidence",
    "Example",
    "GroupModel",
    "Kind",
    "Screener",
    "Strength",
    "Verdict",
]
