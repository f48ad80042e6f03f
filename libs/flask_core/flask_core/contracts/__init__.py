"""What modules offer each other: one file per owner, requests, answers and operations."""
