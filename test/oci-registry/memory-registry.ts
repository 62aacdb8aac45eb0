// A registry in this process, as far as pushing and pulling need it; it remembers what it was asked, and fails where a test says.
import {createHash} from 'node:crypto';
import type {ServerResponse} from 'node:http';
import {type Asked, aServer} from './scripted-server.ts';

export type MemoryRegistry = {
  readonly host: string;
  /** `METHOD path` of everything asked, without the first look at `/v2/`. */
  readonly asked: () => readonly string[];
  /** What was asked with its headers. */
  readonly requests: readonly Asked[];
  /** Blobs by `repository digest`. */
  readonly blobs: Map<string, Buffer>;
  /** Digests by `repository:tag`. */
  readonly tags: Map<string, string>;
  /** Answers a request instead of the registry, or does not (undefined). */
  fail: ((asked: Asked) => Failure | undefined) | undefined;
};

export type Failure = {readonly status: number; readonly code: string; readonly message: string};

/** `user` as `name:password`: without it nothing is let in. */
export async function aMemoryRegistry({user}: {readonly user?: string} = {}): Promise<MemoryRegistry> {
  const blobs = new Map<string, Buffer>();
  const tags = new Map<string, string>();
  const manifests = new Map<string, {readonly type: string; readonly bytes: Buffer}>();
  const wanted = user === undefined ? undefined : `Basic ${Buffer.from(user).toString('base64')}`;
  const challenge = {'www-authenticate': 'Basic realm="test"'};
  const server = await aServer(answerRequest, {
    ping: (asked, answer) => void answer.writeHead(letsIn(asked) ? 200 : 401, challenge).end(),
  });
  const registry: MemoryRegistry = {
    host: server.host,
    asked: () => server.asked.map(({method, url}) => `${method} ${url}`),
    requests: server.asked,
    blobs,
    tags,
    fail: undefined,
  };
  return registry;

  function letsIn({authorization}: Asked): boolean {
    return wanted === undefined || authorization === wanted;
  }

  function answerRequest(asked: Asked, answer: ServerResponse): void {
    const failure = registry.fail?.(asked);
    if (failure) {
      const {status, code, message} = failure;
      answer.writeHead(status).end(JSON.stringify({errors: [{code, message}]}));
      return;
    }
    if (!letsIn(asked)) {
      answer.writeHead(401, challenge).end();
      return;
    }
    const url = new URL(asked.url, `http://${server.host}`);
    const [, repository = '', what = '', name = ''] =
      /^\/v2\/(.+)\/(manifests|blobs\/uploads|blobs)\/([^/]*)$/.exec(url.pathname) ?? [];
    if (what === 'blobs/uploads') upload(asked, repository, url, answer);
    else if (what === 'blobs') give(answer, asked, blobs.get(`${repository} ${name}`), 'application/octet-stream');
    else manifest(asked, repository, name, answer);
  }

  function upload({method, body}: Asked, repository: string, url: URL, answer: ServerResponse): void {
    const from = `${url.searchParams.get('from') ?? ''} ${url.searchParams.get('mount') ?? ''}`;
    const mounted = blobs.get(from);
    if (method === 'POST' && mounted) {
      blobs.set(`${repository} ${digestOf(mounted)}`, mounted);
      answer.writeHead(201).end();
    } else if (method === 'POST') {
      answer.writeHead(202, {location: `/v2/${repository}/blobs/uploads/one`}).end();
    } else if (method === 'PUT') {
      blobs.set(`${repository} ${digestOf(body)}`, body);
      answer.writeHead(201).end();
    } else {
      answer.writeHead(204).end();
    }
  }

  function manifest(asked: Asked, repository: string, name: string, answer: ServerResponse): void {
    if (asked.method !== 'PUT') {
      const digest = name.startsWith('sha256:') ? name : (tags.get(`${repository}:${name}`) ?? '');
      const found = manifests.get(`${repository} ${digest}`);
      give(answer, asked, found?.bytes, found?.type ?? '');
      return;
    }
    const digest = digestOf(asked.body);
    manifests.set(`${repository} ${digest}`, {type: asked.headers['content-type'] ?? '', bytes: asked.body});
    tags.set(`${repository}:${name}`, digest);
    answer.writeHead(201, {'docker-content-digest': digest}).end();
  }
}

function give(answer: ServerResponse, {method}: Asked, bytes: Buffer | undefined, type: string): void {
  if (!bytes) {
    answer.writeHead(404).end();
    return;
  }
  const headers = {'content-type': type, 'content-length': bytes.length, 'docker-content-digest': digestOf(bytes)};
  answer.writeHead(200, headers).end(method === 'HEAD' ? undefined : bytes);
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
