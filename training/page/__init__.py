"""One self-contained HTML page: frame, tables, plots and pictures, with no script and no request."""
