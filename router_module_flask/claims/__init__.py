"""Claims: triggers share what there is to look after."""
