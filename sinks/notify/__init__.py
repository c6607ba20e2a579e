"""Tell people about transitions, once each: due -> sent log -> channels.

Takes cases from the `cases` topic and, in the full stack, the word of Alertmanager that one fires; gives messages.
"Once" is made here (Alertmanager repeats after a crash): an intent is on the disk before a message leaves, and `sent`
after it was taken.
"""

from sinks.notify.role import run_notify, send_test

__all__ = ["run_notify", "send_test"]
