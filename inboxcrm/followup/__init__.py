"""Follow-ups: planned by cadence and working hours, drafted for review, sent once."""
