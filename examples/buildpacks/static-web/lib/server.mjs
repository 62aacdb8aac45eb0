// node server.mjs FOLDER: serves the files of FOLDER on PORT (8080). Only regular files that really lie inside FOLDER are
// given out: no dot files, no links that lead elsewhere, and nothing of the build (Procfile, launch.env, project.toml).
import {createReadStream} from 'node:fs';
import {realpath, stat} from 'node:fs/promises';
import {createServer} from 'node:http';
import {extname, join, sep} from 'node:path';
import {pipeline} from 'node:stream/promises';

const types = {
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.xml': 'application/xml',
};
const notServed = new Set(['Procfile', 'launch.env', 'project.toml']);

const root = await realpath(process.argv[2] ?? '.');
const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(`${request.method} ${request.url}: ${error.message}`);
    if (response.headersSent) response.destroy();
    else refuse(response, 500, 'Internal error');
  });
});
server.listen(Number(process.env.PORT ?? 8080), () => console.log(`Serving on port ${server.address().port}`));
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}

async function answer(request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return refuse(response, 405, 'Method not allowed');
  }
  const segments = readPath(request.url ?? '/');
  if (segments === undefined) return refuse(response, 400, 'Bad request');
  const found = await findFile(segments);
  if (found === undefined) return refuse(response, 404, 'Not found');
  if (found.isFolder && !request.url.split('?')[0].endsWith('/')) {
    response.writeHead(301, {location: ['', ...segments.map(encodeURIComponent), ''].join('/')}).end();
    return;
  }
  response.writeHead(200, {
    'content-type': types[extname(found.path).toLowerCase()] ?? 'application/octet-stream',
    'content-length': found.size,
    'x-content-type-options': 'nosniff',
  });
  if (request.method === 'HEAD') response.end();
  else await pipeline(createReadStream(found.path), response);
}

/** The names of the path, decoded; undefined when it is malformed or tries to climb. */
function readPath(url) {
  try {
    const segments = decodeURIComponent(url.split(/[?#]/)[0]).split('/').filter((segment) => segment !== '' && segment !== '.');
    return segments.some((segment) => segment === '..' || /[\0\\]/.test(segment)) ? undefined : segments;
  } catch {
    return undefined;
  }
}

async function findFile(segments) {
  if (segments.some((segment) => segment.startsWith('.')) || (segments.length === 1 && notServed.has(segments[0]))) return undefined;
  const direct = await insideRoot(join(root, ...segments));
  if (direct === undefined || direct.entry.isFile()) return direct && {path: direct.path, size: direct.entry.size, isFolder: false};
  const index = direct.entry.isDirectory() ? await insideRoot(join(direct.path, 'index.html')) : undefined;
  return index?.entry.isFile() ? {path: index.path, size: index.entry.size, isFolder: true} : undefined;
}

async function insideRoot(path) {
  try {
    const real = await realpath(path);
    if (real !== root && !real.startsWith(root + sep)) return undefined;
    return {path: real, entry: await stat(real)};
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'EACCES'].includes(error.code)) return undefined;
    throw error;
  }
}

function refuse(response, status, text) {
  response.writeHead(status, {'content-type': 'text/plain; charset=utf-8'}).end(`${text}\n`);
}
