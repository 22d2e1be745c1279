"""Lessons: a text in parts, with prompts to think first and questions answered while reading.

*Part*: what stands under one ``##``. *Section*: a numbered part, which a lesson teaches; a lesson
without any is a *practice lesson*, and its exercises take their place. *Beat*: one of the fixed
parts 启发思考, 案例分析, 实际训练, 平台差异. *Opened*: a part that the reader has had in view. A
lesson is done when every section is opened and every question answered; when a retraining plan
asks for it again, when the sections of the plan are opened again and their questions, with two
more from the bank for each, are answered right.
"""
