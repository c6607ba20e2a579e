"""Takes signals, gives cases: one story per state and instrument, and the transitions that people are told about.

Everything here is a pure function; the clock is an argument. Start reading at `advance.py`. Never imports detection.
"""
