// What the registry client needs to know about a person's credentials, wherever they come from.
import {defaultHost} from './reference.ts';
import type {Secret} from './registry-secret.ts';

/** How to introduce oneself to a registry. An identity token is exchanged for bearer tokens (OAuth 2 refresh); a bearer token is used as it is. */
export type Credential =
  | {readonly kind: 'anonymous'}
  | {readonly kind: 'basic'; readonly username: string; readonly password: Secret}
  | {readonly kind: 'identity-token'; readonly token: Secret}
  | {readonly kind: 'bearer'; readonly token: Secret};

/** A credential and, in words, where it was found; for `anonymous`, where it was looked for in vain. */
export type FoundCredential = {readonly credential: Credential; readonly origin: string};

/** Looks up the credential for a registry's host (as a RegistryReference has it). */
export type CredentialSource = {
  find(host: string, options?: {readonly signal?: AbortSignal}): Promise<FoundCredential>;
};

/** For registries that ask nobody who they are. */
export const noCredentials: CredentialSource = {
  find: async () => ({credential: {kind: 'anonymous'}, origin: 'no credential source was given'}),
};

/** The secret parts of a credential. */
export function secretsOf(credential: Credential): readonly string[] {
  switch (credential.kind) {
    case 'anonymous':
      return [];
    case 'basic':
      return [credential.password.reveal()];
    case 'identity-token':
    case 'bearer':
      return [credential.token.reveal()];
    default:
      return credential satisfies never;
  }
}

/** The value of an Authorization header for a user name and password (RFC 7617). */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

const hubNames: ReadonlySet<string> = new Set([
  defaultHost,
  'docker.io',
  'registry-1.docker.io',
  'registry.hub.docker.com',
]);

/** What a registry is called for comparison: scheme and path taken away, lower case, all names of Docker Hub made one. */
export function registryKey(name: string): string {
  const host = name.replace(/^https?:\/\//i, '').split('/', 1)[0] ?? '';
  const lower = host.toLowerCase();
  return hubNames.has(lower) ? defaultHost : lower;
}
