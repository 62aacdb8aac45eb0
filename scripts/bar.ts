// Runs the check of each of the 25 statements and prints number, statement, figure, and pass or FAIL. A check that is missing,
// throws or says nothing is a FAIL. `npm run bar -- 7 10` runs those alone.
import {access} from 'node:fs/promises';
import path from 'node:path';
import {pathToFileURL} from 'node:url';

export type BarCheck = {
  readonly number: number;
  readonly statement: string;
  readonly run: () => Promise<{readonly figure: string; readonly pass: boolean}>;
};

const wanted = process.argv.slice(2).map(Number);
const numbers = Array.from({length: 25}, (_, at) => at + 1).filter(
  (one) => wanted.length === 0 || wanted.includes(one),
);
let failed = 0;
for (const number of numbers) {
  const started = performance.now();
  const {statement, figure, pass} = await resultOf(number);
  if (!pass) failed += 1;
  const took = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${String(number).padStart(2)}  ${pass ? 'pass' : 'FAIL'}  ${statement}\n          ${figure}  (${took} s)`,
  );
}
console.log(`${numbers.length - failed} passed, ${failed} failed`);
process.exit(failed > 0 || numbers.length === 0 ? 1 : 0);

async function resultOf(number: number): Promise<{statement: string; figure: string; pass: boolean}> {
  const file = path.join(import.meta.dirname, 'bar', `statement-${String(number).padStart(2, '0')}.ts`);
  try {
    await access(file);
  } catch {
    return {statement: '(no check)', figure: 'there is no check for this statement', pass: false};
  }
  try {
    const check = (await import(pathToFileURL(file).href)) as BarCheck;
    if (check.number !== number) throw new Error(`${file} says it is number ${check.number}`);
    const {figure, pass} = await check.run();
    return {statement: check.statement, figure, pass: pass && figure !== ''};
  } catch (error) {
    return {statement: `statement ${number}`, figure: `the check broke: ${String(error)}`, pass: false};
  }
}
