// Where credentials come from: CNB_REGISTRY_AUTH, docker's and podman's files, real helper programs; and that they show nowhere.
import {chmodSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {inspect} from 'node:util';
import {describe, expect, test} from 'vitest';
import type {FoundCredential} from '../../source/oci/registry-credentials.ts';
import {dockerConfigCredentials, registryAuthFor} from '../../source/oci/registry-docker-config.ts';
import {parseChallenge} from '../../source/oci/registry-challenge.ts';
import {aTemporaryDirectory} from '../oci/a-tree.ts';

const secret = 'pa55word-of-the-test';
const encoded = Buffer.from(`me:${secret}`).toString('base64');

function aHome(config: object, helpers: Readonly<Record<string, string>> = {}) {
  const home = aTemporaryDirectory();
  mkdirSync(join(home, '.docker'));
  mkdirSync(join(home, 'bin'));
  writeFileSync(join(home, '.docker', 'config.json'), JSON.stringify(config));
  for (const [name, text] of Object.entries(helpers)) {
    const file = join(home, 'bin', `docker-credential-${name}`);
    writeFileSync(file, `#!/bin/sh\n${text}\n`);
    chmodSync(file, 0o755);
  }
  return {HOME: home, PATH: `${join(home, 'bin')}:${process.env['PATH'] ?? ''}`};
}

/** The credential with its secret open, for comparison. */
function opened({credential}: FoundCredential): object {
  switch (credential.kind) {
    case 'anonymous':
      return credential;
    case 'basic':
      return {...credential, password: credential.password.reveal()};
    case 'identity-token':
    case 'bearer':
      return {...credential, token: credential.token.reveal()};
    default:
      return credential satisfies never;
  }
}

const me = {kind: 'basic', username: 'me', password: secret};

describe('a login in docker’s file', () => {
  test.each([
    {name: 'as auth', config: {auths: {'ghcr.io': {auth: encoded}}}, expected: me},
    {name: 'as an address with a path', config: {auths: {'https://ghcr.io/v2/': {auth: encoded}}}, expected: me},
    {name: 'as user name and password', config: {auths: {'ghcr.io': {username: 'me', password: secret}}}, expected: me},
    {
      name: 'as an identity token',
      config: {auths: {'ghcr.io': {auth: encoded, identitytoken: 'it'}}},
      expected: {kind: 'identity-token', token: 'it'},
    },
    {
      name: 'as a registry token',
      config: {auths: {'ghcr.io': {registrytoken: 'rt'}}},
      expected: {kind: 'bearer', token: 'rt'},
    },
    {name: 'for another host', config: {auths: {'ghcr.io.evil.test': {auth: encoded}}}, expected: {kind: 'anonymous'}},
    {name: 'that is empty', config: {auths: {'ghcr.io': {}}}, expected: {kind: 'anonymous'}},
  ])('is found $name', async ({config, expected}) => {
    const found = await dockerConfigCredentials({env: aHome(config)}).find('ghcr.io');
    expect(opened(found)).toEqual(expected);
  });

  test.each(['https://index.docker.io/v1/', 'docker.io', 'registry-1.docker.io', 'index.docker.io'])(
    'for Docker Hub is found as %s',
    async (name) => {
      const credentials = dockerConfigCredentials({env: aHome({auths: {[name]: {auth: encoded}}})});
      expect(opened(await credentials.find('index.docker.io'))).toEqual(me);
    },
  );

  test('that is missing is told by where it was looked for', async () => {
    const env = {HOME: aTemporaryDirectory()};
    const found = await dockerConfigCredentials({env}).find('ghcr.io');
    expect(found).toEqual({
      credential: {kind: 'anonymous'},
      origin: `CNB_REGISTRY_AUTH, ${env.HOME}/.docker/config.json (not there)`,
    });
  });

  test('is found in podman’s file where docker has none', async () => {
    const run = aTemporaryDirectory();
    mkdirSync(join(run, 'containers'));
    writeFileSync(join(run, 'containers', 'auth.json'), JSON.stringify({auths: {'ghcr.io': {auth: encoded}}}));
    const found = await dockerConfigCredentials({env: {HOME: run, XDG_RUNTIME_DIR: run}}).find('ghcr.io');
    expect(opened(found)).toEqual(me);
  });

  test.each([
    ['no JSON', `{"auths": ${secret}`],
    ['an auth that is no pair', JSON.stringify({auths: {'ghcr.io': {auth: Buffer.from(secret).toString('base64')}}})],
    ['auths that are no object', JSON.stringify({auths: secret})],
    ['an entry that is no object', JSON.stringify({auths: {'ghcr.io': secret}})],
  ])('that cannot be read is named and not shown: %s', async (_case, text) => {
    const file = join(aTemporaryDirectory(), 'config.json');
    writeFileSync(file, text);
    const error: unknown = await dockerConfigCredentials({configFile: file, env: {}})
      .find('ghcr.io')
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({kind: 'bad-credentials', message: expect.stringContaining(file)});
    expect(inspect(error, {depth: 10})).not.toContain(secret);
  });
});

describe('a credential helper', () => {
  const answer = (username: string) =>
    `read server; printf '{"ServerURL":"%s","Username":"${username}","Secret":"${secret}"}' "$server"`;

  test('is asked for its host, before the store', async () => {
    const env = aHome({credHelpers: {'ghcr.io': 'one'}, credsStore: 'two'}, {one: answer('me'), two: 'exit 1'});
    const found = await dockerConfigCredentials({env}).find('ghcr.io');
    expect(opened(found)).toEqual(me);
    expect(found.origin).toBe('the credential helper docker-credential-one');
  });

  test('may hold an identity token', async () => {
    const env = aHome({credsStore: 'store'}, {store: answer('<token>')});
    expect(opened(await dockerConfigCredentials({env}).find('ghcr.io'))).toEqual({
      kind: 'identity-token',
      token: secret,
    });
  });

  test('knows Docker Hub by its old address', async () => {
    const env = aHome(
      {credsStore: 'store'},
      {store: `read server; [ "$server" = https://index.docker.io/v1/ ] || exit 1; echo "$server" | (${answer('me')})`},
    );
    expect(opened(await dockerConfigCredentials({env}).find('index.docker.io'))).toEqual(me);
  });

  test('that has nothing leaves it to the file', async () => {
    const env = aHome(
      {credsStore: 'store', auths: {'ghcr.io': {auth: encoded}}},
      {store: "echo 'credentials not found in native keychain'; exit 1"},
    );
    expect(opened(await dockerConfigCredentials({env}).find('ghcr.io'))).toEqual(me);
  });

  test.each([
    ['fails', `echo ${secret}; echo ${secret} >&2; exit 3`, 'exit code 3'],
    ['prints something else', `echo ${secret}`, 'did not print JSON'],
    ['prints without end', 'yes', 'more than'],
    ['never answers', 'exec tail -f /dev/null', 'within 300 ms'],
  ])('that %s is named, and what it said is not', async (_case, text, words) => {
    const env = aHome({credsStore: 'store'}, {store: text});
    const error: unknown = await dockerConfigCredentials({env, helperTimeout: 300})
      .find('ghcr.io')
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({kind: 'bad-credentials'});
    expect(inspect(error, {depth: 10})).toContain(words);
    expect(inspect(error, {depth: 10})).not.toContain(secret);
  });

  test.each(['../../bin/sh', 'a b', '$(id)', ''])('has a name that is no path and no command: %s', async (helper) => {
    const env = aHome({credHelpers: {'ghcr.io': helper}});
    await expect(dockerConfigCredentials({env}).find('ghcr.io')).rejects.toMatchObject({kind: 'bad-credentials'});
  });
});

describe('CNB_REGISTRY_AUTH', () => {
  const value = JSON.stringify({'ghcr.io': `Basic ${encoded}`, 'a.test': 'Bearer b', 'docker.io': 'X-Identity i'});

  test.each([
    ['ghcr.io', me],
    ['a.test', {kind: 'bearer', token: 'b'}],
    ['index.docker.io', {kind: 'identity-token', token: 'i'}],
    ['other.test', {kind: 'anonymous'}],
  ])('comes before docker’s file: %s', async (host, expected) => {
    const env = {...aHome({auths: {'ghcr.io': {auth: 'bm86bm8='}}}), CNB_REGISTRY_AUTH: value};
    expect(opened(await dockerConfigCredentials({env}).find(host))).toEqual(expected);
  });

  test('is made for the hosts of a build, and what is read from it is the same', async () => {
    const credentials = dockerConfigCredentials({
      env: aHome({
        auths: {'ghcr.io': {auth: encoded}, 'docker.io': {identitytoken: 'it'}, 'not.asked': {auth: encoded}},
      }),
    });
    const made = await registryAuthFor(credentials, ['ghcr.io', 'index.docker.io', 'nothing.test']);
    expect(JSON.parse(made.reveal())).toEqual({'ghcr.io': `Basic ${encoded}`, 'index.docker.io': 'X-Identity it'});
    expect(inspect(made) + String(made) + JSON.stringify({made})).not.toContain(encoded);
    const again = dockerConfigCredentials({env: {CNB_REGISTRY_AUTH: made.reveal()}});
    expect(opened(await again.find('ghcr.io'))).toEqual(me);
  });

  test.each(['nonsense', `{"ghcr.io": "${secret}"}`, '{"ghcr.io": 5}', '[]'])(
    'that cannot be read is not shown: %s',
    async (text) => {
      const error: unknown = await dockerConfigCredentials({env: {CNB_REGISTRY_AUTH: text}})
        .find('ghcr.io')
        .catch((caught: unknown) => caught);
      expect(error).toMatchObject({kind: 'bad-credentials', message: expect.stringContaining('CNB_REGISTRY_AUTH')});
      expect(inspect(error)).not.toContain(secret);
    },
  );
});

test('a credential that was found shows its secret to nobody who prints it', async () => {
  const found = await dockerConfigCredentials({env: aHome({auths: {'ghcr.io': {auth: encoded}}})}).find('ghcr.io');
  for (const text of [
    inspect(found, {depth: 10, showHidden: true}),
    JSON.stringify(found),
    inspect(found.credential),
  ]) {
    expect(text).not.toContain(secret);
  }
});

test.each([
  ['Basic realm="x"', {kind: 'basic'}],
  [
    'Bearer realm="https://a.test/t",service="s",scope="repository:a:pull,push"',
    {kind: 'bearer', realm: 'https://a.test/t', service: 's', scope: 'repository:a:pull,push'},
  ],
  ['bearer Realm=https://a.test/t', {kind: 'bearer', realm: 'https://a.test/t'}],
  ['Basic realm="x", Bearer realm="https://a.test/t"', {kind: 'bearer', realm: 'https://a.test/t'}],
  ['Basic realm="a \\"quoted, Bearer\\" word"', {kind: 'basic'}],
  ['Negotiate', undefined],
  ['Bearer service="s"', undefined],
  ['', undefined],
  [`Bearer realm="${'\\'.repeat(100_000)}`, undefined],
])('the challenge %j is understood', (header, expected) => {
  expect(parseChallenge(header)).toEqual(expected);
});
