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
  const dev = parent.dev ? {dev: true} : {};
  return Object.entries(parent.optionalDependencies ?? {}).flatMap(([name, version]) => {
    const platform = platformOf(name);
    return platform ? [[`node_modules/${name}`, {version, ...dev, optional: true, ...platform}] as const] : [];
  });
}

/** The platform that a build's name tells, such as `@biomejs/cli-linux-x64-musl`; nothing for a package that is no build. */
function platformOf(name: string): Pick<Locked, 'os' | 'cpu' | 'libc'> | undefined {
  const words = name.split(/[-/]/);
  const os = systems.find((system) => words.includes(system));
  const cpu = processors.find((processor) => words.includes(processor));
  if (!os || !cpu) return undefined;
  return {
    os: [os],
    cpu: [cpu],
    ...(os === 'linux' ? {libc: [words.some((word) => word.startsWith('musl')) ? 'musl' : 'glibc']} : {}),
  };
}

function sorted(packages: Readonly<Record<string, Locked>>): Readonly<Record<string, Locked>> {
  return Object.fromEntries(Object.entries(packages).toSorted(([left], [right]) => left.localeCompare(right, 'en')));
}
