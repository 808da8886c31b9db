"""What runs in the process of a code question: the fence around it, and its tests.

Invariant: nothing here imports the rest of llmquiz or is imported by it: `running` starts it in a process of its own.
"""
