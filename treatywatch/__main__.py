"""`python -m treatywatch`: the same as the `treatywatch` command."""

from treatywatch.cli import main

main()
