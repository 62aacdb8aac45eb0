'use strict';

// Fulfils one open order after another, then waits for new ones; WORKER_INTERVAL_MS chooses the pace.
const open = require('./orders.json').filter(({state}) => state === 'open');

const timer = setInterval(() => {
  const order = open.shift();
  console.log(order === undefined ? 'no open orders' : `fulfilled ${order.id} for ${order.customer}`);
}, Number(process.env.WORKER_INTERVAL_MS ?? 5000));

console.log(`worker started, ${open.length} open orders`);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => clearInterval(timer));
