"""What a shop's agents send, written as content: FAQ, replies, products and forbidden words.

An *entry* is one question of customers with the words to send back; a *reply* has a short code
and may hold gaps, the *variables*; a *product* has lines that can be sent one by one; a *word* is
not to be sent, except in its *exceptions*. A file of any of them is a *class* (发货与物流). The
search box finds them all; Enter copies what is whole and opens what is to be filled first.
"""
