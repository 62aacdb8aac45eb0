/** Runs inside a build's root: starts the phases one after another, takes the time of each and its peak memory, and prints them as JSON. */
import {spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';

type Call = {readonly phase: string; readonly argv: readonly string[]};

export type MeasuredPhase = {
  readonly phase: string;
  /** From before the process is started until it has ended. */
  readonly milliseconds: number;
  /** The kernel's high-water mark of the process's resident memory. */
  readonly peakKiB: number;
};

const calls = JSON.parse(process.argv[2] ?? '[]') as readonly Call[];
const measured: MeasuredPhase[] = [];
for (const call of calls) measured.push(await measure(call));
console.log(JSON.stringify(measured));

/**
 * The kernel keeps the mark, so that looking now and then loses no peak but one in the last milliseconds; the buildpack's own processes do not
 * count. A phase that fails ends everything, with what it said.
 */
function measure({phase, argv}: Call): Promise<MeasuredPhase> {
  const [program = '', ...args] = argv;
  const started = performance.now();
  const child = spawn(program, args, {stdio: ['ignore', 'pipe', 'pipe'], cwd: '/'});
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  let peakKiB = 0;
  const watch = setInterval(() => {
    peakKiB = Math.max(peakKiB, peakOf(child.pid));
  }, 3);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      const milliseconds = performance.now() - started;
      clearInterval(watch);
      if (code === 0) resolve({phase, milliseconds, peakKiB});
      else reject(new Error(`${phase} ended with ${code}: ${said}`));
    });
  });
}

function peakOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0; // it has ended since
  }
}
