"""What members tell the team with `/feedback`."""
