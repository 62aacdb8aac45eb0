// Credentials as docker, podman and the lifecycle keep them: CNB_REGISTRY_AUTH (buildpacks/lifecycle auth/env_keychain.go), then docker's
// config.json (auths, credHelpers, credsStore: docker/cli cli/config/configfile/file.go), else podman's auth.json, as go-containerregistry looks.
import {join} from 'node:path';
import {readSmallFile} from './blob-store.ts';
import {below, checkObject, checkOptional, checkString, checkStringMap, type Place, parseJson} from './json-fields.ts';
import {OciError} from './oci-error.ts';
import {askCredentialHelper} from './registry-credential-helper.ts';
import {basicAuthorization, type CredentialSource, type FoundCredential, registryKey} from './registry-credentials.ts';
import {Secret} from './registry-secret.ts';

/** `configFile` stands for all files that would be looked for; `env` gives CNB_REGISTRY_AUTH, DOCKER_CONFIG, HOME and what helpers are run with. */
export type DockerConfigOptions = {
  readonly configFile?: string;
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds a credential helper may take; 30,000 if absent. */
  readonly helperTimeout?: number;
};

/**
 * A source that reads the files anew at every look-up, so that a login counts at once. `find` rejects with OciErrors of kind `bad-credentials`
 * naming file and field when one of them cannot be understood; never with a secret in it.
 */
export function dockerConfigCredentials(options: DockerConfigOptions): CredentialSource {
  return {
    find: async (host, {signal} = {}) => {
      const fromEnvironment = findInEnvironment(options.env, host);
      if (fromEnvironment) return fromEnvironment;
      const config = await readFirstConfig(options);
      const found = config && (await findInConfig(config, host, options, signal));
      return found ?? {credential: {kind: 'anonymous'}, origin: placesAsked(options, config?.file)};
    },
  };
}

/**
 * The value of CNB_REGISTRY_AUTH for a set of hosts: `{"<host>":"Basic …"|"Bearer …"|"X-Identity …"}`, hosts without a credential left out. It
 * belongs into a process's environment, never on a command line.
 */
export async function registryAuthFor(
  credentials: CredentialSource,
  hosts: readonly string[],
  options: {readonly signal?: AbortSignal} = {},
): Promise<Secret> {
  const values: [string, string][] = [];
  for (const host of new Set(hosts.map(registryKey))) {
    const value = headerValue(await credentials.find(host, options));
    if (value !== undefined) values.push([host, value]);
  }
  return new Secret(JSON.stringify(Object.fromEntries(values)));
}

function headerValue({credential}: FoundCredential): string | undefined {
  switch (credential.kind) {
    case 'anonymous':
      return undefined;
    case 'basic':
      return basicAuthorization(credential.username, credential.password.reveal());
    case 'identity-token':
      return `X-Identity ${credential.token.reveal()}`;
    case 'bearer':
      return `Bearer ${credential.token.reveal()}`;
    default:
      return credential satisfies never;
  }
}

const authVariable = 'CNB_REGISTRY_AUTH';

function findInEnvironment(env: NodeJS.ProcessEnv, host: string): FoundCredential | undefined {
  const text = env[authVariable];
  if (text === undefined || text === '') return undefined;
  const place: Place = {document: authVariable, field: '', kind: 'bad-credentials'};
  const values = parseSecretJson(Buffer.from(text), authVariable);
  const wanted = registryKey(host);
  const [, value] = Object.entries(values).find(([name]) => registryKey(name) === wanted) ?? [];
  if (value === undefined) return undefined;
  return {credential: parseHeaderValue(value, {...place, field: host}), origin: authVariable};
}

function parseHeaderValue(value: unknown, place: Place): FoundCredential['credential'] {
  const [, scheme, rest = ''] = /^(Basic|Bearer|X-Identity) (\S+)$/i.exec(typeof value === 'string' ? value : '') ?? [];
  switch (scheme?.toLowerCase()) {
    case 'basic':
      return parseUserAndPassword(rest, place);
    case 'bearer':
      return {kind: 'bearer', token: new Secret(rest)};
    case 'x-identity':
      return {kind: 'identity-token', token: new Secret(rest)};
    default:
      throw badField(place, 'Basic, Bearer or X-Identity and a value');
  }
}

type DockerConfig = {
  readonly file: string;
  readonly auths: Readonly<Record<string, unknown>>;
  readonly credHelpers: Readonly<Record<string, string>>;
  readonly credsStore?: string;
};

const mostConfigBytes = 1024 * 1024;

function configFiles({configFile, env}: DockerConfigOptions): readonly string[] {
  if (configFile !== undefined) return [configFile];
  const docker = env['DOCKER_CONFIG'] || (env['HOME'] && join(env['HOME'], '.docker'));
  const podman = env['XDG_RUNTIME_DIR'] && join(env['XDG_RUNTIME_DIR'], 'containers', 'auth.json');
  return [docker && join(docker, 'config.json'), env['REGISTRY_AUTH_FILE'], podman].filter(
    (file) => file !== undefined && file !== '',
  ) as readonly string[];
}

async function readFirstConfig(options: DockerConfigOptions): Promise<DockerConfig | undefined> {
  for (const file of configFiles(options)) {
    const bytes = await readIfThere(file);
    if (bytes) return parseConfig(bytes, file);
  }
  return undefined;
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readSmallFile(file, mostConfigBytes);
  } catch (error) {
    if (error instanceof OciError && error.kind === 'not-found') return undefined;
    throw error;
  }
}

function parseConfig(bytes: Buffer, file: string): DockerConfig {
  const place: Place = {document: file, field: '', kind: 'bad-credentials'};
  const value = parseSecretJson(bytes, file);
  const {auths, credHelpers, credsStore} = value;
  checkOptional(auths, below(place, 'auths'), checkWithoutShowing);
  checkOptional(credHelpers, below(place, 'credHelpers'), checkStringMap);
  checkOptional(credsStore, below(place, 'credsStore'), checkString);
  return {
    file,
    auths: (auths as DockerConfig['auths'] | null | undefined) ?? {},
    credHelpers: (credHelpers as DockerConfig['credHelpers'] | null | undefined) ?? {},
    ...(typeof credsStore === 'string' && credsStore !== '' && {credsStore}),
  };
}

/** A helper for this host, else the store, else what stands in the file: docker's order. */
async function findInConfig(
  config: DockerConfig,
  host: string,
  options: DockerConfigOptions,
  signal: AbortSignal | undefined,
): Promise<FoundCredential | undefined> {
  const wanted = registryKey(host);
  const [, ofHost] = Object.entries(config.credHelpers).find(([name]) => registryKey(name) === wanted) ?? [];
  const helper = ofHost ?? config.credsStore;
  const found =
    helper === undefined
      ? undefined
      : await askCredentialHelper({helper, host: wanted, env: options.env, timeout: options.helperTimeout, signal});
  if (found) return found;
  return findInAuths(config, wanted);
}

function findInAuths(config: DockerConfig, wanted: string): FoundCredential | undefined {
  const [name, entry] = Object.entries(config.auths).find(([key]) => registryKey(key) === wanted) ?? [];
  if (name === undefined) return undefined;
  const place: Place = {document: config.file, field: `auths.${name}`, kind: 'bad-credentials'};
  checkWithoutShowing(entry, place);
  const {auth, username, password, identitytoken, registrytoken} = entry as Readonly<Record<string, unknown>>;
  const origin = `${config.file} (auths)`;
  if (isFilled(registrytoken)) return {credential: {kind: 'bearer', token: new Secret(registrytoken)}, origin};
  if (isFilled(identitytoken)) return {credential: {kind: 'identity-token', token: new Secret(identitytoken)}, origin};
  if (isFilled(auth)) return {credential: parseUserAndPassword(auth, below(place, 'auth')), origin};
  if (!isFilled(username) || !isFilled(password)) return undefined;
  return {credential: {kind: 'basic', username, password: new Secret(password)}, origin};
}

function parseUserAndPassword(encoded: string, place: Place): FoundCredential['credential'] {
  const text = Buffer.from(encoded, 'base64').toString('utf8').replace(/\0+$/, '');
  const colon = text.indexOf(':');
  if (colon === -1) throw badField(place, 'a user name and a password, joined by a colon, in base64');
  return {kind: 'basic', username: text.slice(0, colon), password: new Secret(text.slice(colon + 1))};
}

/** JSON in which a wrong place is named but nothing of it shown. */
function parseSecretJson(bytes: Buffer, document: string): Readonly<Record<string, unknown>> {
  const place: Place = {document, field: '', kind: 'bad-credentials'};
  try {
    return checkObject(parseJson(bytes, document, 'bad-credentials'), place);
  } catch {
    throw badField(place, 'a JSON object');
  }
}

function checkWithoutShowing(value: unknown, place: Place): void {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw badField(place, 'an object');
}

function badField({document, field}: Place, expected: string): OciError {
  const where = field === '' ? document : `${document}, field ${field}`;
  return new OciError(
    'bad-credentials',
    `Expected ${expected} in ${where}, got something else (not shown: it may be secret). Log in again, or correct it.`,
  );
}

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function placesAsked(options: DockerConfigOptions, file: string | undefined): string {
  const files = file === undefined ? configFiles(options).map((path) => `${path} (not there)`) : [file];
  return [authVariable, ...files].join(', ');
}
