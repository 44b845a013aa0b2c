"""How much attention a customer deserves: facts at an instant → four dimensions → a grade, with reasons in words."""
