// Adds to package-lock.json the builds for other platforms that npm left out because a registry did not have them: `npm ci` refuses a
// lock without them. Their version is what the package that wants them pins; a hash cannot be known, so they have none.
// Run it after `npm install` has changed the lock.
import {readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';

type Locked = {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};
type Lock = {readonly packages: Readonly<Record<string, Locked>>};

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

const file = path.resolve(import.meta.dirname, '../package-lock.json');
const lock = JSON.parse(await readFile(file, 'utf8')) as Lock;
const added = leftOut(lock);
await writeFile(file, `${JSON.stringify({...lock, packages: sorted({...lock.packages, ...added})}, undefined, 2)}\n`);
console.log(`added ${Object.keys(added).length} packages to the lock`);

function leftOut({packages}: Lock): Readonly<Record<string, Locked>> {
  const wanted = Object.entries(packages)
    .filter(([name]) => name !== '')
    .flatMap(([, parent]) => optionalOf(parent));
  return Object.fromEntries(wanted.filter(([place]) => !(place in packages)));
}

function optionalOf(parent: Locked): readonly (readonly [string, Locked])[] {
  return Object.entries(parent.optionalDependencies ?? {}).flatMap(([name, version]) => {
    const build = lockedBuild(name, version, parent);
    return build ? [[`node_modules/${name}`, build] as const] : [];
  });
}

/** The fields in the order in which npm writes them, so that the next `npm install` changes nothing. */
function lockedBuild(name: string, version: string, parent: Locked): Locked | undefined {
  const platform = platformOf(name);
  if (!platform) return undefined;
  const {os, cpu, libc} = platform;
  return {version, cpu, ...(parent.dev && {dev: true}), ...(libc && {libc}), optional: true, os};
}

/** The platform that a build's name tells, such as `@biomejs/cli-linux-x64-musl`; nothing for a package that is no build. */
function platformOf(name: string): (Required<Pick<Locked, 'os' | 'cpu'>> & Pick<Locked, 'libc'>) | undefined {
  const words = name.split(/[-/]/);
  const os = systems.find((system) => words.includes(system));
  const cpu = processors.find((processor) => words.includes(processor));
  if (!os || !cpu) return undefined;
  const libc = words.some((word) => word.startsWith('musl')) ? 'musl' : 'glibc';
  return os === 'linux' ? {os: [os], cpu: [cpu], libc: [libc]} : {os: [os], cpu: [cpu]};
}

function sorted(packages: Readonly<Record<string, Locked>>): Readonly<Record<string, Locked>> {
  return Object.fromEntries(Object.entries(packages).toSorted(([left], [right]) => left.localeCompare(right, 'en')));
}
