"""What `$(urlfetch …)` and `$(customapi …)` fetch, for whom, how often, and where a program may answer later."""
