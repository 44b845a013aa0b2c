"""The root of all errors that a person can do something about. It knows nothing of what can go wrong."""

from __future__ import annotations


class InboxcrmError(Exception):
    """Something is wrong that a person can mend. The message, in the language of the context, says what and how.

    The command line prints it without a traceback and ends with 1. Anything else that is raised is a mistake of ours.
    """
