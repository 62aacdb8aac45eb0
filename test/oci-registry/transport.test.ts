// TLS and proxies: a registry on this machine may speak either protocol, a certificate must be trusted, a proxy is used where one is named.
import {spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {createServer} from 'node:https';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {createRegistryClient} from '../../source/oci/registry-client.ts';
import {noCredentials} from '../../source/oci/registry-credentials.ts';
import {createHttpTransport} from '../../source/oci/registry-transport.ts';
import {aTemporaryDirectory} from '../oci/a-tree.ts';
import {hasOpenssl} from './real-registry.ts';
import {aServer} from './scripted-server.ts';

const waiting = {now: Date.now, sleep: async () => undefined, random: () => 0};

describe.skipIf(!hasOpenssl)(`a registry with TLS${hasOpenssl ? '' : ' (skipped: no openssl)'}`, () => {
  async function aSecureServer() {
    const directory = aTemporaryDirectory();
    const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
    const request = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      '/CN=localhost',
    ];
    spawnSync('openssl', [...request, '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert]);
    const certificate = readFileSync(cert, 'utf8');
    const server = createServer({key: readFileSync(key), cert: certificate}, (_asked, answer) => answer.end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return {host: `localhost:${(server.address() as AddressInfo).port}`, certificate};
  }

  test('on this machine is found although plain http would be allowed', async () => {
    const {host, certificate} = await aSecureServer();
    const transport = createHttpTransport({certificateAuthorities: [certificate]});
    await createRegistryClient({credentials: noCredentials, ...waiting, transport}).ping(host);
  });

  test('whose certificate nobody vouches for is not used', async () => {
    const {host} = await aSecureServer();
    const transport = createHttpTransport();
    const answer = transport.send({method: 'GET', url: new URL(`https://${host}/v2/`), headers: {}});
    await expect(answer).rejects.toMatchObject({
      kind: 'untrusted',
      message: expect.stringMatching(/certificate is not trusted \(.*NODE_EXTRA_CA_CERTS/),
    });
  });
});

test('a proxy is asked where the environment names one, and not for hosts it excepts', async () => {
  const proxy = await aServer((_asked, answer) => answer.writeHead(200).end());
  const env = {HTTP_PROXY: `http://${proxy.host}`, NO_PROXY: '127.0.0.1'};
  const transport = createHttpTransport({env});
  const client = createRegistryClient({
    credentials: noCredentials,
    ...waiting,
    transport,
    insecure: ['registry.test:5000'],
  });
  await client.ping('registry.test:5000');
  expect(proxy.asked.map(({url}) => url)).toContain('http://registry.test:5000/v2/');
  const direct = await aServer((_asked, answer) => answer.writeHead(200).end());
  await client.ping(direct.host);
  expect(proxy.asked.every(({url}) => url.includes('registry.test'))).toBe(true);
});
