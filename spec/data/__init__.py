"""Data of the user: from a file to samples as integers, a step in each module.

`source` opens a file (`csv_file`, `arrays`, `parquet`) as a table of columns; `choice` says which
of them are inputs and targets; `labels` makes numbers of classes; `split` parts them; `scaling`
brings them into range; `coding` makes integers; `own` does all of it. A library that only one kind
of file needs is imported when such a file is read.
"""
