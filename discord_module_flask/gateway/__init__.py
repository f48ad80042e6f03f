"""How the connection to Discord is held, shared and taken up again."""
