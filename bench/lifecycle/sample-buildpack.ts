/** The bench's own buildpack and app: layers of a wanted size, half of it text that compresses well and half noise, the same bytes every time. */
import {mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';

/**
 * A buildpack whose bin/build writes `megabytes` MB in one launch and cache layer, as files of 64 KB to 4 MB, and takes the layer again when it
 * is there. The data is made here, beforehand: the buildpack copies it, so that what is measured is the lifecycle.
 */
export async function writeSampleBuildpack(directory: string, megabytes: number): Promise<void> {
  await mkdir(path.join(directory, 'bin'), {recursive: true});
  await writeFile(path.join(directory, 'buildpack.toml'), descriptor);
  await writeFile(path.join(directory, 'bin/detect'), '#!/usr/bin/env bash\nexit 0\n', {mode: 0o755});
  await writeFile(path.join(directory, 'bin/build'), build, {mode: 0o755});
  await writeData(path.join(directory, 'data'), megabytes * 1_000_000);
}

/** An app of a few small files. */
export async function writeSampleApp(directory: string): Promise<void> {
  await mkdir(path.join(directory, 'lib'), {recursive: true});
  await writeFile(path.join(directory, 'page.txt'), 'a page\n');
  for (let index = 0; index < 50; index += 1)
    await writeFile(path.join(directory, `lib/part-${index}.js`), `export const part = ${index};\n`.repeat(40));
}

const descriptor = `api = "0.10"

[buildpack]
id = "bench/data"
version = "1.0.0"

[[targets]]
os = "linux"
`;

const build = `#!/usr/bin/env bash
set -euo pipefail
here=$(cd "$(dirname "\${BASH_SOURCE[0]}")/.." && pwd)
layer=$1/data
if [[ ! -d $layer ]]; then
  mkdir -p "$layer"
  cp -r "$here/data/." "$layer"
fi
printf '[types]\\nlaunch = true\\ncache = true\\n[metadata]\\nversion = "1"\\n' >"$layer.toml"
printf '[[processes]]\\ntype = "web"\\ncommand = ["true"]\\ndefault = true\\n' >"$1/launch.toml"
`;

const sizes = [64_000, 256_000, 1_000_000, 4_000_000];

async function writeData(directory: string, bytes: number): Promise<void> {
  const noise = noiseFrom(0x2545_f491);
  let left = bytes;
  for (let index = 0; left > 0; index += 1) {
    const size = Math.min(left, sizes[index % sizes.length] ?? left);
    const folder = path.join(directory, `part-${Math.floor(index / 16)}`);
    await mkdir(folder, {recursive: true});
    const half = Math.floor(size / 2);
    await writeFile(path.join(folder, `file-${index}`), Buffer.concat([noise(half), text(size - half, index)]));
    left -= size;
  }
}

/** Bytes of xorshift32 with this seed. */
function noiseFrom(seed: number): (size: number) => Buffer {
  let state = seed;
  return (size) => {
    const words = new Int32Array(Math.ceil(size / 4));
    for (let index = 0; index < words.length; index += 1) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      words[index] = state;
    }
    return Buffer.from(words.buffer).subarray(0, size);
  };
}

/** Lines like a program's: words that come again and numbers that do not. */
function text(size: number, salt: number): Buffer {
  const lines: string[] = [];
  for (let length = 0, index = 0; length < size; index += 1) {
    const line = `export function part${salt}_${index}(request, response) { return response.send(${(index * 2_654_435_761) % 4_294_967_291}); }\n`;
    lines.push(line);
    length += line.length;
  }
  return Buffer.from(lines.join('')).subarray(0, size);
}
