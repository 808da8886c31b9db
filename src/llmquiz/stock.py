"""The questions that a collection has in stock: its folders, read into the cache of questions, and checked.

Invariant: only files that changed are parsed, and the cache mirrors the folders when `refresh` returns; no bank file is written.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from llmquiz import __version__
from llmquiz.bank.folders import Entry, listing
from llmquiz.disk import there
from llmquiz.errors import LlmquizError
from llmquiz.log import cache, filling
from llmquiz.log.filling import FileState
from llmquiz.looking import Looking
from llmquiz.model import Bank, Problem
from llmquiz.questions import KINDS, unknown

Progress = Callable[[int, int], None]


@contextmanager
def _uncollected() -> Iterator[None]:
    """While inside, nobody looks for garbage: parsing makes none, and looking costs a third of loading a large bank."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class Stock(Looking):
    """What a collection does with its bank folders; `Collection` says which they are."""

    folders: list[Path]

    def refresh(self, progress: Progress | None = None, processes: int | None = None) -> list[Problem]:
        """Bring the cache of questions up to date, parsing only files that changed; return folders that cannot be read.

        So many other `processes` parse; by default as many as pay.
        """
        entries: list[Entry] = []
        problems: list[Problem] = []
        for folder in self.folders:
            found, unread = listing(folder)
            entries += found
            problems += unread
        known = filling.files(self.log)
        gone = sorted(known.keys() - {e.path for e in entries})
        if self.log.meta("parsed by") != __version__:  # another version may read the same file otherwise
            known = {}
        stale = [(i, e) for i, e in enumerate(entries) if e.path not in known or known[e.path][:3] != (i, e.size, e.mtime_ns)]
        if stale or gone:
            with _uncollected():
                self._reload(stale, known, gone, progress, processes)
        return problems

    def _reload(
        self,
        stale: Sequence[tuple[int, Entry]],
        known: Mapping[str, FileState],
        gone: Sequence[str],
        progress: Progress | None,
        processes: int | None,
    ) -> None:
        from llmquiz.loading import Job, loaded

        jobs = [Job(position, entry, known[entry.path].hash if entry.path in known else "") for position, entry in stale]
        with loaded(jobs, progress, processes) as files:
            filling.store(self.log, gone, [entry.path for _, entry in stale], files)
        if not known:
            with self.log.writing():
                self.log.set_meta("parsed by", __version__)
        self.log.rename(filling.former_ids(self.log))
        if progress:
            progress(len(jobs), len(jobs))

    def problems(self) -> list[Problem]:
        """Return the problems that the cached bank files have on their own; `check` finds more."""
        return cache.problems(self.log)

    def check(self, paths: Sequence[Path] = (), *, strict: bool = False, kind: str = "") -> Bank:
        """Load the bank anew (or the files and folders given) with all checks; orphaned reviews come as warnings.

        The shipped questions and what is given are held to the guide too, the learner's own folders only if `strict`.
        With a `kind` only its questions; raises LlmquizError where it is unknown. A single file may have its follow-ups, and what
        leads to its questions, in other files of its folder, or of the collection where that folder is one of the collection's.
        """
        from llmquiz.bank.check import load_bank
        from llmquiz.log import merge

        for path in paths:
            if not there(path):
                msg = f"{path}: no such file or folder"
                raise LlmquizError(msg)
        if kind and kind not in KINDS:
            raise LlmquizError(unknown("kind", kind, KINDS))
        lenient = () if paths or strict else [f for f in self.folders if f != self.shipped]
        bank = load_bank(paths or self.folders, lenient, kind, self._beside(paths))
        if paths or kind:
            return bank
        said = "reviews of `{}`, which is in no bank: they are kept; a new id of the card names this one under `was:`"
        lost = [
            Problem(str(self.paths.database), 0, 0, said.format(card), warning=True)
            for card in self.log.reviewed()
            if card not in bank.questions
        ]
        rivals = [Problem(str(self.paths.database), 0, 0, said, warning=True) for said in merge.rivals(self.log)]
        return bank._replace(problems=(*bank.problems, *lost, *rivals))

    def _beside(self, paths: Sequence[Path]) -> list[Path]:
        """Return the folders of the banks that the single files among `paths` are of."""
        own = {folder.resolve() for folder in self.folders}
        around = {path.resolve().parent for path in paths if path.is_file()}
        return [*sorted(around - own), *(self.folders if around & own else ())]

    def watch(self, folder: Path) -> None:
        """Take a bank folder in, if it is new, and bring the cache up to date."""
        if folder not in self.folders:
            self.folders.append(folder)
        self.refresh()
