// What package-lock.json (version 2 or 3) wants installed in production, each package found in the source and checked.
// A problem ends the program with one line that says what to change.
import {existsSync, readFileSync, realpathSync, statSync} from 'node:fs';
import {join, sep} from 'node:path';

/** The application: its package.json and the packages to install, sorted by place; `source` is relative to the current folder. */
export function readLock() {
  const manifest = readJson('package.json');
  const wanted = Object.keys({...manifest.dependencies, ...manifest.optionalDependencies});
  if (!existsSync('package-lock.json')) {
    if (wanted.length === 0) return {manifest, packages: []};
    fail('package.json has dependencies, but there is no package-lock.json beside it');
  }
  const lock = readJson('package-lock.json');
  if (typeof lock.packages !== 'object' || lock.packages === null) {
    fail(`package-lock.json has version ${lock.lockfileVersion}: write it with npm 7 or later (version 2 or 3)`);
  }
  for (const name of wanted) {
    if (lock.packages[`node_modules/${name}`] === undefined) {
      fail(`package.json depends on ${name}, which package-lock.json does not name: run npm install and commit both`);
    }
  }
  return {manifest, packages: packagesOf(lock.packages)};
}

function packagesOf(entries) {
  return Object.keys(entries)
    .filter((place) => /(^|\/)node_modules\/[^/]/.test(place) && !entries[place].dev && !entries[place].inBundle)
    .sort()
    .map((place) => packageAt(place, entries));
}

function packageAt(place, entries) {
  const entry = entries[place];
  const name = entry.name ?? place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
  if (place.split('/').includes('..')) fail(`package-lock.json places ${name} outside the application: ${place}`);
  const source = entry.link ? entry.resolved : /^file:(.+)$/.exec(entry.resolved ?? '')?.[1];
  if (typeof source !== 'string') {
    fail(`package-lock.json wants ${name} ${entry.version ?? ''} from a registry: only vendored packages (file:vendor/…) can be installed without a network`);
  }
  const version = entry.version ?? entries[source]?.version;
  checkSource(name, source, version);
  return {place, name, version, source, license: licenseOf(source) ?? entry.license, dependencies: Object.keys(dependenciesOf(entry, entries[source]))};
}

function dependenciesOf(entry, target) {
  return {...target?.dependencies, ...entry.dependencies};
}

function checkSource(name, source, version) {
  if (!existsSync(source)) {
    fail(`package-lock.json names ${source} for the package ${name}, but the source has no ${source}: add it, or take ${name} out and run npm install`);
  }
  const root = realpathSync('.');
  if (!realpathSync(source).startsWith(root + sep)) fail(`package-lock.json names ${source} for ${name}, which lies outside the application`);
  if (!statSync(source).isDirectory()) return;
  const found = readJson(join(source, 'package.json'));
  if (found.name !== name || (version !== undefined && found.version !== version)) {
    fail(`package-lock.json wants ${name} ${version}, but ${source} holds ${found.name} ${found.version}: run npm install and commit both`);
  }
}

function licenseOf(source) {
  if (!statSync(source).isDirectory()) return undefined;
  const {license} = readJson(join(source, 'package.json'));
  return typeof license === 'string' ? license : undefined;
}

function readJson(file) {
  let value;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    fail(`${file} cannot be read: ${error.message.replace(/\s+/g, ' ')}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(`${file} is not a JSON object`);
  return value;
}

export function fail(message) {
  process.stderr.write(`ERROR: ${message}\n`);
  process.exit(1);
}
