from moothall_screening.screener import Screener
from moothall_screening.verdict import AuthorRecord, Candidate, Evidence, Kind, Verdict

__all__ = ["AuthorRecord", "Candidate", "Evidence", "Kind", "Screener", "Verdict"]
