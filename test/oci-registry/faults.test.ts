// What registries do wrong, on purpose or not: each is met with a retry, a bound, or words.
import {randomBytes} from 'node:crypto';
import {readdirSync} from 'node:fs';
import {createServer as createPlainServer} from 'node:net';
import {join} from 'node:path';
import {inspect} from 'node:util';
import {describe, expect, test} from 'vitest';
import {sha256Of} from '../../source/oci/digest.ts';
import {hasBlob} from '../../source/oci/image-layout.ts';
import {mediaTypes} from '../../source/oci/media-types.ts';
import {parseRegistryReference} from '../../source/oci/reference.ts';
import {createRegistryClient, type RegistryClientOptions} from '../../source/oci/registry-client.ts';
import {type Credential, type CredentialSource, noCredentials} from '../../source/oci/registry-credentials.ts';
import type {RegistryError} from '../../source/oci/registry-error.ts';
import {parseRetryAfter} from '../../source/oci/registry-retry.ts';
import {Secret} from '../../source/oci/registry-secret.ts';
import {createHttpTransport} from '../../source/oci/registry-transport.ts';
import {aTemporaryDirectory} from '../oci/a-tree.ts';
import {type Answerer, aServer} from './scripted-server.ts';

const now = Date.parse('2026-11-23T08:00:00Z');
const password = 'hunter2-hunter2';

function aClient(options: Partial<RegistryClientOptions> = {}) {
  const slept: number[] = [];
  const client = createRegistryClient({
    credentials: noCredentials,
    now: () => now,
    sleep: async (milliseconds) => {
      slept.push(milliseconds);
    },
    random: () => 0,
    ...options,
  });
  return {client, slept};
}

function source(credential: Credential, origin = 'the login of this test'): CredentialSource {
  return {find: async () => ({credential, origin})};
}

const basic = source({kind: 'basic', username: 'me', password: new Secret(password)});
const manifest = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: {mediaType: mediaTypes.config, digest: sha256Of('{}'), size: 2},
    layers: [],
  }),
);

const serveManifest: Answerer = (_asked, answer) => {
  answer.writeHead(200, {'content-type': mediaTypes.manifest}).end(manifest);
};

async function failure(work: Promise<unknown>): Promise<RegistryError> {
  return work.then(
    () => {
      throw new Error('expected a failure, but it succeeded');
    },
    (error: unknown) => error as RegistryError,
  );
}

describe('a server that is busy', () => {
  test.each([
    {said: '7', slept: [7000]},
    {said: new Date(now + 9000).toUTCString(), slept: [9000]},
    {said: undefined, slept: [125]},
  ])('is asked again after the time it names (Retry-After: $said)', async ({said, slept: expected}) => {
    const {host} = await aServer((asked, answer, number) => {
      if (number > 1) serveManifest(asked, answer, number);
      else answer.writeHead(429, said === undefined ? {} : {'retry-after': said}).end();
    });
    const {client, slept} = aClient();
    await client.getManifest(parseRegistryReference(`${host}/acme/app:1`));
    expect(slept).toEqual(expected);
  });

  test('is not waited for longer than a minute: the error says how long it asked for', async () => {
    const {host, asked} = await aServer((_asked, answer) => answer.writeHead(429, {'retry-after': '3600'}).end());
    const {client, slept} = aClient();
    const error = await failure(client.getManifest(parseRegistryReference(`${host}/acme/app:1`)));
    expect(error).toMatchObject({kind: 'rate-limited', retryAfter: 3_600_000, status: 429});
    expect(error.message).toContain('wait 3600 s');
    expect([slept, asked.length]).toEqual([[], 1]);
  });

  test.each([500, 502, 503, 504])('is given up after five tries that lie ever further apart (%d)', async (status) => {
    const {host, asked} = await aServer((_asked, answer) => answer.writeHead(status).end());
    const {client, slept} = aClient();
    const error = await failure(client.getManifest(parseRegistryReference(`${host}/acme/app:1`)));
    expect(error).toMatchObject({kind: 'server-failed', status});
    expect([asked.length, slept]).toEqual([5, [125, 250, 500, 1000]]);
  });

  test.each(['-5', 'soon', '1e9', ''])('says nothing with Retry-After: %s', (header) => {
    expect(parseRetryAfter(header, now)).toBeUndefined();
  });
});

describe('a registry that cannot be used', () => {
  test('does not exist: the host is named', async () => {
    const error = await failure(aClient({retryPolicy: {attempts: 1}}).client.ping('nowhere.invalid'));
    expect(error.kind).toBe('unreachable');
    expect(error.message).toMatch(/Expected the registry nowhere\.invalid to answer, but/);
  });

  test('has nothing listening', async () => {
    const {host} = await aServer(serveManifest);
    const closed = `127.0.0.1:${await freePort()}`;
    expect(closed).not.toBe(host);
    const error = await failure(aClient().client.ping(closed));
    expect(error).toMatchObject({kind: 'unreachable', message: expect.stringContaining('connection refused')});
  });

  test('does not speak TLS, and was not named insecure', async () => {
    const server = await aServer(serveManifest);
    const port = new URL(`http://${server.host}`).port;
    const {client} = aClient({transport: onThisMachine()});
    const error = await failure(client.ping(`registry.test:${port}`));
    expect(error.kind).toMatch(/untrusted|unreachable/);
    const insecure = aClient({transport: onThisMachine(), insecure: [`registry.test:${port}`]});
    await insecure.client.ping(`registry.test:${port}`);
  });

  test('says no in its own words, which cannot steer a terminal', async () => {
    const body = JSON.stringify({errors: [{code: 'DENIED', message: 'no\u001B[2J access'}]});
    const {host} = await aServer((_asked, answer) => answer.writeHead(403).end(body));
    const error = await failure(aClient().client.getManifest(parseRegistryReference(`${host}/acme/app:1`)));
    expect(error).toMatchObject({kind: 'denied', status: 403});
    expect(error.message).toContain(String.raw`DENIED: no\u001b[2J access`);
  });
});

describe('an answer that is not what was asked for', () => {
  test.each<[string, Answerer, string]>([
    [
      'another digest in its header',
      (_asked, answer) => answer.writeHead(200, {'docker-content-digest': sha256Of('x')}).end(manifest),
      'digest-mismatch',
    ],
    [
      'a length beyond all bounds',
      (_asked, answer) => answer.writeHead(200, {'content-length': '9999999999'}).write('{'),
      'limit',
    ],
    ['more than all bounds without saying so', (_asked, answer) => endless(answer.writeHead(200)), 'limit'],
    [
      'headers beyond all bounds',
      (_asked, answer) => answer.writeHead(200, {'x-long': 'x'.repeat(60_000)}).end(),
      'bad-answer',
    ],
    [
      'an index that says it is a manifest',
      (_asked, answer) =>
        answer
          .writeHead(200, {'content-type': mediaTypes.manifest})
          .end(JSON.stringify({schemaVersion: 2, mediaType: mediaTypes.index, manifests: []})),
      'bad-manifest',
    ],
    [
      'Docker’s schema 1',
      (_asked, answer) =>
        answer
          .writeHead(200, {'content-type': 'application/vnd.docker.distribution.manifest.v1+prettyjws'})
          .end('{"schemaVersion":1}'),
      'unsupported',
    ],
    ['no JSON', (_asked, answer) => answer.writeHead(200).end('<html>'), 'bad-manifest'],
    ['a redirect in a circle', (asked, answer) => answer.writeHead(307, {location: asked.url}).end(), 'bad-answer'],
    [
      'a redirect to a file',
      (_asked, answer) => answer.writeHead(307, {location: 'file:///etc/passwd'}).end(),
      'bad-answer',
    ],
    [
      'a redirect to plain http elsewhere',
      (_asked, answer) => answer.writeHead(307, {location: 'http://169.254.169.254/latest'}).end(),
      'untrusted',
    ],
  ])('is refused: %s', async (_case, answerer, kind) => {
    const {host} = await aServer(answerer);
    const {client} = aClient();
    expect(await failure(client.getManifest(parseRegistryReference(`${host}/acme/app:1`)))).toMatchObject({kind});
  });

  test('is refused when a digest was asked for and other bytes come', async () => {
    const {host} = await aServer(serveManifest);
    const reference = parseRegistryReference(`${host}/acme/app@${sha256Of('another')}`);
    expect(await failure(aClient().client.getManifest(reference))).toMatchObject({kind: 'digest-mismatch'});
  });
});

describe('a server that dribbles', () => {
  const limits = {answerWithin: 300, stalledAfter: 200, leastBytes: 1000};

  test.each<[string, Answerer]>([
    ['never begins to answer', () => undefined],
    [
      'sends its body byte by byte',
      (_asked, answer) => {
        answer.writeHead(200);
        const timer = setInterval(() => answer.write(' '), 20);
        answer.on('close', () => clearInterval(timer));
      },
    ],
    ['stops in the middle', (_asked, answer) => answer.writeHead(200, {'content-length': '5000'}).write('{')],
  ])('is given up when it %s', async (_case, answerer) => {
    const {host} = await aServer(answerer);
    const {client} = aClient({transport: createHttpTransport({limits}), retryPolicy: {attempts: 1}});
    expect(await failure(client.getManifest(parseRegistryReference(`${host}/acme/app:1`)))).toMatchObject({
      kind: 'timed-out',
    });
  });

  test('is left at once when the caller gives up, with the caller’s reason', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const {host} = await aServer(() => stop.abort(reason));
    const {client} = aClient();
    await expect(client.getManifest(parseRegistryReference(`${host}/acme/app:1`), {signal: stop.signal})).rejects.toBe(
      reason,
    );
  });
});

describe('a download', () => {
  const bytes = randomBytes(400_000);
  const blob = {digest: sha256Of(bytes), size: bytes.length};

  test.each([true, false])('is taken up where the connection broke (server knows ranges: %s)', async (ranges) => {
    const {host, asked} = await aServer((request, answer, number) => {
      const start = ranges ? Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0;
      const part = bytes.subarray(start);
      const range = {'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}`};
      answer.writeHead(start > 0 ? 206 : 200, {'content-length': String(part.length), ...(start > 0 && range)});
      if (number > 7) answer.end(part);
      else answer.write(part.subarray(0, 50_000), () => answer.destroy());
    });
    const pool = aTemporaryDirectory();
    const {client} = aClient({retryPolicy: {attempts: 10}});
    expect(await client.downloadBlob(parseRegistryReference(`${host}/acme/app`), blob, pool)).toBe('downloaded');
    expect(await hasBlob(pool, blob.digest, blob.size)).toBe(true);
    expect(readdirSync(join(pool, 'blobs'))).toEqual(['sha256']);
    // How much of a broken answer arrives is the network's affair; that it is asked for the rest is ours.
    const starts = asked.map(({headers}) => Number(/bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0));
    expect(Math.max(...starts)).toBeGreaterThan(0);
    if (ranges) expect(starts).toEqual(starts.toSorted((left, right) => left - right));
  });

  test.each<[string, Answerer, string]>([
    ['other bytes', (_asked, answer) => answer.writeHead(200).end(Buffer.alloc(bytes.length)), 'digest-mismatch'],
    ['more bytes', (_asked, answer) => answer.writeHead(200).end(Buffer.concat([bytes, Buffer.from('x')])), 'limit'],
    [
      'a shorter length',
      (_asked, answer) => answer.writeHead(200, {'content-length': '3'}).end('abc'),
      'digest-mismatch',
    ],
    ['an early end, again and again', (_asked, answer) => answer.writeHead(200).end(), 'unreachable'],
  ])('of %s leaves nothing behind', async (_case, answerer, kind) => {
    const {host} = await aServer(answerer);
    const pool = aTemporaryDirectory();
    const {client} = aClient();
    expect(await failure(client.downloadBlob(parseRegistryReference(`${host}/acme/app`), blob, pool))).toMatchObject({
      kind,
    });
    expect(readdirSync(join(pool, 'blobs'))).toEqual(['sha256']);
    expect(readdirSync(join(pool, 'blobs', 'sha256'))).toEqual([]);
  });
});

describe('an upload', () => {
  const bytes = randomBytes(250_000);
  const content = {
    digest: sha256Of(bytes),
    size: bytes.length,
    open: (start: number, end: number) => [bytes.subarray(start, end)],
  };

  /** A registry of one upload that keeps what it is sent; `patch` may spoil a chunk. */
  async function anUploadServer(patch: (body: Buffer, number: number) => {keep: number; status: number | 'break'}) {
    let stored = Buffer.alloc(0);
    let chunks = 0;
    const server = await aServer((asked, answer) => {
      const location = `/v2/acme/app/blobs/uploads/1?state=${stored.length}`;
      const range = `0-${Math.max(0, stored.length - 1)}`;
      switch (asked.method) {
        case 'HEAD':
          answer.writeHead(404).end();
          return;
        case 'POST':
          stored = Buffer.alloc(0);
          answer.writeHead(202, {location: '/v2/acme/app/blobs/uploads/1?state=0'}).end();
          return;
        case 'GET':
          answer.writeHead(204, {location, range}).end();
          return;
        case 'PATCH': {
          const {keep, status} = patch(asked.body, ++chunks);
          const start = Number(/^(\d+)-/.exec(String(asked.headers['content-range']))?.[1]);
          if (start !== stored.length) answer.writeHead(416).end();
          else {
            stored = Buffer.concat([stored, asked.body.subarray(0, keep)]);
            if (status === 'break') answer.destroy();
            else
              answer
                .writeHead(status, {
                  location: `/v2/acme/app/blobs/uploads/1?state=${stored.length}`,
                  range: `0-${stored.length - 1}`,
                })
                .end();
          }
          return;
        }
        default:
          stored = Buffer.concat([stored, asked.body]);
          answer.writeHead(sha256Of(stored) === content.digest ? 201 : 400).end();
      }
    });
    return {...server, repository: parseRegistryReference(`${server.host}/acme/app`), stored: () => stored};
  }

  test('goes on after a broken chunk with what the registry has of it', async () => {
    const {repository, asked, stored} = await anUploadServer((body, number) =>
      number === 2 ? {keep: 30_000, status: 'break'} : {keep: body.length, status: 202},
    );
    const {client} = aClient({chunkSize: 100_000});
    expect(await client.uploadBlob(repository, content)).toBe('uploaded');
    expect(stored()).toEqual(bytes);
    const ranges = asked.filter(({method}) => method === 'PATCH').map(({headers}) => headers['content-range']);
    expect(ranges).toEqual(['0-99999', '100000-199999', '130000-229999', '230000-249999']);
  });

  test('goes in one piece where chunks are not taken', async () => {
    const {repository, asked, stored} = await anUploadServer(() => ({keep: 0, status: 405}));
    const {client} = aClient({chunkSize: 100_000});
    expect(await client.uploadBlob(repository, content)).toBe('uploaded');
    expect(stored()).toEqual(bytes);
    expect(asked.at(-1)).toMatchObject({method: 'PUT', headers: {'content-length': '250000'}});
  });

  test('in one piece begins again when the connection breaks', async () => {
    let puts = 0;
    const {host, asked} = await aServer((request, answer) => {
      if (request.method === 'PUT' && ++puts === 1) answer.destroy();
      else if (request.method === 'HEAD') answer.writeHead(404).end();
      else answer.writeHead(request.method === 'POST' ? 202 : 201, {location: '/v2/acme/app/blobs/uploads/1'}).end();
    });
    await aClient().client.uploadBlob(parseRegistryReference(`${host}/acme/app`), content);
    expect(asked.map(({method}) => method)).toEqual(['POST', 'PUT', 'HEAD', 'POST', 'PUT']);
    expect(asked.at(-1)?.body).toEqual(bytes);
  });

  test('does not follow the registry to plain http elsewhere', async () => {
    const {host} = await aServer((_asked, answer) => answer.writeHead(202, {location: 'http://10.0.0.1/steal'}).end());
    const error = await failure(aClient().client.uploadBlob(parseRegistryReference(`${host}/acme/app`), content));
    expect(error).toMatchObject({kind: 'untrusted', message: expect.stringContaining('http://10.0.0.1')});
  });
});

describe('a credential', () => {
  const challenge =
    (scheme: string): Answerer =>
    (asked, answer) => {
      if (asked.authorization === undefined) answer.writeHead(401, {'www-authenticate': scheme}).end();
      else answer.writeHead(200).end();
    };

  test('does not follow a redirect to another host', async () => {
    const thief = await aServer(serveManifest);
    const {host, asked} = await aServer(
      (_asked, answer) => answer.writeHead(307, {location: `http://${thief.host}/v2/stolen`}).end(),
      {ping: challenge('Basic realm="x"')},
    );
    await aClient({credentials: basic}).client.getManifest(parseRegistryReference(`${host}/acme/app:1`));
    expect(asked[0]?.authorization).toMatch(/^Basic /);
    expect(thief.asked.map(({authorization}) => authorization)).toEqual([undefined]);
  });

  test('stands in no error, even when the server repeats it', async () => {
    const {host} = await aServer(
      (asked, answer) =>
        answer
          .writeHead(403)
          .end(JSON.stringify({errors: [{code: 'X', message: `${asked.authorization ?? ''} ${password}`}]})),
      {ping: challenge('Basic realm="x"')},
    );
    const error = await failure(
      aClient({credentials: basic}).client.getManifest(parseRegistryReference(`${host}/acme/app:1`)),
    );
    expect(error).toMatchObject({kind: 'denied'});
    const encoded = Buffer.from(`me:${password}`).toString('base64');
    for (const text of [error.message, String(error.stack), inspect(error, {depth: 10}), JSON.stringify(error)]) {
      expect(text).not.toContain(password);
      expect(text).not.toContain(encoded);
    }
    expect(error.message).toContain('the login of this test');
  });

  test('is not sent to a token server by plain http', async () => {
    const {host} = await aServer(serveManifest, {ping: challenge('Bearer realm="http://auth.test/token",service="s"')});
    const error = await failure(
      aClient({credentials: basic}).client.getManifest(parseRegistryReference(`${host}/acme/app:1`)),
    );
    expect(error).toMatchObject({kind: 'untrusted', message: expect.stringContaining('http://auth.test')});
  });

  test('becomes a token, asked for once by many and again when it has expired', async () => {
    let clock = now;
    const tokens = await aServer((_asked, answer, number) =>
      answer.end(JSON.stringify({token: `token-${number}`, expires_in: 120})),
    );
    const {host, asked} = await aServer(serveManifest, {
      ping: challenge(`Bearer realm="http://${tokens.host}/token",service="s"`),
    });
    const {client} = aClient({credentials: basic, now: () => clock});
    const reference = parseRegistryReference(`${host}/acme/app:1`);
    await Promise.all([1, 2, 3, 4].map(() => client.getManifest(reference)));
    expect(tokens.asked.map(({method, url}) => ({method, url}))).toEqual([
      {method: 'GET', url: '/token?service=s&scope=repository%3Aacme%2Fapp%3Apull'},
    ]);
    clock += 121_000;
    await client.getManifest(reference);
    expect(asked.map(({authorization}) => authorization)).toEqual([
      ...Array<string>(4).fill('Bearer token-1'),
      'Bearer token-2',
    ]);
  });

  test('that is an identity token goes to the token server in a body, never in an address', async () => {
    const identity = source({kind: 'identity-token', token: new Secret('identity-identity')});
    const tokens = await aServer((_asked, answer) => answer.end(JSON.stringify({access_token: 'bearer'})));
    const {host, asked} = await aServer(serveManifest, {
      ping: challenge(`Bearer realm="http://${tokens.host}/token",service="s"`),
    });
    await aClient({credentials: identity}).client.getManifest(parseRegistryReference(`${host}/acme/app:1`));
    expect(asked[0]?.authorization).toBe('Bearer bearer');
    expect(tokens.asked[0]).toMatchObject({method: 'POST', url: '/token', authorization: undefined});
    expect(Object.fromEntries(new URLSearchParams(tokens.asked[0]?.body.toString()))).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'identity-identity',
      client_id: 'slipway',
      service: 's',
      scope: 'repository:acme/app:pull',
    });
  });

  test('that a token server refuses is named by where it came from', async () => {
    const tokens = await aServer((_asked, answer) => answer.writeHead(401).end(`wrong: ${password}`));
    const {host} = await aServer(serveManifest, {ping: challenge(`Bearer realm="http://${tokens.host}/token"`)});
    const error = await failure(
      aClient({credentials: basic}).client.getManifest(parseRegistryReference(`${host}/acme/app:1`)),
    );
    expect(error).toMatchObject({kind: 'unauthorized', message: expect.stringContaining('the login of this test')});
    expect(inspect(error)).not.toContain(password);
  });

  test('is renewed when a registry refuses a token in the middle', async () => {
    const tokens = await aServer((_asked, answer, number) =>
      answer.end(JSON.stringify({token: `token-${number}`, expires_in: 9999})),
    );
    const scheme = `Bearer realm="http://${tokens.host}/token",service="s"`;
    const {host} = await aServer(
      (asked, answer, number) => {
        if (asked.authorization === 'Bearer token-1' && number > 1)
          answer.writeHead(401, {'www-authenticate': `${scheme},error="invalid_token"`}).end();
        else serveManifest(asked, answer, number);
      },
      {ping: challenge(scheme)},
    );
    const {client} = aClient({credentials: basic});
    const reference = parseRegistryReference(`${host}/acme/app:1`);
    await client.getManifest(reference);
    await client.getManifest(reference);
    expect(tokens.asked).toHaveLength(2);
  });
});

test('the list of tags is read page by page, and only on the registry itself', async () => {
  const {host} = await aServer((asked, answer) => {
    const last = new URL(asked.url, 'http://x').searchParams.get('last');
    const next =
      last === null ? '</v2/acme/app/tags/list?n=1000&last=b>; rel="next"' : '<http://elsewhere.test/v2/x>; rel="next"';
    answer.writeHead(200, {link: next}).end(JSON.stringify({tags: last === null ? ['a', 'b'] : ['c', '\u001B[2J']}));
  });
  expect(await aClient().client.listTags(parseRegistryReference(`${host}/acme/app`))).toEqual(['a', 'b', 'c']);
});

test('no more exchanges are on the wire than allowed', async () => {
  let running = 0;
  let most = 0;
  const {host} = await aServer((asked, answer, number) => {
    most = Math.max(most, ++running);
    setImmediate(() => {
      running--;
      serveManifest(asked, answer, number);
    });
  });
  const {client} = aClient({maxConcurrency: 3});
  await Promise.all(Array.from({length: 20}, () => client.getManifest(parseRegistryReference(`${host}/acme/app:1`))));
  expect(most).toBeLessThanOrEqual(3);
});

function endless(answer: {
  write(chunk: Buffer): boolean;
  once(event: 'drain', then: () => void): unknown;
  destroyed: boolean;
}): void {
  const chunk = Buffer.alloc(64 * 1024, ' ');
  const more = (): void => {
    while (!answer.destroyed && answer.write(chunk));
    if (!answer.destroyed) answer.once('drain', more);
  };
  more();
}

async function freePort(): Promise<number> {
  const server = createPlainServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return typeof address === 'object' && address ? address.port : 0;
}

/** Sends everything to this machine, whatever the host is called, with the protocol that was chosen. */
function onThisMachine() {
  const transport = createHttpTransport();
  return {
    ...transport,
    send: (request: Parameters<typeof transport.send>[0]) =>
      transport.send({...request, url: new URL(request.url.href.replace('//registry.test:', '//127.0.0.1:'))}),
  };
}
