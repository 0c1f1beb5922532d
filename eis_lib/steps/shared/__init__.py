"""What several steps look at: the landscape of a year, demand weights, small words."""
