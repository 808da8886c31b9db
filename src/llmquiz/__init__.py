"""llmquiz: practise interview questions on large language models, with spaced repetition.

Invariant: importing this package imports nothing else, so that `llmquiz --version` costs no more than Python itself.
"""

__version__ = "0.1.0"
