"""Depositary notifications for tests: in the form of the Treaty Collection's, on true facts, in our own words."""

from __future__ import annotations

from email.message import EmailMessage

OTTAWA = """Reference: {reference} (Depositary Notification)

CONVENTION ON THE PROHIBITION OF THE USE, STOCKPILING, PRODUCTION AND
TRANSFER OF ANTI-PERSONNEL MINES AND ON THEIR DESTRUCTION
OSLO, 18 SEPTEMBER 1997

{act}

The depositary tells all States concerned (illustrative text):

The above action was effected on {effected}.

The action shall take effect for {state} on {effective} in accordance with article 20 of the Convention.
The States Parties have the right to withdraw from the Convention.

{sent}
"""

LITHUANIA = OTTAWA.format(
    reference="C.N.385.2025.TREATIES-XXVI.5",
    act="LITHUANIA: NOTIFICATION OF WITHDRAWAL",
    effected="27 June 2025",
    state="Lithuania",
    effective="27 December 2025",
    sent="30 June 2025",
)
SUBJECT = "C.N.385.2025.TREATIES-XXVI.5 (Depositary Notification)"


def letter(
    subject: str = SUBJECT,
    text: str = LITHUANIA,
    sender: str = "UN Treaty Section <treaty@un.org>",
    date: str = "Mon, 30 Jun 2025 14:00:00 +0000",
    subtype: str = "plain",
    **headers: str,
) -> bytes:
    """Write a mail; `headers` are further ones, with underscores for hyphens."""
    message = EmailMessage()
    message["From"], message["Subject"], message["Date"] = sender, subject, date
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text, subtype=subtype)
    return message.as_bytes()
