"""The pages' one style sheet, carried inside them and allowed by its hash."""

import base64
import hashlib
from typing import Final

STYLE: Final = """
:root { color-scheme: light dark;
  --ground: #fbfbf9; --ink: #1d2428; --faint: #5d6970; --line: #dfe3e1; --panel: #f1f3f0;
  --accent: #0b6b5c; --warn: #8a5a00; }
@media (prefers-color-scheme: dark) { :root {
  --ground: #12171a; --ink: #dfe6e4; --faint: #94a2a5; --line: #2a3338; --panel: #1a2125;
  --accent: #5fd0b9; --warn: #e3b35c; } }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
a { color: var(--accent); text-underline-offset: .15em; }
code, pre { font: .88em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
code { background: var(--panel); border-radius: .25em; padding: .08em .3em; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem;
  padding: .8rem 1rem; overflow-x: auto; margin: .8rem 0; white-space: pre-wrap;
  overflow-wrap: anywhere; }
pre code { padding: 0; background: none; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .4rem; letter-spacing: -.01em; }
h2 { font-size: 1.3rem; margin: 2.8rem 0 .6rem; padding-bottom: .3rem;
  border-bottom: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 2rem 0 .3rem; }
p { margin: .5rem 0; max-width: 70ch; }
.frame { display: grid; grid-template-columns: 15rem minmax(0, 1fr); max-width: 76rem;
  margin: 0 auto; gap: 3rem; padding: 2.5rem 1.5rem 5rem; }
.single { grid-template-columns: minmax(0, 46rem); justify-content: center; }
nav { position: sticky; top: 2rem; align-self: start; max-height: calc(100vh - 4rem);
  overflow-y: auto; font-size: .9rem; }
nav h2 { font-size: .78rem; border: 0; margin: 1.2rem 0 .2rem; color: var(--faint);
  text-transform: uppercase; letter-spacing: .06em; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav a { display: block; padding: .12rem 0; text-decoration: none; overflow-wrap: anywhere; }
nav a:hover { text-decoration: underline; }
table { border-collapse: collapse; width: 100%; margin: .7rem 0; font-size: .93rem; }
th { text-align: left; font-weight: 600; color: var(--faint); font-size: .8rem; }
th, td { padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
.wide { overflow-x: auto; }
.method { display: inline-block; font: 600 .75rem/1.6 ui-monospace, Menlo, monospace;
  color: var(--ground); background: var(--accent); border-radius: .25rem; padding: 0 .45em;
  margin-right: .5em; }
.path { font-weight: 600; background: none; padding: 0; font-size: 1rem; overflow-wrap: anywhere; }
.faint { color: var(--faint); }
.notice { border-left: 3px solid var(--warn); padding: .3rem .9rem; background: var(--panel); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr));
  gap: .8rem; padding: 0; list-style: none; margin: 1.2rem 0; }
.cards a { display: block; height: 100%; border: 1px solid var(--line); border-radius: .5rem;
  padding: .7rem .9rem; text-decoration: none; color: inherit; background: var(--panel); }
.cards a:hover { border-color: var(--accent); }
.cards b { color: var(--accent); display: block; }
@media (max-width: 50rem) { .frame { grid-template-columns: minmax(0, 1fr); gap: 0;
  padding-top: 1.5rem; } nav { position: static; max-height: none; margin-bottom: 2rem; }
  nav ul { display: flex; flex-wrap: wrap; column-gap: 1rem; }
  nav h2:nth-last-of-type(-n+2), nav ul:nth-last-of-type(-n+2) { display: none; } }
"""

_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none'; base-uri 'none';"
    " form-action 'none'"
)
