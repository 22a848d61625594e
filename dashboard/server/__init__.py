"""The server: one script for Streamlit and the process around it."""
