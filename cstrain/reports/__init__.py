"""The certification board, the duty list, and one person's record. Reads only.

A *board* is people by stages; its *filter* stands in the address. A *record* is everything that
was shown and decided about one person, with the evidence behind it.
"""
