"""Whether parts of Airflow say that they are healthy, as the exit code: `health.py URL PART…`. Imports no Airflow."""

import json
import sys
import urllib.request

url, *parts = sys.argv[1:]
try:
    health = json.load(urllib.request.urlopen(url, timeout=5))
except (OSError, ValueError):
    sys.exit(1)
sys.exit(any(health.get(part, {}).get("status") != "healthy" for part in parts))
