"""The vocabulary that every stage shares: model, wire format, topics, settings.

Takes nothing from and imports nothing of the stages `producers`, `processors` and `sinks`; only `cli` and
`embedded` see all three.
"""

__version__ = "0.1.0"
