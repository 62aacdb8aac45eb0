'use strict';

const {createServer} = require('node:http');
const {html, page} = require('@sample/html');
const clinic = require('./clinic.json');

const pages = {
  '/': () => ['Welcome', html`<p>The clinic looks after ${clinic.owners.flatMap(({pets}) => pets).length} pets.</p>${owners()}${vets()}`],
  '/owners': () => ['Owners', owners()],
  '/vets': () => ['Veterinarians', vets()],
};

const server = createServer((request, response) => {
  const path = request.url.split('?')[0];
  if (path === '/health') return send(response, 200, 'application/json', '{"status":"UP"}\n');
  const found = pages[path]?.();
  if (found === undefined) return send(response, 404, 'text/plain', 'Not found\n');
  const [title, body] = found;
  send(response, 200, 'text/html; charset=utf-8', page({title: `PetClinic: ${title}`, colour: '#3c7a1b', body: html`${links()}${body}`}));
});

server.listen(Number(process.env.PORT ?? 8080), () => console.log(`PetClinic listens on port ${server.address().port}`));
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}

function links() {
  return html`<p><a href="/">Home</a> · <a href="/owners">Owners</a> · <a href="/vets">Veterinarians</a></p>`;
}

function owners() {
  return html`<h2>Owners</h2>
<table>
<thead><tr><th>Name</th><th>City</th><th>Pets</th></tr></thead>
<tbody>${clinic.owners.map(({name, city, pets}) => html`<tr><td>${name}</td><td>${city}</td><td>${pets.join(', ')}</td></tr>`)}</tbody>
</table>`;
}

function vets() {
  return html`<h2>Veterinarians</h2>
<ul>${clinic.vets.map(({name, specialty}) => html`<li>${name}, ${specialty}</li>`)}</ul>`;
}

function send(response, status, type, body) {
  response.writeHead(status, {'content-type': type}).end(body);
}
