"""Measurements and proofs of whole systems; README.md says what each number means."""
