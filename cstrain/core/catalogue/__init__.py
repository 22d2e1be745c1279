"""Published content: immutable files by digest, revisions, and the catalogue made of them.

A *source* is one content file. An *activity* is a source that a trainee can do: its *kind*
(lesson, quiz, typing test) turns the source into a *spec*. A *material* is a source that
serves others: FAQ, typing passages, pathways. The *bank* is every question of the bank files.
"""
