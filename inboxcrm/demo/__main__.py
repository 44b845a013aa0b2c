"""`python -m inboxcrm.demo`, the same as `inboxcrm demo`."""

import sys

from inboxcrm.cli import main

sys.argv.insert(1, "demo")
main()
