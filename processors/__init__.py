"""Stage 2: items -> signals -> cases.

Takes items; gives signals (`detect`, no memory) and cases (`track`, one state machine per case). Never fetches and
never tells anybody: the only files with side effects are `app.py`, `agents.py` and what they wire up.
"""
