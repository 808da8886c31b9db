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
CODE = """\
# Write over what is here, save, and leave the editor; saved as it stands it adds nothing. Texts may be given in
# both languages: {en: ..., zh: ...}. `llmquiz schema` prints all fields; `llmquiz check --kind code` runs the sources.
topic: my-questions
questions:
  - id: code-softmax
    kind: code
    level: 1                          # 1 warm-up to 5 staff
    tags: []
    question: Write a softmax over the last axis that is numerically stable.
    starter: |                        # what the editor opens with
      import numpy as np


      def softmax(x: np.ndarray) -> np.ndarray:
          raise NotImplementedError
    solution: |                       # a whole file, which passes the tests
      import numpy as np


      def softmax(x: np.ndarray) -> np.ndarray:
          e = np.exp(x - x.max(axis=-1, keepdims=True))
          return e / e.sum(axis=-1, keepdims=True)
    tests: |                          # they see every name of the solution; each assert says what to look at
      def test_large_inputs():
          rows = softmax(np.array([[1000.0, 0.0]]))
          assert np.isfinite(rows).all(), "exp overflows: subtract the maximum first"
    wrong:                            # whole files, which fail the tests
      - why: Without subtracting the maximum, exp overflows.
        code: |
          import numpy as np


          def softmax(x):
              return np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)
    answer: Subtracting the maximum changes the range, and not the result.
    sources: []                       # - {arxiv: "1805.02867", title: ..., where: section 2}
"""
TEMPLATES = {"choice": CHOICE, "numeric": NUMERIC, "code": CODE}
