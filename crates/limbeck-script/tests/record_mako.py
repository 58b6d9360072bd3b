"""Records what Mako makes of templates into mako.json. Run by hand: python record_mako.py (needs Mako)."""
import json
import os

from mako.template import Template

TEMPLATES = [
    "plain\n",
    "${message}\n\nRevises: ${down | comma,n}\n${none | comma,n}|",
    "${missing if missing else ''}x",
    "a\n\n% if down:\nyes ${down[0]}\n% else:\nno\n% endif\nend\n",
    "a\n    % if none:\nyes\n    % elif message:\nelif\n    % endif\nend",
    "% for d in down:\n${loop.index}: ${d}${'' if loop.last else ','} \\\n% endfor\n.",
    "x \\\ny\n",
    "%% not a line\n  %%% either\nnot %% here\n",
    "## gone\nkept ## here\n   ## gone too\n",
    "<%doc>\n gone\n</%doc>\nafter\n",
    "<%text>${x} % if\n## t\n</%text>after\n",
    "<%! import re %>\n<% parts = re.split(r',\\s*', 'a, b,c') %>\n${parts}\n",
    "<%\n    x = []\n    for d in down:\n        x = x + [d.upper()]\n%>\\\n${', '.join(x)}\n",
    "<%def name=\"f(a, b='q')\">\n[${a}-${b}]\n</%def>${f('1')}${f('2', 'z')}",
    "${'}'}${\"${\"}${{'a': 1}['a']}",
    "${repr(message)} ${repr(down)} ${repr(none)} ${repr(labels)} ${repr(quote)}",
    "${create_date}|${create_date.year}-${'%02d' % create_date.month}|${create_date.isoformat()}|${create_date.strftime('%d.%m.%y')}",
    "${message | trim}${message.replace(' ', '_').lower() | n}${'<b>' | h}",
    "a ${'b' # comment\n} c\n",
    "${(\n 'x'\n 'y')}",
    "% for name in ['p', 'q']:\n\ndef upgrade_${name}():\n    ${context.get('%s_upgrades' % name, 'pass')}\n\n% endfor\n",
    "tab\t% if\n\t% if 1:\n\tin\n\t% endif\n",
    "% if message == \"it's a: b\": # why: so\nsame\n% endif\n",
    "% for i, (n) in [(1, 'a'), (2, 'b')]:\n${i}${n}\n% endfor\n",
    "${not none and 1 or 2}${1 < 2 <= 2}${'a' in 'cat'}${none is None}",
    "${len(down)}${down[-1]}${down[:1]}${message[2:4]}${sorted(['b','a'])}",
    "line with $ and { and } and $$\n$${message}\n",
    "x<%%>y" if False else "x<% %>y",
    "é ${'ü'} \u2003\n",
    "one\r\n% if 1:\r\ntwo\r\n% endif\r\nthree\\\r\nfour\r\n",
]


def comma(value):
    if value is None:
        return ""
    return value if isinstance(value, str) else ", ".join(value)


def main():
    import datetime

    names = dict(
        message=" it's a: b ", down=("a", "b"), none=None, labels=["l"], quote="it's \"x\"\n",
        create_date=datetime.datetime(2024, 3, 1, 10, 5, 6, tzinfo=datetime.timezone.utc), comma=comma,
    )
    cases = []
    for text in TEMPLATES:
        cases.append({"template": text, "output": Template(text).render_unicode(**names)})
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "mako.json"), "w") as file:
        json.dump(cases, file, indent=1, ensure_ascii=False)
        file.write("\n")


main()
