"""What people must learn of: the inbox, and the pages of long work.

The outbox (``kit.outbox``) holds codes and figures; here they become messages, put into words
when they are read, so that they follow the reader's language.
"""
