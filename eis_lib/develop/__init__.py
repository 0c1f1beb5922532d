"""What only developers run: collect messages, build the Word templates."""
