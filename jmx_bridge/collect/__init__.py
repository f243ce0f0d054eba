"""What a target has: how it is reached, which MBeans are there, and what becomes of them."""
