"""Types whose values the application encrypts."""
