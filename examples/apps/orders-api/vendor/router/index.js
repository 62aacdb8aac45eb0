'use strict';

/**
 * A listener for http.createServer. Routes are `{'GET /orders/:id': (parameters) => value}`; a value is answered as JSON,
 * undefined as 404.
 */
function router(routes) {
  const table = Object.entries(routes).map(([route, handle]) => {
    const [method, path] = route.split(' ');
    return {method, segments: path.split('/'), handle};
  });
  return (request, response) => {
    const path = request.url.split('?')[0].split('/');
    const route = table.find(({method, segments}) => method === request.method && fits(segments, path));
    const value = route?.handle(parameters(route.segments, path));
    response.writeHead(value === undefined ? 404 : 200, {'content-type': 'application/json'});
    response.end(`${JSON.stringify(value ?? {error: 'not found'})}\n`);
  };
}

function fits(segments, path) {
  return segments.length === path.length && segments.every((segment, index) => segment.startsWith(':') || segment === path[index]);
}

function parameters(segments, path) {
  return Object.fromEntries(segments.flatMap((segment, index) => (segment.startsWith(':') ? [[segment.slice(1), path[index]]] : [])));
}

module.exports = {router};
