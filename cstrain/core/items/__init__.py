"""Questions: from the block a trainer writes to the grade an answer gets.

The slice is pure: no tables, no web. *Block*: the lines between two ``///`` fences. *Item*: a
checked question with its key. *FrozenItem*: an item as one attempt shows it (option order drawn).
*PublicItem*: what a browser may see of it, without any key. *Response*: an answer that has been
checked. *Graded*: what the answer is worth.
"""
