"""Where data and work files are: arguments and environment, no fixed machine path."""

import os
from pathlib import Path

RECIPE = Path(__file__).resolve().parent
REPOSITORY = RECIPE.parents[1]
DATA = Path(os.environ.get("EA_DATA", REPOSITORY.parent / "shared" / "data"))
WORK = Path(os.environ.get("EA_WORK", REPOSITORY.parent / "ea-train"))
SHIPPED = REPOSITORY / "models" / "en-fr"
