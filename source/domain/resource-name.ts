// Names of resources: DNS-1123 labels, checked at every door, and the key a resource is held under.

/** The namespace a resource has when none is named. */
export const defaultNamespace = 'default';

/** `namespace/name`; cluster-wide resources use their bare name. */
export type ResourceKey = string;

/**
 * What is wrong with a name, in words, or undefined when it is a DNS-1123 label of at most 63 characters
 * (Kubernetes' rule for the names of kpack's resources).
 */
export function nameProblem(name: string): string | undefined {
  if (name.length === 0) return 'a name is needed';
  if (name.length > 63) return `the name "${name.slice(0, 20)}…" has ${name.length} characters, at most 63 are allowed`;
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)) {
    return `the name ${JSON.stringify(name)} must consist of lower case letters, digits and "-", and start and end with a letter or digit`;
  }
  return undefined;
}

/** The key of a namespaced resource. */
export function resourceKey(namespace: string, name: string): ResourceKey {
  return `${namespace}/${name}`;
}
