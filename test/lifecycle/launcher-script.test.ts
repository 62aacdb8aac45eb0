import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {launcherScript} from '../../source/lifecycle/launcher-script.ts';

const source = readFileSync(path.resolve(import.meta.dirname, '../../source/lifecycle/launcher.sh'), 'utf8');

describe('the embedded launcher', () => {
  test('is launcher.sh (else run node test/lifecycle/embed-launcher.ts)', () => {
    expect(launcherScript).toBe(source);
  });

  test('is bash, and keeps BASH_ENV out', () => {
    expect(launcherScript.split('\n')[0]).toBe('#!/bin/bash -p');
    expect(spawnSync('bash', ['-n'], {input: launcherScript, encoding: 'utf8'})).toMatchObject({status: 0, stderr: ''});
  });

  test('names nothing that could be a variable of the app', () => {
    const assigned = [
      ...launcherScript.matchAll(/(?:^|[\s;(])(?:local |declare -[aA] )?([A-Za-z_][A-Za-z0-9_]*)=/gm),
    ].map((match) => match[1] ?? '');
    expect(assigned.length).toBeGreaterThan(50);
    expect([...new Set(assigned.filter((name) => !name.startsWith('_sw_')))].toSorted()).toEqual([
      'IFS',
      'LC_ALL',
      'PATH',
    ]);
  });
});
