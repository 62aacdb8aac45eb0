// What the dashboard needs of this machine: clipboard, editor, files, being suspended. Given to it by the program's entry.
import {createWriteStream} from 'node:fs';
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {parse} from 'yaml';

type Environment = {readonly [name: string]: string | undefined};

/** `directory` is where files are put that the user asked for. */
export function dashboardMachine(directory: string, environment: Environment, platform: string) {
  return {
    copy: (text: string) => copyNatively(text, environment, platform),
    save: (name: string, text: string) => saveText(directory, name, text),
    saveBytes: (name: string, bytes: AsyncIterable<Uint8Array>) => saveBytes(directory, name, bytes),
    edit: (name: string, text: string) => editText(name, text, environment),
    ...(platform === 'win32' ? {} : {suspend: suspendProcess}),
    ...multiplexerOf(environment),
  };
}

function multiplexerOf(environment: Environment): {readonly multiplexer?: 'tmux' | 'screen'} {
  if (environment['TMUX']) return {multiplexer: 'tmux'};
  return environment['STY'] || environment['TERM']?.startsWith('screen') ? {multiplexer: 'screen'} : {};
}

/** Over ssh the machine's clipboard is not the one the user sits at. */
async function copyNatively(text: string, environment: Environment, platform: string): Promise<boolean> {
  if (environment['SSH_CONNECTION']) return false;
  const {execa} = await import('execa');
  for (const [program, ...flags] of clipboards(environment, platform)) {
    const {failed} = await execa(program, flags, {
      input: text,
      reject: false,
      timeout: 2000,
      stdout: 'ignore',
      stderr: 'ignore',
    });
    if (!failed) return true;
  }
  return false;
}

function clipboards(
  environment: Environment,
  platform: string,
): readonly (readonly [program: string, ...flags: string[]])[] {
  if (platform === 'darwin') return [['pbcopy']];
  if (platform === 'win32') return [['clip']];
  return [
    ...(environment['WAYLAND_DISPLAY'] ? ([['wl-copy']] as const) : []),
    ...(environment['DISPLAY']
      ? ([
          ['xclip', '-selection', 'clipboard'],
          ['xsel', '--clipboard', '--input'],
        ] as const)
      : []),
  ];
}

async function saveText(directory: string, name: string, text: string): Promise<string> {
  const file = await freshFile(directory, name);
  await writeFile(file, text, {mode: 0o600});
  return file;
}

async function saveBytes(directory: string, name: string, bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const file = await freshFile(directory, name);
  await pipeline(Readable.from(bytes), createWriteStream(file, {mode: 0o600}));
  return file;
}

/** A name says nothing about where it goes. */
async function freshFile(directory: string, name: string): Promise<string> {
  await mkdir(directory, {recursive: true, mode: 0o700});
  return path.join(directory, name.replaceAll(/[^\w.-]/g, '-'));
}

async function editText(name: string, text: string, environment: Environment): Promise<unknown> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-edit-'));
  const file = path.join(folder, name.replaceAll(/[^\w.-]/g, '-'));
  try {
    await writeFile(file, text, {mode: 0o600});
    const [program = 'vi', ...flags] = (environment['VISUAL'] || environment['EDITOR'] || 'vi').split(/\s+/);
    const {execa} = await import('execa');
    const {failed, exitCode} = await execa(program, [...flags, file], {stdio: 'inherit', reject: false});
    // Leaving an editor with an error is how an edit is thrown away (`:cq`).
    if (failed && exitCode !== undefined) throw new Error(`${program} ended with ${exitCode}: nothing was changed`);
    if (failed) throw new Error(`expected an editor, could not start ${program}; set EDITOR to one that is installed`);
    return parse(await readFile(file, 'utf8'));
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}

/** Stops the whole job, as the terminal's own Ctrl-Z would, and resolves when the shell lets it go on. */
async function suspendProcess(): Promise<void> {
  const goesOn = new Promise<void>((resolve) => {
    process.once('SIGCONT', () => resolve());
  });
  process.kill(0, 'SIGTSTP');
  await goesOn;
}
