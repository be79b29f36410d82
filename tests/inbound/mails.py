"""Raw mails for the tests of inbound mail."""

from __future__ import annotations


def mail(body: str = "Splice it.", **fields: str) -> bytes:
    """A raw mail; a field is named with underscores for its hyphens, and left out when it is empty."""
    usual = {
        "From": "Mia Moss <mia.moss@moothall.example>",
        "To": "old-houses@127.0.0.1",
        "Subject": "Splice or replace?",
        "Message-ID": "<1@mia.example>",
        "Date": "Thu, 08 Jan 2026 10:02:00 +0000",
    }
    given = {name.replace("_", "-"): value for name, value in fields.items()}
    lines = [f"{name}: {value}" for name, value in (usual | given).items() if value]
    return ("\n".join(lines) + f"\n\n{body}\n").replace("\n", "\r\n").encode()


def multipart(kind: str, *parts: tuple[str, str], **fields: str) -> bytes:
    """Of content types (with their parameters) and bodies."""
    sections = "".join(f"--cut\nContent-Type: {content_type}\n\n{body}\n" for content_type, body in parts)
    return mail(f"{sections}--cut--", Content_Type=f'multipart/{kind}; boundary="cut"', **fields)


def status_report(*recipients: str, **fields: str) -> bytes:
    """A delivery status notification (RFC 3464) with these blocks about recipients."""
    usual = {"From": "MAILER-DAEMON@mx.example", "Subject": "Undelivered Mail", "Return_Path": "<>"}
    status = "Reporting-MTA: dns; mx.example\n\n" + "\n\n".join(recipients)
    return multipart(
        "report; report-type=delivery-status",
        ("text/plain", "Your mail could not be delivered."),
        ("message/delivery-status", status),
        ("text/rfc822-headers", "Subject: Plate"),
        **(usual | fields),
    )


def about(address: str, *, action: str = "failed", status: str = "5.1.1") -> str:
    return f"Final-Recipient: rfc822; {address}\nAction: {action}\nStatus: {status}"


def feedback(kind: str = "abuse", **fields: str) -> bytes:
    """A complaint (RFC 5965)."""
    return multipart(
        "report; report-type=feedback-report",
        ("text/plain", "This is an email abuse report."),
        (
            "message/feedback-report",
            f"Feedback-Type: {kind}\nVersion: 1\nOriginal-Mail-From: <{fields.pop('sent_by', '')}>\n"
            "Original-Rcpt-To: <mia@inbox.example>",
        ),
        ("message/rfc822", "From: a@moot.example\nSubject: Plate\n\nHello"),
        From="feedback@isp.example",
        **fields,
    )
