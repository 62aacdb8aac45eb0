// The logs of the fleet's builds: lines as buildpacks print them, colours and all.
import type {BuildRef} from '../../../source/domain/build.ts';
import type {PhaseName} from '../../../source/domain/phase.ts';
import {fleetNow} from './a-fleet.ts';

export type LogText = {readonly phase: PhaseName; readonly text: string};

export function logKey({namespace, image, number}: BuildRef): string {
  return `${namespace}/${image}/${number}`;
}

const blue = (text: string) => `\u001B[34;1m${text}\u001B[0m`;
const dim = (text: string) => `\u001B[2m${text}\u001B[0m`;

/** The log of the running build of spring-petclinic. */
export const petclinicLog: readonly LogText[] = [
  ...of('prepare', [
    'Build reason(s): COMMIT,BUILDPACK',
    'COMMIT:',
    '\u001B[31m-       old: 4b2e0c91aa\u001B[0m',
    '\u001B[32m+       new: 93d10f77be\u001B[0m',
    'BUILDPACK:',
    '\u001B[31m-       sample/procfile@1.0.0\u001B[0m',
    'Loading secrets for "registry.local"',
    'Successfully cloned "https://git.local/apps/spring-petclinic.git" @ "93d10f77be" in path "/workspace"',
  ]),
  ...of('detect', ['2 of 3 buildpacks participating', 'sample/node-engine 1.4.2', 'sample/npm-install 0.9.0']),
  ...of('analyze', [
    'Previous image with name "registry.local/apps/spring-petclinic" found',
    'Restoring metadata for "sample/node-engine:node" from app image',
    'Restoring metadata for "sample/npm-install:modules" from app image',
  ]),
  ...of('restore', [
    'Restoring data for "sample/node-engine:node" from cache',
    'Restoring data for "sample/npm-install:modules" from cache',
    'Restoring data for "sample/npm-install:npm-cache" from cache',
  ]),
  ...of('build', [
    '',
    blue('Sample Node Engine Buildpack 1.4.2'),
    '  Resolving Node Engine version',
    '    Candidate version sources (in priority order):',
    `      ${dim('package.json -> "24.x"')}`,
    '    Selected Node Engine version (using package.json): 24.21.0',
    '  Reusing cached layer /layers/sample_node-engine/node',
    '',
    blue('Sample NPM Install Buildpack 0.9.0'),
    '  Resolving installation process',
    '    Process inputs:',
    '      node_modules      -> "Not found"',
    '      npm-cache         -> "Found"',
    '      package-lock.json -> "Found"',
    '',
    "    Selected NPM build process: 'npm ci'",
    '  Executing launch environment install process',
    "    Running 'npm ci --unsafe-perm --cache /layers/sample_npm-install/npm-cache'",
    '      npm warn deprecated glob@7.2.3: Glob versions prior to v9 are no longer supported',
    '      added 412 packages, and audited 413 packages in 9s',
    '      71 packages are looking for funding',
    '      found 0 vulnerabilities',
    '      Completed in 9.412s',
    '  Configuring launch environment',
    '    NODE_ENV -> "production"',
    '  Generating SBOM for /layers/sample_npm-install/modules',
  ]),
];

/** The log of the failed build of orders-api. */
export const ordersLog: readonly LogText[] = [
  ...of('prepare', [
    'Build reason(s): COMMIT',
    'Successfully cloned "https://git.local/apps/orders-api.git" @ "0e77ab12cd" in path "/workspace"',
  ]),
  ...of('detect', [
    '======== Results ========',
    'fail: sample/node-engine@1.4.2',
    'fail: sample/npm-install@0.9.0',
    'fail: sample/jvm@2.1.0',
    '\u001B[31;1mERROR: \u001B[0mNo buildpack groups passed detection.',
    '\u001B[31;1mERROR: \u001B[0mPlease check that you are running against the correct path.',
    '\u001B[31;1mERROR: \u001B[0mfailed to detect: no buildpacks participating',
  ]),
];

/** Lines of one phase. */
export function of(phase: PhaseName, texts: readonly string[]): readonly LogText[] {
  return texts.map((text) => ({phase, text}));
}

/** When a line of a log came: a quarter of a second after the one before it. */
export function lineTime(line: number): number {
  return fleetNow - 42_000 + line * 250;
}
