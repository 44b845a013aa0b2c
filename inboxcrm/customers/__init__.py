"""The customer file: import, list, edit; where every field is known from; what waits in triage. What a person wrote is kept."""
