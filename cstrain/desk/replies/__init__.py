"""Ready answers: the shop's frequently asked questions, written as content.

An *entry* is one question of customers with the words to send back; a file of them is a
*class* (发货与物流). The search box finds them and Enter copies the answer.
"""
