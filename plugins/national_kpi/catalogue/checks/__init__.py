"""What must hold in the catalogue, by subject. Each check is a function from `Tables` to problems."""
