// What upstream's lifecycle and ours do with files that cannot be used: the same exit code, and ours names the file and the field.
import {existsSync} from 'node:fs';
import {chmod, copyFile, mkdir, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {whyNoPrivateRoot} from '../conformance/private-root.ts';
import {findUpstreamLifecycle} from '../peers/find-lifecycle.ts';
import {type MalformedCase, malformedCases, titleOf} from '../peers/malformed/malformed-cases.ts';
import {type MalformedSite, openMalformedSite} from '../peers/malformed/malformed-site.ts';

const bundle = path.resolve(import.meta.dirname, '../../dist/lifecycle.js');
const upstream = findUpstreamLifecycle();
const obstacle =
  whyNoPrivateRoot() ??
  (existsSync(bundle) ? undefined : 'needs dist/lifecycle.js: npm run build') ??
  ('obstacle' in upstream ? upstream.obstacle : undefined);

// Upstream takes the path of a layout for the name of an image, which has no capitals.
const base = path.join(os.tmpdir(), `slipway-malformed-${process.pid}`);
let sites: {readonly upstream: MalformedSite; readonly ours: MalformedSite};

beforeAll(async () => {
  if (obstacle !== undefined || 'obstacle' in upstream) return;
  await mkdir(base, {mode: 0o755});
  const programs = {lifecycle: upstream.lifecycle, node: process.execPath, 'lifecycle.js': bundle};
  for (const [name, from] of Object.entries(programs)) {
    // Where the phases' user can read them.
    await copyFile(from, path.join(base, name));
    await chmod(path.join(base, name), 0o755);
  }
  sites = {
    upstream: await openMalformedSite(path.join(base, 'upstream'), [path.join(base, 'lifecycle')]),
    ours: await openMalformedSite(path.join(base, 'ours'), [path.join(base, 'node'), path.join(base, 'lifecycle.js')]),
  };
}, 60_000);

afterAll(() => rm(base, {recursive: true, force: true}));

describe('a malformed file', () => {
  test.for(malformedCases.map((malformed) => ({title: titleOf(malformed), malformed})))(
    '$title',
    async ({malformed}, {skip}) => {
      if (obstacle !== undefined && process.env['SLIPWAY_IN_CI'])
        throw new Error(`the peer cannot be had: ${obstacle}`);
      skip(obstacle !== undefined, obstacle);
      const [peer, ours] = await Promise.all([sites.upstream.run(malformed), sites.ours.run(malformed)]);
      expect(ours.code, ours.output).toBe(malformed.deviation?.code ?? peer.code);
      if (malformed.deviation) expect(peer.code, 'upstream differs no more').not.toBe(malformed.deviation.code);
      if (ours.code !== 0) for (const name of namesOf(malformed)) expect(ours.output).toContain(name);
    },
  );
});

function namesOf({file, names, field}: MalformedCase): readonly string[] {
  return [names ?? (file === 'plan' ? 'build plan' : path.basename(file)), ...(field === undefined ? [] : [field])];
}
