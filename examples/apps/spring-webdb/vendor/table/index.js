'use strict';

const {html} = require('@sample/html');

/** A table with one column for each key of `columns`, whose values are the headings. */
function table(columns, rows) {
  const keys = Object.keys(columns);
  return html`<table>
<thead><tr>${keys.map((key) => html`<th>${columns[key]}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${keys.map((key) => html`<td>${row[key]}</td>`)}</tr>\n`)}</tbody>
</table>`;
}

module.exports = {table};
