"""`python -m inboxcrm` is the command `inboxcrm`."""

from inboxcrm.cli import main

main()
