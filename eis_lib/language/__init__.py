"""Messages, numbers and sentences of the languages, and English grammar in one place."""
