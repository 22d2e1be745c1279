"""Written reflections: a look back at one's own work, which a trainer marks by a rubric."""
