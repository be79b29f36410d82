from moothall.core.readiness import Migrations


def newer_words(found: Migrations) -> str:
    """What code that is older than its database says."""
    return (
        f"The database was prepared by a newer version of Moothall, and this one knows nothing of {found.unknown[-1]} "
        "there. Start the newer version again, or restore a backup from before the update (docs/operating.md)."
    )
