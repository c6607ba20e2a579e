"""Say to a person why an item gives a signal or none: marked words, rules in plain sentences, what would change it."""
