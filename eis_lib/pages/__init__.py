"""What reviewers read: one file per kind of page."""
