"""Portal: the web face of all modules, and the console platform of playground and terminal."""
