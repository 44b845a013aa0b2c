"""Newsletters to grade C: audience, composing, mailing, leaving, results. Nobody who left is ever written to again."""
