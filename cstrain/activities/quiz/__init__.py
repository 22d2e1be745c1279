"""Exams and practice quizzes drawn from the bank.

A *blueprint* says how many questions come from where. A *paper* is what one attempt drew, frozen
with the order of its choices. A *delivery* is one answer as it arrived; every one is kept, and
the order (epoch, seq) decides which stands. The *epoch* is given to a page when it is loaded, so
an older page cannot overwrite a newer one.
"""
