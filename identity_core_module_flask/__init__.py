"""Identity: persons, how they sign in, and which accounts are theirs."""
