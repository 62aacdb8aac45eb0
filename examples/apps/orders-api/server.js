'use strict';

const {createServer} = require('node:http');
const {router} = require('@sample/router');
const orders = require('./orders.json');

const server = createServer(
  router({
    'GET /': () => ({service: process.env.ORDERS_TITLE ?? 'orders-api', orders: orders.length}),
    'GET /orders': () => orders,
    'GET /orders/:id': ({id}) => orders.find((order) => order.id === id),
    'GET /health': () => ({status: 'UP'}),
  }),
);

server.listen(Number(process.env.PORT ?? 8080), () => console.log(`orders-api listens on port ${server.address().port}`));
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}
