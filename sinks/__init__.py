"""Stage 3: signals, cases -> where people look.

Takes records from `signals` and `cases`; gives documents, metrics, messages and a page. Never decides what a text
means, how a case folds or how severe it is.
"""
