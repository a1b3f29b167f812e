"""The page that the plugin adds to Airflow: state, holds, one record explained, papers to download.

Imported at the page's first request only, never when a DAG file is parsed.
"""
