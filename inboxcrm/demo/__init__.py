"""An embedded mailbox with invented trade mail, to try everything without a server. It reaches no other machine."""
