"""What a terminal calls: one file per group of verbs, their shared options and the one refusal."""
