/** The operating system, architecture and distribution a build is for (spec/platform.md targets, upstream's target_data.go). */
import {readFileSync} from 'node:fs';
import type {Target} from './buildpack-descriptor.ts';
import type {Log} from './log.ts';

export type TargetMetadata = {
  readonly id?: string;
  readonly os: string;
  readonly arch: string;
  readonly archVariant?: string;
  readonly distro?: {readonly name: string; readonly version: string};
};

/** True when the run image's target suits one that the buildpack names. An empty value on either side suits. */
export function satisfiesForBuild(base: TargetMetadata, wanted: Target): boolean {
  if (!suits(base.os, wanted.os) || !suits(base.arch, wanted.arch)) return false;
  if (!suits(base.archVariant ?? '', wanted.archVariant)) return false;
  if (wanted.distros.length === 0) return true;
  const {distro} = base;
  if (distro === undefined) return false;
  return wanted.distros.some(({name, version}) => suits(distro.name, name) && suits(distro.version, version));
}

function suits(one: string, other: string): boolean {
  return one === '' || other === '' || one === other;
}

/** The target with what the run image's labels left open filled in from the build environment, which is worth a line in the log. */
export function completeTarget(
  target: TargetMetadata | undefined,
  log: Pick<Log, 'info'>,
  osRelease: () => string = readOsRelease,
): TargetMetadata {
  if (target?.distro !== undefined) return target;
  log.info('target distro name/version labels not found, reading /etc/os-release file');
  const os = target?.os || 'linux';
  const arch = target?.arch || goArchitecture(process.arch);
  return {...target, os, arch, distro: parseOsRelease(osRelease())};
}

/** Go's name for what Node calls `x64`. */
export function goArchitecture(nodeArch: string): string {
  return nodeArch === 'x64' ? 'amd64' : nodeArch === 'ia32' ? '386' : nodeArch;
}

function readOsRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return ''; // no such file: the distribution stays unknown, as upstream leaves it
  }
}

/** ID and VERSION_ID of an os-release file; undefined when it has neither. */
export function parseOsRelease(text: string): TargetMetadata['distro'] {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const parts = line.split('=');
    const [key, value] = parts;
    if (parts.length === 2 && key !== undefined && value !== undefined)
      values.set(key, value.replace(/^[" ]+|[" ]+$/g, ''));
  }
  const name = values.get('ID') ?? '';
  const version = values.get('VERSION_ID') ?? '';
  return name === '' && version === '' ? undefined : {name, version};
}

/** The CNB_TARGET_* variables for buildpacks of API 0.10 and newer. */
export function targetVariables(target: TargetMetadata): Readonly<Record<string, string>> {
  const optional = {
    CNB_TARGET_ARCH_VARIANT: target.archVariant,
    CNB_TARGET_DISTRO_NAME: target.distro?.name,
    CNB_TARGET_DISTRO_VERSION: target.distro?.version,
  };
  const given = Object.entries(optional).filter((entry): entry is [string, string] => (entry[1] ?? '') !== '');
  return {CNB_TARGET_OS: target.os, CNB_TARGET_ARCH: target.arch, ...Object.fromEntries(given)};
}

/** As JSON in upstream's field order; used in messages. */
export function describeTarget(target: TargetMetadata): string {
  return JSON.stringify({
    ...(target.id ? {id: target.id} : {}),
    os: target.os,
    arch: target.arch,
    ...(target.archVariant ? {'arch-variant': target.archVariant} : {}),
    ...(target.distro ? {distro: {name: target.distro.name, version: target.distro.version}} : {}),
  });
}
