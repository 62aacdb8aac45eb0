// A vitest reporter: writes what passed, failed and was skipped (with the reason given) as JSON, for the line that closes a run.
import {writeFileSync} from 'node:fs';
import type {Reporter, SerializedError, TestCase, TestModule, TestRunEndReason} from 'vitest/node';
import {closingLine, type NamedResult, type TestCounts} from './test-counts.ts';

/** Writes the counts to the file that SLIPWAY_TEST_COUNTS names, or prints the closing line when it names none. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[], reason: TestRunEndReason): void {
    const counts = countTests(modules, errors, reason);
    const file = process.env['SLIPWAY_TEST_COUNTS'];
    if (file) writeFileSync(file, JSON.stringify(counts));
    else console.log(closingLine(counts));
  }
}

function countTests(
  modules: readonly TestModule[],
  errors: readonly SerializedError[],
  reason: TestRunEndReason,
): TestCounts {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
  const broken = suites.flatMap((suite) =>
    suite.errors().map((error) => ({
      name: suite.type === 'module' ? suite.relativeModuleId : suite.fullName,
      reason: error.message,
    })),
  );
  const outside = errors.map((error) => ({name: 'an error outside any test', reason: error.message}));
  const interrupted = reason === 'interrupted' ? [{name: 'the run', reason: 'interrupted before its end'}] : [];
  return {
    passed: tests.filter((test) => test.result().state === 'passed').length,
    failed: [...tests.flatMap(failedTest), ...broken, ...outside, ...interrupted],
    skipped: tests.flatMap(skippedTest),
  };
}

/** A test left pending did not run to its end: that is a failure too. */
function failedTest(test: TestCase): readonly NamedResult[] {
  const result = test.result();
  if (result.state === 'failed') return [{name: nameOf(test), reason: result.errors[0]?.message ?? 'no message'}];
  if (result.state === 'pending') return [{name: nameOf(test), reason: 'did not finish'}];
  return [];
}

function skippedTest(test: TestCase): readonly NamedResult[] {
  const result = test.result();
  return result.state === 'skipped' ? [{name: nameOf(test), reason: result.note ?? 'no reason given'}] : [];
}

function nameOf(test: TestCase): string {
  return `${test.module.relativeModuleId} > ${test.fullName}`;
}
