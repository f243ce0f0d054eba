"""What a scrape collects: the connection, the MBeans, what is asked of each, and what becomes of the answers."""
