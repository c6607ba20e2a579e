"""Stage 1: the world -> items.

Takes feeds, files and their answers; gives items on the topic, each acknowledged before the feed's state is saved.
Never decides what an item means.
"""
