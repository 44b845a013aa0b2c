"""The communication log: entries from mails and by hand, their correction, the timeline, search."""
