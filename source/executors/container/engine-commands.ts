// The arguments of an engine's command line. Where docker and podman differ, they differ here.
import type {Engine} from './engine.ts';

/** A container to be created. */
export type ContainerRequest = {
  readonly name: string;
  readonly labels: Labels;
  /** Image id or name; it must be in the engine's store already. */
  readonly image: string;
  /** Without it the image's own user. */
  readonly user?: 'root';
  readonly command: readonly string[];
  /** Visible to everybody who may list processes or inspect the container. */
  readonly environment: Readonly<Record<string, string>>;
  /** Names of variables whose values the command line finds in its own environment: nothing of them stands among the arguments. */
  readonly inherited: readonly string[];
  readonly mounts: readonly ContainerMount[];
  /** A network's name; `none` is the one that leads nowhere. */
  readonly network: string;
};

export type Labels = Readonly<Record<string, string>>;

export type ContainerMount =
  | {readonly kind: 'volume'; readonly volume: string; readonly to: string}
  | {readonly kind: 'socket'; readonly path: string};

/** The user who owns what is in a volume. */
export type VolumeOwner = {readonly userId: number; readonly groupId: number};

/** What a phase that starts as root needs to hand files over and become the build user (lifecycle `priv/user_linux.go`); nothing else is given back. */
const rootCapabilities = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID'] as const;

/** `create`: the container's id is printed. Its output is attached when it starts and kept nowhere else. */
export function createContainer(engine: Engine, request: ContainerRequest): readonly string[] {
  const [program = '', ...rest] = request.command;
  return [
    'create',
    ...option('--name', request.name),
    ...option('--pull', 'never'),
    ...option('--log-driver', 'none'),
    ...labelOptions(request.labels),
    ...option('--network', request.network),
    ...securityOptions(engine, request),
    ...(request.user === 'root' ? option('--user', '0:0') : []),
    ...Object.entries(request.environment).flatMap(([name, value]) => option('-e', `${name}=${value}`)),
    ...request.inherited.flatMap((name) => option('-e', name)),
    ...request.mounts.flatMap((mount) => option('-v', mountText(mount))),
    ...option('--entrypoint', program),
    request.image,
    ...rest,
  ];
}

/** SELinux keeps a container away from a socket unless its label is disabled; no-new-privileges stays even then, unlike pack's. */
function securityOptions(_engine: Engine, request: ContainerRequest): readonly string[] {
  const hasSocket = request.mounts.some(({kind}) => kind === 'socket');
  return [
    ...option('--security-opt', 'no-new-privileges'),
    ...(hasSocket ? option('--security-opt', 'label=disable') : []),
    ...option('--cap-drop', 'ALL'),
    ...(request.user === 'root' ? rootCapabilities.flatMap((capability) => option('--cap-add', capability)) : []),
  ];
}

function mountText(mount: ContainerMount): string {
  switch (mount.kind) {
    case 'volume':
      return `${mount.volume}:${mount.to}`;
    case 'socket':
      return `${mount.path}:/var/run/docker.sock`;
    default:
      return mount satisfies never;
  }
}

/**
 * `volume create`. Podman makes the volume the owner's; docker has no way to, there the first archive's entry for the directory
 * itself does it, which podman in turn ignores.
 */
export function createVolume(engine: Engine, name: string, labels: Labels, owner: VolumeOwner): readonly string[] {
  const owned = engine.kind === 'podman' ? option('--opt', `o=uid=${owner.userId},gid=${owner.groupId}`) : [];
  return ['volume', 'create', ...labelOptions(labels), ...owned, name];
}

export function createNetwork(name: string, labels: Labels): readonly string[] {
  return ['network', 'create', ...labelOptions(labels), name];
}

/** `cp`: an archive on standard input goes into the container's directory, with the owners that stand in it. */
export function copyIn(engine: Engine, container: string, directory: string): readonly string[] {
  return ['cp', ...(engine.kind === 'podman' ? ['--archive=false'] : []), '-', `${container}:${directory}`];
}

/** `cp`: what is at `path` in the container comes as an archive on standard output; the names in it begin with the last part of the path. */
export function copyOut(container: string, path: string): readonly string[] {
  return ['cp', `${container}:${path}`, '-'];
}

/** `start`: attached to both streams, ends with the container's exit code. */
export function startAttached(container: string): readonly string[] {
  return ['start', '--attach', container];
}

/** Lines that the command line itself writes on standard error for no reason of the build's (podman's network helper, where there is no syslog). */
export function ownLines(engine: Engine): readonly string[] {
  return engine.kind === 'podman' ? ['failed to connect to syslog: Initialization'] : [];
}

/** `inspect`: how a container ended, as JSON. */
export function inspectEnd(container: string): readonly string[] {
  return ['container', 'inspect', '--format', '{{json .State}}', container];
}

/** `inspect`: a list of one image, as JSON. (A format of `{{json .}}` gives the image alone with docker, a list with podman 4.) */
export function inspectImage(image: string): readonly string[] {
  return ['image', 'inspect', image];
}

/** `load`: a docker archive on standard input becomes images of the store. */
export function loadImages(): readonly string[] {
  return ['load', '--quiet'];
}

/** `save`: an image as a docker archive, in a file. */
export function saveImage(image: string, file: string): readonly string[] {
  return ['save', '--output', file, image];
}

/** Takes the name away, and the image with it when that was its last and no container uses it. */
export function removeImage(image: string): readonly string[] {
  return ['image', 'rm', image];
}

/** Names (`repository:tag`) of the images with a label, one a line. */
export function listImages(label: string): readonly string[] {
  return ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', ...option('--filter', `label=${label}`)];
}

/** `volume inspect`: a list, as JSON. */
export function inspectVolumes(volumes: readonly string[]): readonly string[] {
  return ['volume', 'inspect', ...volumes];
}

/** Every volume with its size, among other things; docker as JSON, podman as a table. */
export function diskUsage(engine: Engine): readonly string[] {
  return ['system', 'df', '--verbose', ...(engine.kind === 'docker' ? option('--format', '{{json .}}') : [])];
}

export function pullImage(image: string): readonly string[] {
  return ['pull', '--quiet', image];
}

/** Kills what runs in them, too, at once. */
export function removeContainers(engine: Engine, containers: readonly string[]): readonly string[] {
  return [
    'rm',
    '--force',
    ...(engine.kind === 'podman' ? ['--time', '0', '--ignore'] : []),
    '--volumes',
    ...containers,
  ];
}

export function removeVolumes(volumes: readonly string[]): readonly string[] {
  return ['volume', 'rm', '--force', ...volumes];
}

export function removeNetworks(networks: readonly string[]): readonly string[] {
  return ['network', 'rm', ...networks];
}

/** Names of the containers, volumes or networks with a label (`name=value`), one a line. */
export function listLabelled(what: 'container' | 'volume' | 'network', label: string): readonly string[] {
  const filters = option('--filter', `label=${label}`);
  switch (what) {
    case 'container':
      return ['ps', '--all', '--format', '{{.Names}}', ...filters];
    case 'volume':
    case 'network':
      return [what, 'ls', '--format', '{{.Name}}', ...filters];
    default:
      return what satisfies never;
  }
}

function labelOptions(labels: Labels): readonly string[] {
  return Object.entries(labels).flatMap(([name, value]) => option('--label', `${name}=${value}`));
}

function option(name: string, value: string): readonly string[] {
  return [name, value];
}
