// WWW-Authenticate (RFC 9110 11.6.1), as registries use it: `Bearer realm="…",service="…",scope="…"` or `Basic realm="…"`.

/** What a registry wants to see. */
export type Challenge =
  | {readonly kind: 'basic'}
  | {readonly kind: 'bearer'; readonly realm: string; readonly service?: string; readonly scope?: string};

/** The challenge to answer: a bearer token before basic; nothing when the header has neither. */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  const challenges = parseSchemes((header ?? '').slice(0, longestHeader));
  const bearer = challenges.find(({scheme, parameters}) => scheme === 'bearer' && parameters.has('realm'));
  if (bearer) {
    const {parameters} = bearer;
    const service = parameters.get('service');
    const scope = parameters.get('scope');
    return {
      kind: 'bearer',
      realm: parameters.get('realm') ?? '',
      ...(service !== undefined && {service}),
      ...(scope !== undefined && {scope}),
    };
  }
  return challenges.some(({scheme}) => scheme === 'basic') ? {kind: 'basic'} : undefined;
}

const longestHeader = 8192;

type Scheme = {readonly scheme: string; readonly parameters: ReadonlyMap<string, string>};

const parameter = /^([A-Za-z0-9_.-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/;
const schemeName = /^([A-Za-z][A-Za-z0-9_.-]*)(?=\s|,|$)/;

function parseSchemes(header: string): readonly Scheme[] {
  const schemes: {scheme: string; parameters: Map<string, string>}[] = [];
  let rest = header;
  for (;;) {
    rest = rest.replace(/^[\s,]+/, '');
    const pair = parameter.exec(rest);
    const name = pair ? undefined : schemeName.exec(rest);
    const found = pair ?? name;
    if (!found) return schemes;
    rest = rest.slice(found[0].length);
    if (name) schemes.push({scheme: (name[1] ?? '').toLowerCase(), parameters: new Map()});
    else schemes.at(-1)?.parameters.set((pair?.[1] ?? '').toLowerCase(), unescaped(pair));
  }
}

function unescaped(pair: RegExpExecArray | null): string {
  return pair?.[3] ?? (pair?.[2] ?? '').replaceAll(/\\(.)/g, '$1');
}
