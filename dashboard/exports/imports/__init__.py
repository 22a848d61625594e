"""The importers: each turns files that councils have into an export, and writes beside it a report of what it did."""
