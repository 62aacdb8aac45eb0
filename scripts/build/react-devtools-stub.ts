// Ink names react-devtools-core, which is not installed; the bundle gets an empty one.
import type {Plugin} from 'esbuild';

/** An esbuild plugin that resolves `react-devtools-core` to a module that does nothing. */
export function reactDevtoolsStub(): Plugin {
  return {
    name: 'react-devtools-stub',
    setup(build) {
      build.onResolve({filter: /^react-devtools-core$/}, () => ({path: 'react-devtools-core', namespace: 'stub'}));
      build.onLoad({filter: /.*/, namespace: 'stub'}, () => ({
        contents: 'export default {initialize() {}, connectToDevTools() {}};',
        loader: 'js',
      }));
    },
  };
}
