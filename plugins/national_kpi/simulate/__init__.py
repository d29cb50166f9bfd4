"""A nation to practise on: submissions as agencies might send them, in a home folder of their own."""
