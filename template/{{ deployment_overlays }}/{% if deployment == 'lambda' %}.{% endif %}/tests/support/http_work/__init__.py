"""What the function behind the HTTP API is asked to do: each kind of work once."""
