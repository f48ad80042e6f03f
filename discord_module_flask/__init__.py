"""The Discord trigger."""
