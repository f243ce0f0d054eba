"""Rule files to start from, written from what a JVM tells."""
