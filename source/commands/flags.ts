// Flags that several commands share, with kp's names and short forms (kpack-cli `docs/kp_*.md`).
import {InvalidArgumentError, Option, type Command} from 'commander';
import {defaultNamespace, nameProblem} from '../domain/resource-name.ts';
import type {CommandContext} from './command-context.ts';
import {usageError} from './command-error.ts';

export type NamespaceFlags = {readonly namespace?: string};
export type OutputFormat = 'table' | 'wide' | 'yaml' | 'json';
export type OutputFlags = {readonly output?: OutputFormat};
export type DryRunFlags = OutputFlags & {readonly dryRun?: boolean; readonly dryRunWithImageUpload?: boolean};
export type TlsFlags = {readonly registryCaCertPath?: string; readonly registryVerifyCerts?: string};
export type WaitFlags = {readonly wait?: boolean};

/** -n/--namespace */
export function namespaceFlag(command: Command): Command {
  return command.option('-n, --namespace <namespace>', 'the namespace (default "default")');
}

/** -A/--all-namespaces beside -n */
export function allNamespacesFlag(command: Command): Command {
  return namespaceFlag(command).option('-A, --all-namespaces', 'every namespace');
}

/** --output; `short` is -o wherever that letter does not mean --order. */
export function outputFlag(command: Command, short: '-o, ' | '' = '-o, '): Command {
  return command.addOption(
    new Option(`${short}--output <format>`, 'how to print').choices(['table', 'wide', 'yaml', 'json']),
  );
}

/** --dry-run and --output */
export function dryRunFlags(command: Command, short: '-o, ' | '' = '-o, '): Command {
  return outputFlag(command.option('--dry-run', 'say what would happen, change nothing'), short);
}

/** dryRunFlags and --dry-run-with-image-upload */
export function imageUploadFlags(command: Command, short: '-o, ' | '' = '-o, '): Command {
  return dryRunFlags(command, short).option('--dry-run-with-image-upload', 'as --dry-run: nothing is uploaded here');
}

/** --registry-ca-cert-path and --registry-verify-certs, which kp has and which change nothing here. */
export function tlsFlags(command: Command): Command {
  return command
    .option('--registry-ca-cert-path <path>', 'accepted for kp; images stay on this machine')
    .option('--registry-verify-certs [bool]', 'accepted for kp; images stay on this machine');
}

/** -w/--wait */
export function waitFlag(command: Command): Command {
  return command.option('-w, --wait', 'follow the build that results and end with its exit code');
}

/** The namespace meant; throws a usage error when it is no name. */
export function namespaceOf(flags: NamespaceFlags): string {
  const namespace = flags.namespace ?? defaultNamespace;
  const problem = nameProblem(namespace);
  if (problem !== undefined) throw usageError(`namespace: ${problem}`);
  return namespace;
}

/** A resource's name at the door. */
export function checkName(name: string): string {
  const problem = nameProblem(name);
  if (problem !== undefined) throw usageError(problem);
  return name;
}

/** Every value of a flag that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** The same, each value a list with commas (Go's StringSlice). */
export function collectList(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), ...value.split(',').filter((part) => part !== '')];
}

/** A whole number above zero. */
export function positiveNumber(what: string): (value: string) => number {
  return (value) => {
    if (!/^\d+$/.test(value) || Number(value) < 1) throw new InvalidArgumentError(`Expected ${what}.`);
    return Number(value);
  };
}

/** Whether nothing is to be changed. */
export function isDryRun(flags: DryRunFlags): boolean {
  return flags.dryRun === true || flags.dryRunWithImageUpload === true;
}

/** Says on stderr which of the flags given change nothing here. */
export function sayWithoutEffect(context: CommandContext, flags: {readonly [flag: string]: string | undefined}): void {
  for (const [flag, why] of Object.entries(flags)) {
    if (why !== undefined) context.stderr.write(`Note: ${flag} has no effect: ${why}\n`);
  }
}

/** The registry flags of kp that were given. */
export function tlsWithoutEffect(flags: TlsFlags): {readonly [flag: string]: string | undefined} {
  const why = 'base images and buildpackages are read from this machine';
  return {
    '--registry-ca-cert-path': flags.registryCaCertPath === undefined ? undefined : why,
    '--registry-verify-certs': flags.registryVerifyCerts === undefined ? undefined : why,
  };
}
