// Stands before a registry and remembers which manifests it took.
import {Agent, createServer, request} from 'node:http';
import type {AddressInfo} from 'node:net';
import {once} from 'node:events';

export type CountingProxy = {
  readonly host: string;
  /** `REPOSITORY:TAG DIGEST` of every manifest that the registry took, in the order it took them. */
  readonly taken: readonly string[];
  readonly stop: () => Promise<void>;
};

/** What a client that goes away has sent whole still reaches the registry, as it would without the proxy. */
export async function aCountingProxy(registry: string): Promise<CountingProxy> {
  const taken: string[] = [];
  const agent = new Agent({keepAlive: true});
  const [hostname = '', port = ''] = registry.split(':');
  const server = createServer((incoming, answer) => {
    const {method = 'GET', url: path = '/', headers} = incoming;
    const onward = request({hostname, port, agent, method, path, headers}, (reply) => {
      const [, repository, tag] = /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec(path) ?? [];
      if (method === 'PUT' && repository !== undefined && reply.statusCode === 201)
        taken.push(`${repository}:${tag ?? ''} ${String(reply.headers['docker-content-digest'])}`);
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    incoming.on('error', () => onward.destroy());
    answer.on('error', () => undefined);
    incoming.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      agent.destroy();
    },
  };
}
