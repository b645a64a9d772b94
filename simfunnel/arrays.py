"""Names of numpy arrays by what they hold, for every room."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]  # hours, money, odds; also counts that are weighed
Ints = NDArray[np.int64]  # counts, indices, days
Indices = NDArray[np.int32]  # as a ledger keeps them: leads, reps
Shorts = NDArray[np.int16]  # as a ledger keeps them: channels, stages, passes, pools
Bytes = NDArray[np.int8]  # as a ledger keeps them: codes
Ids = NDArray[np.uint64]  # keys of luck
Bools = NDArray[np.bool_]
Records = NDArray[Any]  # structured: rows of named fields
Array = NDArray[Any]  # of whatever dtype
