/** Processes of an app: read from launch.toml, merged over the buildpacks, written to metadata.toml and the build label. */
import {goJson, type JsonValue} from '../oci/go-json.ts';
import {type ApiVersion, atLeast, formatApiVersion} from './api-version.ts';
import {compareBytes} from './compare-bytes.ts';
import {booleanField, field, fieldError, type TomlReader, textField, textListField} from './read-toml.ts';
import {OrderedTable, RawToml} from './toml-encode.ts';

export type Process = {
  readonly type: string;
  /** First the program (or, for a shell process, the script), then arguments that are always given. */
  readonly command: readonly string[];
  /** undefined where the buildpack gave none (upstream writes nil and empty lists differently). */
  readonly args?: readonly string[];
  readonly direct: boolean;
  readonly isDefault: boolean;
  readonly buildpackId: string;
  readonly workingDirectory?: string;
  readonly execEnv?: readonly string[];
};

/** One [[processes]] of a launch.toml. What `command` and `direct` may be depends on the Buildpack API. */
export function readLaunchProcess(reader: TomlReader, api: ApiVersion, buildpackId: string): Process {
  const direct = booleanField(reader, 'direct');
  if (atLeast(api, '0.9') && direct !== undefined)
    throw new Error(
      `process.direct is not supported on this buildpack version (${fieldError(reader, 'direct', `Buildpack API ${formatApiVersion(api)}`).message})`,
    );
  return {
    type: textField(reader, 'type') ?? '',
    command: atLeast(api, '0.9') ? (textListField(reader, 'command') ?? []) : [commandText(reader)],
    args: textListField(reader, 'args'),
    direct: atLeast(api, '0.9') ? true : (direct ?? false),
    isDefault: booleanField(reader, 'default') ?? false,
    buildpackId,
    workingDirectory: textField(reader, 'working-dir') || undefined,
    execEnv: textListField(reader, 'exec-env'),
  };
}

function commandText(reader: TomlReader): string {
  const command = textField(reader, 'command');
  if (command === undefined) throw fieldError(reader, 'command', 'expected a string, got nothing');
  return command;
}

export type ProcessList = {
  /** By type. */
  readonly byType: ReadonlyMap<string, Process>;
  /** Empty when there is none. */
  readonly defaultType: string;
};

export const noProcesses: ProcessList = {byType: new Map(), defaultType: ''};

/**
 * The list with a buildpack's processes on top: of one type the later wins, the last default is the default, and a default that is
 * redefined without being default again is none any more, which is worth a warning.
 */
export function mergeProcesses(
  list: ProcessList,
  added: readonly Process[],
): ProcessList & {readonly warning?: string} {
  const byType = new Map(list.byType);
  let {defaultType} = list;
  let warning: string | undefined;
  for (const process of added) {
    if (process.isDefault) {
      defaultType = process.type;
      warning = undefined;
    } else if (process.type === defaultType) {
      defaultType = '';
      warning = `Warning: redefining the following default process type with a process not marked as default: ${process.type}\n`;
    }
    byType.set(process.type, process);
  }
  return {byType, defaultType, warning};
}

/** The processes by type, as a platform of this API understands them: before 0.10 a command is one string and its rest goes to the arguments. */
export function sortedProcesses(list: ProcessList, platformApi: ApiVersion): readonly Process[] {
  const processes = [...list.byType.values()].toSorted((a, b) => compareBytes(a.type, b.type));
  return processes.map((process) => ({...withPlatformApi(process, platformApi), isDefault: false}));
}

/** See sortedProcesses. */
export function withPlatformApi(process: Process, platformApi: ApiVersion): Process {
  const [program, ...always] = process.command;
  if (atLeast(platformApi, '0.10') || program === undefined) return process;
  return {...process, command: [program], args: [...always, ...(process.args ?? [])]};
}

/** The process as metadata.toml has it. */
export function processTable(process: Process, platformApi: ApiVersion): OrderedTable {
  return new OrderedTable([
    ['type', process.type],
    ['command', new RawToml(commandToml(process, platformApi))],
    ['args', process.args],
    ['direct', process.direct],
    ['default', process.isDefault ? true : undefined],
    ['buildpack-id', process.buildpackId],
    ['working-dir', process.workingDirectory || undefined],
    ['exec-env', process.execEnv?.length ? process.execEnv : undefined],
  ]);
}

function commandToml(process: Process, platformApi: ApiVersion): string {
  if (!atLeast(platformApi, '0.10')) return goJson(process.command[0] ?? '');
  return `[${process.command.map((part) => goJson(part)).join(', ')}]`;
}

/** The process as the label io.buildpacks.build.metadata has it. */
export function processJson(process: Process, platformApi: ApiVersion): JsonValue {
  return {
    type: process.type,
    command: atLeast(platformApi, '0.10') ? process.command : (process.command[0] ?? ''),
    args: process.args ?? null,
    direct: process.direct,
    default: process.isDefault ? true : undefined,
    buildpackID: process.buildpackId,
    'working-dir': process.workingDirectory || undefined,
    'exec-env': process.execEnv?.length ? process.execEnv : undefined,
  };
}

/** A process out of metadata.toml, where command is a string or a list. */
export function readMetadataProcess(reader: TomlReader): Process {
  const command = field(reader, 'command');
  return {
    type: textField(reader, 'type') ?? '',
    command: typeof command === 'string' ? [command] : (textListField(reader, 'command') ?? []),
    args: textListField(reader, 'args'),
    direct: booleanField(reader, 'direct') ?? false,
    isDefault: booleanField(reader, 'default') ?? false,
    buildpackId: textField(reader, 'buildpack-id') ?? '',
    workingDirectory: textField(reader, 'working-dir') || undefined,
    execEnv: textListField(reader, 'exec-env'),
  };
}
