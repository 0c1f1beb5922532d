"""What a section is given (a review) and gives back (section, tables, findings), and the six steps in their order."""
