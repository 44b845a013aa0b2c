"""inboxcrm watches a salesperson's mailboxes and keeps every customer's communication log."""

__version__ = "0.1.0"
