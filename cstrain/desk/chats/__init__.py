"""Real chats: brought in whole, masked before they are kept, found again, erased in time.

A *file* of a chat tool's export is read by an *adapter* into *messages*; lines that it does not
understand are *refused* with number and reason. Messages of one buyer with one shop that lie close
together are a *conversation*. What is kept is masked; an *import* is one link of a chain, so that
nobody can change what was brought in without being seen.
"""
