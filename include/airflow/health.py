"""Whether a part of Airflow says that it is healthy, as the exit code: `health.py URL [PART…]`. Imports no Airflow.

The API server names its parts and their states; the scheduler says nothing but yes (200) or no.
"""

import json
import sys
import urllib.request

url, *parts = sys.argv[1:]
try:
    with urllib.request.urlopen(url, timeout=5) as answer:
        health = json.load(answer) if parts else {}
    unhealthy = [part for part in parts if health[part]["status"] != "healthy"]
except (OSError, ValueError, LookupError, TypeError):  # no answer, "no", or no word of the part
    sys.exit(1)
sys.exit(bool(unhealthy))
