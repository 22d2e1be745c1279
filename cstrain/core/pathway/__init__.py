"""The way from the first day to the certificate: stages, gates, attempts, retraining.

A *pathway* is content: *stages* in order, each with what to learn and practise and a *gate*.
An *enrolment* is one person's way through a pathway in a team. A gate is *decided* from
evidence: PASS, REPEAT, WAIT, HELP, or OPEN while things are simply still to be done. REPEAT
opens a *retraining* plan made of what fell short.
"""
