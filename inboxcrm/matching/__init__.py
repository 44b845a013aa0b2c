"""Whose mail it is, how sure that is and why; threads; look-alike senders. What isn't sure is proposed, not done."""
