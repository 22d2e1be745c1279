"""The one review queue: rubrics, marks by trainers, and how far rules and trainers agree.

A *review* is asked for by a kind whose outcome a person must settle. It holds a *mark* for each
*criterion* of a *rubric*; what rules can tell is *proposed*, the rest is unclear and never guessed.
"""
