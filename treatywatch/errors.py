"""Errors that treatywatch raises on purpose.

    TreatywatchError            one clear line for the person at the terminal; the command exits with `exit_code`
    ├── ConfigError             wrong settings or configuration files: all faults at once, with file and line
    ├── InstanceError           a second instance, or a port that is taken
    ├── ServerError             Kafka or Elasticsearch cannot be used: unreachable, refused, wrong version
    └── WireError               bytes that are no valid record (`reason` is bounded, for metrics)

Expected trouble with data is a value (a rejection, a dead letter), not an exception; anything else that is raised is a
fault of ours and stops the process with its traceback.
"""

from __future__ import annotations

EXIT_DISK = 74  # EX_IOERR: the disk is full or cannot be written; a restart mends nothing


class TreatywatchError(Exception):
    """Base of the errors that are shown as one line, without a traceback."""

    exit_code = 1


class ConfigError(TreatywatchError):
    """One or more faults in settings or configuration files; `faults` holds a line for each."""

    exit_code = 2

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


class InstanceError(TreatywatchError):
    """Something that must be ours alone is in use: the state folder or a port."""

    exit_code = 3


class ServerError(TreatywatchError):
    """A server cannot be used; the message says which, why, and what to check. A retry may help."""

    exit_code = 75


class WireError(TreatywatchError):
    """Bytes that are no valid record of the expected type."""

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)
