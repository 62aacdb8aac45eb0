#!/usr/bin/env node
// The first file of the program. No static import, so that an old Node gets as far as saying what is needed.
const needed = __NODE_NEEDED__;

if (isOlder(process.versions.node, needed)) {
  console.error('slipway needs Node ' + needed + ' or newer; this is Node ' + process.versions.node + ' (' + process.execPath + ').');
  console.error('Next: install Node ' + needed + ' or newer and run the same command again.');
  process.exit(1);
}

// A cache beside the program, never in a temporary directory that others can write.
process.getBuiltinModule('node:module').enableCompileCache(import.meta.dirname + '/.cache');
await import('./cli.js');

function isOlder(version, floor) {
  const have = version.split('.').map(Number);
  const want = floor.split('.').map(Number);
  for (let i = 0; i < want.length; i++) {
    if ((have[i] || 0) !== want[i]) return (have[i] || 0) < want[i];
  }
  return false;
}
