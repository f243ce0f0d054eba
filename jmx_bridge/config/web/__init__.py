"""
Who may ask for metrics, and whether over TLS.

Two forms say it: a file of its own (`toolkit`), and a section of jmx_exporter's rule
files (`httpserver`). Both become one WebConfig (`schema`).
"""
