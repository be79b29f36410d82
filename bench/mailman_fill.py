"""Runs in Mailman's own environment: `mailman_fill.py CONFIG LIST MEMBERS`, with the members' addresses in a file."""

from __future__ import annotations

import sys
from pathlib import Path

from mailman.app.lifecycle import create_list
from mailman.app.membership import add_member
from mailman.config import config
from mailman.core.initialize import initialize
from mailman.interfaces.domain import IDomainManager
from mailman.interfaces.member import DeliveryMode
from mailman.interfaces.subscriptions import RequestRecord
from zope.component import getUtility


def main() -> None:
    settings, address, members = sys.argv[1:]
    initialize(settings)
    getUtility(IDomainManager).add(address.partition("@")[2])
    made = create_list(address, [f"owner@{address.partition('@')[2]}"])
    made.send_welcome_message = False
    for member in Path(members).read_text().split():
        add_member(made, RequestRecord(member, "Member", DeliveryMode.regular, "en"))
    config.db.commit()


main()
