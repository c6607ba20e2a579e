"""The commands, by what they are for; `treatywatch/cli.py` puts them together."""
