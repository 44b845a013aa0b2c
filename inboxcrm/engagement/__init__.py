"""What a mail means for the business: signals with their evidence, found by rules that users read and edit."""
