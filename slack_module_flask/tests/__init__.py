"""What slack promises."""
