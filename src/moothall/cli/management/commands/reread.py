"""`moothall read again`: what is already there is read by the screener of today, with progress."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import track

from moothall.groups.models import Group
from moothall.posting.rereading import begin, go_on, latest


class Command(BaseCommand):
    help = "Reads the posts of groups again: after an update, or an import. Safe to run again and to interrupt."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("groups", nargs="*", metavar="GROUP", help="Last part of a group's address; default: all")

    def handle(self, *, groups: list[str], **options: object) -> None:
        chosen = Group.objects.filter(slug__in=groups) if groups else Group.objects.all()
        missing = set(groups) - {group.slug for group in chosen}
        if missing:
            raise CommandError(
                f"There is no group {', '.join(sorted(missing))}. The last part of its address is meant."
            )
        for group in track(list(chosen.order_by("slug")), "Groups", console=Console(stderr=True)):
            under_way = begin(group.id)
            while go_on(under_way.id):
                pass
            read = latest(group.id)
            if read is not None:
                self.stdout.write(
                    f"{group.slug}: {read.done} posts read, {read.changed} read differently now,"
                    f" {read.would_hold} stand and would be held today"
                )
