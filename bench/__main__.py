"""`make bench`: every measurement in one run, as ratios to a peer measured beside it or against a limit; ends with 1 if one fails.

python -m bench [--mails 20000] [--rounds 3] [NAME...]
"""

from __future__ import annotations

import argparse
import sys

from bench import first_import, grading, intake, lag, large_mail, newsletter, nothing_new, planning, reading, signals
from bench.stage import stage
from bench.table import Line, show

MEASUREMENTS = {
    "first_import": first_import.lines,
    "nothing_new": nothing_new.lines,
    "lag": lag.lines,
    "large_mail": large_mail.lines,
    "reading": reading.lines,
    "signals": signals.lines,
    "intake": intake.lines,
    "grading": grading.lines,
    "planning": planning.lines,
    "newsletter": newsletter.lines,
}


def main() -> int:
    """Runs what is asked for, everything by default."""
    parser = argparse.ArgumentParser(description="Measures inboxcrm against its peers.")
    parser.add_argument("names", nargs="*", choices=[*MEASUREMENTS, []], metavar="NAME", help=", ".join(MEASUREMENTS))
    parser.add_argument("--mails", type=int, default=20_000, help="size of the generated mailbox")
    parser.add_argument("--rounds", type=int, default=3, help="repetitions, of which the median counts")
    given = parser.parse_args()
    results: list[Line] = []
    with stage(given.mails) as play:
        for name in given.names or MEASUREMENTS:
            print(f"measuring {name} …", file=sys.stderr, flush=True)
            results += MEASUREMENTS[name](play, given.rounds)
    show(results)
    return 0 if all(line.holds for line in results) else 1


if __name__ == "__main__":
    sys.exit(main())
