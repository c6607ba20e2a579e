"""The live page: every case in memory, rendered on the server, kept fresh by server-sent events.

cases topic -> Follower -> Board (cases in memory) -> pages.py, case_page.py, timeline.py (pure: data in, HTML out)
                               \\-> Hub (events.py)  -> open pages, which put the same pieces in place (app.js)
"""
