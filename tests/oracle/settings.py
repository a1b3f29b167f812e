"""How long the random worlds are explored: the same few each time in `make test`, new ones for as long as you like in a soak.

`HYPOTHESIS_PROFILE=soak RETENTION_SOAK=2000 make test` explores two thousand new worlds of each kind.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"


def worlds(examples: int) -> settings:
    return settings(
        max_examples=int(os.environ.get("RETENTION_SOAK", "1000")) if SOAK else examples,
        derandomize=not SOAK,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate, Phase.shrink] if SOAK else [Phase.explicit, Phase.generate],
        print_blob=SOAK,
    )
