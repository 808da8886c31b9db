"""What `add --kind` opens in the editor: a question of each kind that grades itself, to write over.

Invariant: every template is a bank file that loads without a problem (a test holds them to it).
"""

from __future__ import annotations

CHOICE = """\
# Write over what is here, save, and leave the editor; saved as it stands it adds nothing. Texts may be given in
# both languages: {en: ..., zh: ...}. `llmquiz schema` prints all fields.
topic: my-questions
questions:
  - id: choice-which-cache
    kind: choice
    level: 2                          # 1 warm-up to 5 staff
    tags: []
    question: Which of these shrinks the KV cache?
    options:                          # 2 to 9, shuffled when asked; several may be `correct: true`
      - text: Sharing keys and values between heads
        correct: true
        why: One set of K and V is kept for many query heads.
      - text: More query heads
        why: Queries are never cached.
      - text: A larger feed-forward network
        why: It keeps nothing between tokens.
    sources: []                       # - {arxiv: "1911.02150", title: ..., where: section 3}
"""
NUMERIC = """\
# Write over what is here, save, and leave the editor; saved as it stands it adds nothing. Texts may be given in
# both languages: {en: ..., zh: ...}. `llmquiz schema` prints all fields and units.
topic: my-questions
questions:
  - id: num-weights-bytes
    kind: numeric
    level: 1                          # 1 warm-up to 5 staff
    tags: []
    question: "How many bytes are the weights of a model with {billions}B parameters at {bits} bits each?"
    params:                           # drawn anew for each review: from a list, {from, to, step} or {from, to, scale: log2}
      billions: [7, 13, 70]
      bits: {from: 4, to: 16, scale: log2}
    where: ["bits < 32"]              # a draw that breaks one is drawn again
    formula: billions * 1e9 * bits / 8
    unit: B                           # answers may say 14 GB, 13 GiB, 1.4e10
    tolerance: 0.05                   # relative
    mistakes:                         # a wrong answer that matches one is told which
      - {formula: billions * 1e9 * bits, why: Those are bits; a byte has 8.}
    answer: "{billions}e9 parameters x {bits} bits / 8 = {result}"
    sources: []                       # - {arxiv: "2305.14314", title: ..., where: section 3}
"""
TEMPLATES = {"choice": CHOICE, "numeric": NUMERIC}
