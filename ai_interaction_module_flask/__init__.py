"""AI: answers questions in chat with a language model of the community's choice, within a budget."""
