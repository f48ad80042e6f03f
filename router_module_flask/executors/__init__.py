"""How modules of third parties are called, with less trust than our own."""
