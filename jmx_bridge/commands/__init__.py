"""What the command line can ask for: a module for each command."""
