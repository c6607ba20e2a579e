"""items -> signals: read one item and say which state moves to leave which treaty, or why nothing of the kind is said.

No memory, no clock, no network: the same item gives the same answer everywhere. `pipeline.py` lists the steps.
"""
