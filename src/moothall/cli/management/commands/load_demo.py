"""`moothall load_demo`: groups, people and conversations to look around in, on an empty site."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from moothall.accounts.models import User
from moothall.cli.demo.load import load
from moothall.cli.demo_logins import write_demo_logins
from moothall.discussions.models import Post, Source


class Command(BaseCommand):
    help = "Loads the demo into an empty site. Everybody knows its passwords, so never on a site that others reach."

    def handle(self, *args: object, **options: object) -> None:
        if Post.objects.filter(source=Source.DEMO).exists():
            self.stdout.write("The demo is here already.")
            return
        if User.objects.exists():
            raise CommandError(
                "There are accounts here, and the demo is for an empty site. Set MOOTHALL_DATA to a new folder."
            )
        with transaction.atomic():  # a demo whose log-ins nobody was told would be of no use
            loaded = load()
            write_demo_logins(loaded.logins)
        self.stdout.write(
            f"{loaded.groups} groups, {loaded.people} people, {loaded.posts} posts;"
            f" {loaded.waiting} of them wait for a manager."
        )
