"""What those who look after a community see of it: who changed what, what ran, who is here, what happens now."""
