"""The shipped kinds of activity. They know neither the core nor each other, only the door."""
