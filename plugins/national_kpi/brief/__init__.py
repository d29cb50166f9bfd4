"""Documents of the task force: the brief, and letters that urge agencies."""
