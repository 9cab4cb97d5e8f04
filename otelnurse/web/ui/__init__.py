"""The page: server-rendered HTML and SVG of the view. jinja2 and the templates are loaded at its first request."""
