"""What happens in a notebook's own process: open, show, record."""
