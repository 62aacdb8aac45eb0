// Prints a CycloneDX 1.5 document of the application and its packages. No date and no serial number: the same input gives the same bytes.
import {readLock} from './read-lock.mjs';

const spdxIds = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'CC0-1.0', 'ISC', 'MIT', 'MPL-2.0', 'Unlicense']);

const {manifest, packages} = readLock();
const application = {type: 'application', ...identity(manifest.name ?? 'application', manifest.version)};
const libraries = [...new Map(packages.map((entry) => [purl(entry.name, entry.version), entry])).values()];

const document = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  version: 1,
  metadata: {component: application},
  components: libraries.map(({name, version, license}) => ({type: 'library', ...identity(name, version), ...licenses(license)})),
  dependencies: [
    {ref: application['bom-ref'], dependsOn: references(Object.keys({...manifest.dependencies, ...manifest.optionalDependencies}))},
    ...libraries.map(({name, version, dependencies}) => ({ref: purl(name, version), dependsOn: references(dependencies)})),
  ],
};
process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);

function identity(name, version) {
  const reference = purl(name, version);
  return {'bom-ref': reference, name, ...(version === undefined ? {} : {version}), purl: reference};
}

function purl(name, version) {
  const path = name.split('/').map(encodeURIComponent).join('/');
  return `pkg:npm/${path}${version === undefined ? '' : `@${encodeURIComponent(version)}`}`;
}

function licenses(license) {
  if (typeof license !== 'string') return {};
  return {licenses: [{license: spdxIds.has(license) ? {id: license} : {name: license}}]};
}

/** The references of the packages with these names; one that is not installed in production has none. */
function references(names) {
  return libraries.filter(({name}) => names.includes(name)).map(({name, version}) => purl(name, version)).sort();
}
