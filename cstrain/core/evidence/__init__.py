"""The ledger of evidence: what a person has shown, when, by what. Rows are only ever added.

An *outcome* is what an activity says at its end; stored with person, team and source it is
*evidence*. A correction is a new row that supersedes the old one.
"""
