// What an engine is sent of an image: what it has of the name already is not sent again, unless it asks for everything.
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {afterEach, expect, test} from 'vitest';
import {loadIntoEngine} from '../../source/daemon/load-into-engine.ts';
import {createEngineCli} from '../../source/executors/container/engine-cli.ts';
import {type FakeEngine, writeFakeEngine} from '../executors-container/fake-engine.ts';
import {aHome, aLayeredImage, filesOf} from './an-image-home.ts';

const engines: FakeEngine[] = [];
afterEach(() => Promise.all(engines.splice(0).map((engine) => engine.close())));

/** Has an image of two layers, and keeps what it is sent; `refuses` is what it does with archives, the first one or none. */
async function loaded(
  kind: 'docker' | 'podman',
  refuses: 'first' | 'none',
  layers: (own: readonly string[]) => object,
) {
  const layout = aHome().image('default', 'web');
  const image = await aLayeredImage(layout, [filesOf({'/base': 'base'}), filesOf({'/app': 'app'})]);
  const own = image.diffIds;
  const inspected = JSON.stringify([{RootFS: layers(own)}]);
  const engine = await writeFakeEngine(
    `cd "$(dirname "$0")"
case "$1" in
  image) echo '${inspected}' ;;
  load) count=$(ls | grep -c archive); cat > "archive$count"
    if [ "$count" = 0 ] && [ ${refuses} = first ]; then echo "open layer.tar: no such file or directory" >&2; exit 1; fi
    echo "Loaded image: web" ;;
esac`,
    kind,
  );
  engines.push(engine);
  const said = await loadIntoEngine(createEngineCli(engine.engine), {layout, digest: image.digest, tags: ['web']});
  const sent = (archive: string) => {
    const bytes = readFileSync(path.join(engine.directory, archive)).toString('latin1');
    return own.map((diffId) => bytes.includes(`${diffId.replace('sha256:', '')}.tar\0`));
  };
  return {said, sent};
}

test.each([
  [
    'of the layers below that docker has of that name nothing is sent',
    'docker',
    (own: readonly string[]) => ({Layers: own.slice(0, 1)}),
    [false, true],
  ],
  [
    'a layer that lies on another one there is sent',
    'docker',
    (own: readonly string[]) => ({Layers: ['sha256:other', own[1]]}),
    [true, true],
  ],
  ['an image without layers has nothing to leave out', 'docker', () => ({Layers: null}), [true, true]],
  ['podman is sent everything', 'podman', (own: readonly string[]) => ({Layers: own}), [true, true]],
] as const)('%s', async (_what, kind, layers, expected) => {
  const {said, sent} = await loaded(kind, 'none', layers);
  expect(said).toEqual(['Loaded image: web']);
  expect(sent('archive0')).toEqual(expected);
});

test('an engine that wants every byte gets every byte', async () => {
  const {said, sent} = await loaded('docker', 'first', (own) => ({Layers: own}));
  expect(said).toEqual(['Loaded image: web']);
  expect(sent('archive0')).toEqual([false, false]);
  expect(sent('archive1')).toEqual([true, true]);
});
