'use strict';

const entities = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;'};

class Markup {
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

/** A template tag: values are escaped, markup made by this tag and lists of it are taken as they are. */
function html(strings, ...values) {
  return new Markup(String.raw({raw: strings}, ...values.map(render)));
}

function render(value) {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(render).join('');
  return String(value ?? '').replace(/[&<>"']/g, (character) => entities[character]);
}

/** A whole page with a title, a colour and a body. */
function page({title, colour, body}) {
  return `<!doctype html>\n${html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; color: #1d2733; }
header { background: ${colour}; color: #fff; padding: 1rem 2rem; }
main { max-width: 48rem; padding: 1rem 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #d5dde5; padding: .4rem .8rem .4rem 0; text-align: left; }
</style>
</head>
<body>
<header><h1>${title}</h1></header>
<main>
${body}
</main>
</body>
</html>
`}`;
}

module.exports = {html, page};
