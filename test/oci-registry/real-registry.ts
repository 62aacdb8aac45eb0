// A real registry (distribution's) for the tests: on a free port of this machine, its storage in a temporary directory, gone when the test ends.
import {spawn, spawnSync} from 'node:child_process';
import {createHash, createPublicKey, createSign} from 'node:crypto';
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {once} from 'node:events';

const script = path.join(import.meta.dirname, '..', 'peers', 'get-registry.sh');
const found = spawnSync('bash', [script], {encoding: 'utf8'});

/** The program, or why there is none. */
export const registryProgram = found.status === 0 ? found.stdout.trim() : undefined;
export const whyNoRegistry = registryProgram === undefined ? ` (skipped: ${(found.stderr || 'no bash').trim()})` : '';

/** `basic`: user `slipway`, password `correct horse`. `token`: the same user, at a token server. */
export type RegistryAuth = 'none' | 'basic' | 'token';

export const user = {username: 'slipway', password: 'correct horse'};
/** bcrypt of that password. */
const passwordHash = '$2b$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2';

export type RealRegistry = {
  readonly host: string;
  readonly tokensIssued: () => number;
  readonly stop: () => Promise<void>;
};

/** In memory where the machine has that, so that its disk does not decide how long the tests take. */
const storage = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export async function startRegistry(auth: RegistryAuth = 'none'): Promise<RealRegistry> {
  const directory = mkdtempSync(path.join(storage, 'slipway-registry-'));
  const tokens = auth === 'token' ? await startTokenServer(directory) : undefined;
  const config = path.join(directory, 'config.yml');
  writeFileSync(config, configText(directory, auth, tokens?.realm));
  const child = spawn(registryProgram ?? '', ['serve', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {PATH: process.env['PATH'], OTEL_TRACES_EXPORTER: 'none'},
  });
  const port = await listening(child.stderr);
  return {
    host: `127.0.0.1:${port}`,
    tokensIssued: () => tokens?.issued() ?? 0,
    stop: async () => {
      child.kill('SIGKILL');
      await once(child, 'close');
      await tokens?.stop();
      rmSync(directory, {recursive: true, force: true});
    },
  };
}

function configText(directory: string, auth: RegistryAuth, realm = ''): string {
  const htpasswd = path.join(directory, 'htpasswd');
  writeFileSync(htpasswd, `${user.username}:${passwordHash}\n`);
  const lines = [
    'version: 0.1',
    'log: {level: info}',
    `storage: {filesystem: {rootdirectory: ${directory}/data}, delete: {enabled: true}}`,
    'http: {addr: "127.0.0.1:0"}',
  ];
  if (auth === 'basic') lines.push(`auth: {htpasswd: {realm: test, path: ${htpasswd}}}`);
  if (auth === 'token') {
    lines.push(
      `auth: {token: {realm: "${realm}", service: test, issuer: slipway-tests, rootcertbundle: ${directory}/cert.pem}}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function listening(stream: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    stream.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-20_000);
      const [, port] = /listening on 127\.0\.0\.1:(\d+)/.exec(text) ?? [];
      if (port !== undefined) resolve(port);
    });
    stream.once('close', () => reject(new Error(`the registry ended: ${text}`)));
  });
}

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** A token server as distribution expects it: RS256, the key named by its fingerprint, access as it was asked for. */
async function startTokenServer(directory: string) {
  const key = path.join(directory, 'key.pem');
  const certificate = path.join(directory, 'cert.pem');
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=test', '-days', '3650'];
  spawnSync('openssl', [...request, '-keyout', key, '-out', certificate]);
  const privateKey = readFileSync(key, 'utf8');
  const keyId = fingerprint(privateKey);
  const basic = `Basic ${Buffer.from(`${user.username}:${user.password}`).toString('base64')}`;
  let issued = 0;
  const server = createServer((incoming, answer) => {
    if (incoming.headers.authorization !== basic) {
      answer.writeHead(401).end('{}');
      return;
    }
    issued++;
    const scopes = new URL(incoming.url ?? '', 'http://token').searchParams.getAll('scope');
    answer.writeHead(200, {'content-type': 'application/json'});
    answer.end(JSON.stringify({token: signedToken(privateKey, keyId, scopes), expires_in: 300}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    realm: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    issued: () => issued,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function signedToken(privateKey: string, kid: string, scopes: readonly string[]): string {
  const now = Math.floor(Date.now() / 1000);
  const access = scopes.map((scope) => {
    const [type, name, actions = ''] = scope.split(':');
    return {type, name, actions: actions.split(',')};
  });
  const claims = {
    iss: 'slipway-tests',
    sub: 'slipway',
    aud: 'test',
    exp: now + 300,
    nbf: now - 10,
    iat: now,
    jti: '1',
    access,
  };
  const signed = `${encoded({typ: 'JWT', alg: 'RS256', kid})}.${encoded(claims)}`;
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey).toString('base64url')}`;
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** libtrust's key id: base32 of the first 240 bits of the public key's sha256, in groups of four. */
function fingerprint(privateKey: string): string {
  const der = createPublicKey(privateKey).export({type: 'spki', format: 'der'});
  const bits = [...createHash('sha256').update(der).digest().subarray(0, 30)]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  const letters =
    bits.match(/.{5}/g)?.map((group) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(group, 2)]) ?? [];
  return letters.join('').match(/.{4}/g)?.join(':') ?? '';
}
