"""What targets mean: terms, assessment, the decision to tell. Standard library only, no clock."""
