"""From a folder of Parquet files to tables that answer questions. The only room that opens an export's files."""
