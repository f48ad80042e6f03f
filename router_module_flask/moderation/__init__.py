"""What is watched in chat, and what follows: rules, filters, and acts on many messages at once."""
