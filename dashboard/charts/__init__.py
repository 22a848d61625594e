"""Frames drawn: polars in, an Altair chart or pydeck deck out. No SQL, no Streamlit."""
