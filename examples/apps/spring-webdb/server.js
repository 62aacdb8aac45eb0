'use strict';

const {createServer} = require('node:http');
const {html, page} = require('@sample/html');
const {table} = require('@sample/table');
const rows = require('./database.json');

const columns = {id: 'Id', product: 'Product', stock: 'In stock', shelf: 'Shelf'};

const server = createServer((request, response) => {
  switch (request.url.split('?')[0]) {
    case '/':
      return send(response, 200, 'text/html; charset=utf-8', home());
    case '/rows':
      return send(response, 200, 'application/json', `${JSON.stringify(rows)}\n`);
    case '/health':
      return send(response, 200, 'application/json', '{"status":"UP"}\n');
    default:
      return send(response, 404, 'text/plain', 'Not found\n');
  }
});

server.listen(Number(process.env.PORT ?? 8080), () => console.log(`WebDB listens on port ${server.address().port}`));
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}

function home() {
  return page({title: 'WebDB', colour: '#1f4e79', body: html`<p>${rows.length} rows in the table <code>stock</code></p>\n${table(columns, rows)}`});
}

function send(response, status, type, body) {
  response.writeHead(status, {'content-type': type}).end(body);
}
