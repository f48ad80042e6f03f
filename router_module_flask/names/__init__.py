"""What can be typed: words that modules declare, and names that one community has for itself."""
