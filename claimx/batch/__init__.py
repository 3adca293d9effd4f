"""Many articles: found, read by workers, written as one record each; stopped and resumed at will.

`run_batch(["articoli"], BatchOptions(out="claims.sqlite"), watch)` is what `claimx batch articoli -o claims.sqlite` runs.
"""

from claimx.batch.outputs import ChoiceError
from claimx.batch.run import BatchOptions, Counts, Summary, Watch, run_batch

__all__ = ["BatchOptions", "ChoiceError", "Counts", "Summary", "Watch", "run_batch"]
