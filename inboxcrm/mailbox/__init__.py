"""Mail servers: connect, folders, fetch, watch, how far a folder is taken. Knows protocols, no customers; changes
nothing there.
"""
