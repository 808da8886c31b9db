"""The question bank: YAML files to questions with located problems, and questions back to YAML.

Invariant: loading never stops at the first fault and never raises for bad content; importing this package does not
import yaml, which the start of a session with an unchanged bank does without.
"""
