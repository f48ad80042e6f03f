"""The desk where anyone sees, takes and erases what all modules hold about them."""
