/** Flags as Go's package flag reads them, which upstream's lifecycle uses: `-a b`, `-a=b`, `--a b`; the first other word ends them. */
import {exitCodes} from './exit-codes.ts';
import {LifecycleFailure} from './lifecycle-failure.ts';

export type FlagSpec = {readonly name: string; readonly kind: 'text' | 'number' | 'boolean' | 'list'};

export type ParsedFlags = {
  /** The last value given of each flag. */
  readonly values: ReadonlyMap<string, string>;
  /** All values of the flags that may be repeated. */
  readonly lists: ReadonlyMap<string, readonly string[]>;
  /** What stands after the flags. */
  readonly args: readonly string[];
};

/** Reads flags until the first word that is none. Throws exit 2, as Go's flag package ends a program, on a flag that is not among `specs` or lacks its value. */
export function parseFlags(specs: readonly FlagSpec[], argv: readonly string[]): ParsedFlags {
  const values = new Map<string, string>();
  const lists = new Map<string, readonly string[]>();
  let index = 0;
  for (; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    if (word === '--') {
      index += 1;
      break;
    }
    const match = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(word);
    if (match === null) break;
    const spec = specOf(specs, match[1] ?? '');
    const attached = match[2];
    const value = attached ?? (spec.kind === 'boolean' ? 'true' : argv[index + 1]);
    if (value === undefined) throw invalid(`flag needs an argument: -${spec.name}`);
    if (attached === undefined && spec.kind !== 'boolean') index += 1;
    if (spec.kind === 'boolean') checkBoolean(spec, value);
    if (spec.kind === 'number') checkNumber(spec, value);
    values.set(spec.name, value);
    if (spec.kind === 'list') lists.set(spec.name, [...(lists.get(spec.name) ?? []), value]);
  }
  return {values, lists, args: argv.slice(index)};
}

function specOf(specs: readonly FlagSpec[], name: string): FlagSpec {
  const spec = specs.find((candidate) => candidate.name === name);
  if (spec !== undefined) return spec;
  const known = [...new Set(specs.map((candidate) => `-${candidate.name}`))].join(' ');
  throw invalid(`flag provided but not defined: -${name}; this phase and Platform API take ${known}`);
}

function checkBoolean(spec: FlagSpec, value: string): void {
  if (/^(?:1|0|t|f|T|F|true|false|TRUE|FALSE|True|False)$/.test(value)) return;
  throw invalid(`invalid boolean value "${value}" for -${spec.name}`);
}

function checkNumber(spec: FlagSpec, value: string): void {
  if (/^[+-]?(?:0x[0-9a-f]+|\d+)$/i.test(value)) return;
  throw invalid(`invalid value "${value}" for flag -${spec.name}: parse error`);
}

function invalid(reason: string): LifecycleFailure {
  return new LifecycleFailure(reason, {action: 'parse arguments', code: exitCodes.unknownFlag});
}
