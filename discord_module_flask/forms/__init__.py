"""Forms as Discord shows them: a button, then pages of five fields."""
