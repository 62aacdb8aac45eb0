'use strict';

const {createServer} = require('node:http');
const {rateFor} = require('@sample/tax-tables');

createServer((request, response) => {
  response.end(`${rateFor('FR')}\n`);
}).listen(Number(process.env.PORT ?? 8080));
