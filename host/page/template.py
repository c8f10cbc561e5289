"""A page as HTML: one file, that needs no other and no network."""

from __future__ import annotations

from jinja2 import Environment, StrictUndefined

from host.page.blocks import Page, written

STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --dim: #5b6675; --paper: #ffffff;
  --box: #f3f5f8; --rule: #d7dce3; --tint: 31, 119, 180; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --dim: #9aa5b4; --paper: #14181f;
  --box: #1e242d; --rule: #343c48; --tint: 77, 163, 224; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 62rem; color: var(--ink);
  background: var(--paper); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 1.7rem; line-height: 1.2; }
h2 { margin: 2.5rem 0 .75rem; padding-bottom: .25rem; font-size: 1.2rem;
  border-bottom: 1px solid var(--rule); }
.subtitle { margin: .25rem 0 1.25rem; color: var(--dim); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem;
  margin: 0; }
.tiles div { padding: .6rem .8rem; background: var(--box); border-radius: .4rem; }
.tiles dt, figcaption, caption { color: var(--dim); font-size: .85rem; }
.tiles dd { margin: 0; font-size: 1.2rem; font-weight: 600; }
nav { margin: 1.25rem 0 0; font-size: .9rem; }
nav a { margin-right: 1rem; white-space: nowrap; color: rgb(var(--tint)); }
.scroll { overflow-x: auto; margin: 0 0 1.25rem; }
table { border-collapse: collapse; font-size: .92rem; }
caption { text-align: left; padding-bottom: .35rem; }
th, td { padding: .25rem .75rem; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--rule); overflow-wrap: normal; }
th { color: var(--dim); font-weight: 600; white-space: nowrap; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.list td.number { text-align: left; }
figure { margin: 0 0 1.25rem; overflow-x: auto; break-inside: avoid; }
figure svg { display: block; width: 100%; height: auto; min-width: 28rem; max-width: 56rem; }
figure svg text { fill: currentColor; }
pre { margin: 0 0 1.25rem; padding: .75rem 1rem; background: var(--box); border-radius: .4rem;
  overflow-x: auto; font: .85rem/1.45 ui-monospace, monospace; }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } nav { display: none; }
  h2 { break-after: avoid; } tr, .tiles div { break-inside: avoid; }
  figure, .scroll { overflow: visible; } td { overflow-wrap: anywhere; }
  table { font-size: .8em; }
  pre { white-space: pre-wrap; } }
"""

TEMPLATE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ page.title }}</title>
<style>{{ style }}</style>
</head>
<body>
<header>
<h1>{{ page.title }}</h1>
<p class="subtitle">{{ page.subtitle }}</p>
<dl class="tiles">
{% for name, value in page.tiles %}
<div><dt>{{ name }}</dt><dd>{{ value | written }}</dd></div>
{% endfor %}
</dl>
<nav>
{% for section in page.sections %}
<a href="#s{{ loop.index }}">{{ section.title }}</a>
{% endfor %}
</nav>
</header>
<main>
{% for section in page.sections %}
<section id="s{{ loop.index }}">
<h2>{{ section.title }}</h2>
{% for block in section.blocks %}
{% if block.kind == "note" %}
<p>{{ block.text }}</p>
{% elif block.kind == "code" %}
{% if block.caption %}
<p>{{ block.caption }}</p>
{% endif %}
<pre>{{ block.text }}</pre>
{% elif block.kind == "figure" %}
<figure>{{ block.svg | safe }}<figcaption>{{ block.caption }}</figcaption></figure>
{% else %}
<div class="scroll"><table{% if not block.head %} class="list"{% endif %}>
{% if block.caption %}
<caption>{{ block.caption }}</caption>
{% endif %}
{% if block.head %}
<thead><tr>
{%- for title in block.head %}<th>{{ title }}</th>{% endfor -%}
</tr></thead>
{% endif %}
<tbody>
{% for row in block.rows %}
{% set shares = block.shares[loop.index0] if block.shares else [] %}
<tr>
{%- for cell in row %}<td
{%- if cell is number and cell is not boolean %} class="number"{% endif %}
{%- if shares and loop.index0 %} style="background: rgba(var(--tint), \
{{- '%.3f' | format(shares[loop.index0 - 1]) }})"{% endif -%}
>{{ cell | written }}</td>{% endfor -%}
</tr>
{% endfor %}
</tbody>
</table></div>
{% endif %}
{% endfor %}
</section>
{% endfor %}
</main>
</body>
</html>
"""


def render(page: Page) -> str:
    """Return a page as HTML, the same for the same page."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["written"] = written
    return environment.from_string(TEMPLATE).render(page=page, style=STYLE)
