"""The site: pages in Markdown, and what of ours builds and checks it."""
