// What an image says of itself: the package databases of three package managers, bills of materials, os-release; whiteouts honoured.
import {chmodSync, readdirSync, readFileSync, truncateSync, writeFileSync} from 'node:fs';
import {gzipSync, zstdCompressSync} from 'node:zlib';
import {describe, expect, test} from 'vitest';
import {blobPath, readImage, writeBlob, writeImage} from '../../source/oci/image-layout.ts';
import {readPackages} from '../../source/oci/package-database.ts';
import {rpmHeaderPackage} from '../../source/oci/package-database-rpm.ts';
import {
  aBaseImage,
  aDirectory,
  aDpkgStatus,
  aHeader,
  anRpmDatabase,
  type BaseImage,
  type LayerFiles,
} from './a-base-image.ts';

const status = 'var/lib/dpkg/status';

async function named(image: BaseImage): Promise<readonly string[]> {
  const {packages} = await readPackages(image.layout, image.digest);
  return packages.map(({name, version}) => `${name} ${version}`);
}

describe('dpkg', () => {
  test('gives what is installed, not what was removed or makes no sense', async () => {
    const text = [
      'Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nMulti-Arch: same\nVersion: 2.39-0ubuntu8.1\nDescription: the C library\n .\n Version: not this one\n',
      'Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n',
      'Package: never\nStatus: unknown ok not-installed\n',
      'package: lower\nstatus: hold ok half-configured\nversion: 1:2-3\n',
      'Package: bad\u001b[31m\nStatus: install ok installed\nVersion: 1\n',
      'Package: no-version\nStatus: install ok installed\n',
    ].join('\n');
    const image = await aBaseImage([{[status]: text}]);
    const read = await readPackages(image.layout, image.digest);
    expect(read.packages).toEqual([
      {kind: 'deb', name: 'libc6', version: '2.39-0ubuntu8.1', architecture: 'amd64'},
      {kind: 'deb', name: 'lower', version: '1:2-3'},
    ]);
    expect(read.sources).toEqual([{what: 'dpkg', path: status, packages: 2}]);
  });

  test('is read file by file in a distroless image, digest lists apart', async () => {
    const image = await aBaseImage([
      {'./var/lib/dpkg/status.d/base': 'Package: base-files\nVersion: 12.4+deb12u5\nArchitecture: amd64\n'},
      {
        '/var/lib/dpkg/status.d/libc6': 'Package: libc6\nVersion: 2.36-9+deb12u4\nArchitecture: amd64\n',
        '/var/lib/dpkg/status.d/libc6.md5sums': 'Package: no\nVersion: 1\n',
      },
    ]);
    expect(await named(image)).toEqual(['base-files 12.4+deb12u5', 'libc6 2.36-9+deb12u4']);
    const {sources} = await readPackages(image.layout, image.digest);
    expect(sources).toEqual([{what: 'dpkg', path: 'var/lib/dpkg/status.d', packages: 2}]);
  });
});

describe('apk', () => {
  const installed =
    'C:Q1xx=\nP:musl\nV:1.2.5-r0\nA:x86_64\nS:1\nF:lib\nR:ld-musl\n\nP:busybox\nV:1.36.1-r29\nA:x86_64\n\n';

  test.each(['lib/apk/db/installed', 'usr/lib/apk/db/installed'])('is read from %s', async (path) => {
    const image = await aBaseImage([{[path]: installed}]);
    expect((await readPackages(image.layout, image.digest)).packages).toEqual([
      {kind: 'apk', name: 'busybox', version: '1.36.1-r29', architecture: 'x86_64'},
      {kind: 'apk', name: 'musl', version: '1.2.5-r0', architecture: 'x86_64'},
    ]);
  });
});

describe('rpm', () => {
  const fixture = JSON.parse(readFileSync('test/fixtures/packages/rpm-headers.json', 'utf8')) as {
    readonly headers: readonly string[];
  };
  const real = fixture.headers.map((header) => Buffer.from(header, 'base64'));

  test('gives the packages of headers that rpm itself wrote', async () => {
    const image = await aBaseImage([{'var/lib/rpm/rpmdb.sqlite': anRpmDatabase(real)}]);
    const read = await readPackages(image.layout, image.digest);
    expect(read.packages).toEqual([
      {kind: 'rpm', name: 'openssl-libs', version: '1:3.0.7-6.el9_2', architecture: 'noarch'},
      {kind: 'rpm', name: 'zlib', version: '1.2.11-31.el9', architecture: 'noarch'},
    ]);
    expect(read.unread).toEqual([]);
  });

  test('follows the directory it moved to, and leaves public keys out', async () => {
    const headers = [
      aHeader({name: 'bash', version: '5.2.26', release: '3.fc40', epoch: 0, arch: 'x86_64'}),
      aHeader({name: 'gpg-pubkey', version: 'a15b79cc', release: '63d04c2c'}),
      aHeader({name: 'shadow-utils', version: '4.15.1', release: '3.fc40', epoch: 2, arch: 'x86_64'}),
    ];
    const image = await aBaseImage([
      {'var/lib/rpm': '-> ../../usr/lib/sysimage/rpm', 'usr/lib/sysimage/rpm/rpmdb.sqlite': anRpmDatabase(headers)},
    ]);
    expect(await named(image)).toEqual(['bash 5.2.26-3.fc40', 'shadow-utils 2:4.15.1-3.fc40']);
  });

  test.each([
    ['Packages', /Berkeley DB.*not readable/],
    ['Packages.db', /ndb.*not readable/],
  ])('says in words that %s cannot be read', async (file, words) => {
    const image = await aBaseImage([{[`var/lib/rpm/${file}`]: 'anything'}]);
    const read = await readPackages(image.layout, image.digest);
    expect(read).toMatchObject({packages: [], sources: []});
    expect(read.unread).toEqual([{path: `var/lib/rpm/${file}`, why: expect.stringMatching(words)}]);
  });

  const endless =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS hnum, x'00' AS blob FROM n";
  test.each([
    ['no database', Buffer.from('SQLite format 3\0 and then nothing'), /not a database|malformed|file is encrypted/],
    ['a database without the table', () => anRpmDatabase([], ['CREATE TABLE other (a)']), /no table Packages/],
    ['a view that never ends', () => anRpmDatabase([], [`CREATE VIEW Packages AS ${endless}`]), /no table Packages/],
    [
      'a column that is computed',
      () => anRpmDatabase([], ['CREATE TABLE Packages (hnum, blob AS (zeroblob(1000000000)))']),
      /no stored column blob/,
    ],
    ['a database cut off', () => anRpmDatabase(real).subarray(0, 6000), /malformed|disk image/],
  ])('that is %s stops nothing and is said', async (_, made, words) => {
    const image = await aBaseImage([{'var/lib/rpm/rpmdb.sqlite': typeof made === 'function' ? made() : made}]);
    const read = await readPackages(image.layout, image.digest);
    expect(read.packages).toEqual([]);
    expect(read.unread).toEqual([{path: 'var/lib/rpm/rpmdb.sqlite', why: expect.stringMatching(words)}]);
  });

  test('headers that lie about their sizes are no packages', () => {
    const header = aHeader({name: 'bash', version: '5', release: '1'});
    const lying = (at: number, value: number): Buffer => {
      const copy = Buffer.from(header);
      copy.writeUInt32BE(value, at);
      return copy;
    };
    expect(rpmHeaderPackage(header)).toHaveLength(1);
    for (const broken of [
      Buffer.alloc(0),
      Buffer.alloc(7),
      lying(0, 0xff_ff_ff_ff),
      lying(4, 0x7f_ff_ff_ff),
      lying(16, 0xff_ff_ff_ff),
      lying(16, 1_000_000),
      header.subarray(0, header.length - 3),
    ])
      expect(rpmHeaderPackage(broken)).toEqual([]);
  });
});

describe('layers', () => {
  const lower = {[status]: aDpkgStatus({one: '1'}), 'etc/os-release': 'ID=lower\n'};
  const cases: readonly (readonly [what: string, layers: readonly LayerFiles[], packages: readonly string[]])[] = [
    ['the topmost wins', [lower, {[status]: aDpkgStatus({one: '2'})}], ['one 2']],
    ['a layer that says nothing changes nothing', [lower, {'etc/hosts': 'x'}], ['one 1']],
    ['a whiteout hides the file', [lower, {'var/lib/dpkg/.wh.status': ''}], []],
    ['a whiteout hides a directory above', [lower, {'var/.wh.lib': ''}], []],
    [
      'a whiteout in the same layer hides only what is below',
      [lower, {'var/.wh.lib': '', [status]: aDpkgStatus({two: '2'})}],
      ['two 2'],
    ],
    [
      'the order in a layer does not matter',
      [lower, {[status]: aDpkgStatus({two: '2'}), 'var/.wh.lib': ''}],
      ['two 2'],
    ],
    ['an opaque directory hides what is below', [lower, {'var/lib/.wh..wh..opq': ''}], []],
    ['an opaque root hides everything', [lower, {'.wh..wh..opq': ''}], []],
    ['an opaque directory elsewhere hides nothing', [lower, {'var/log/.wh..wh..opq': ''}], ['one 1']],
    ['a file in place of the directory hides what was in it', [lower, {'var/lib': 'a file'}], []],
    ['a link in place of the directory hides what was in it', [lower, {'var/lib/dpkg': '-> ../elsewhere'}], []],
    ['a directory entry alone hides nothing', [lower, {'var/lib/dpkg/': ''}], ['one 1']],
    ['a directory in place of the file hides it', [lower, {'var/lib/dpkg/status/': ''}], []],
    [
      'what a storage driver left behind is no whiteout',
      [lower, {'.wh..wh.plnk/': '', 'var/.wh..wh.aufs': ''}],
      ['one 1'],
    ],
    [
      'what was hidden may come again',
      [lower, {'var/.wh.lib': ''}, {[status]: aDpkgStatus({three: '3'})}],
      ['three 3'],
    ],
  ];
  test.each(cases)('%s', async (_, layers, packages) => {
    expect(await named(await aBaseImage(layers))).toEqual(packages);
  });

  test('os-release is read through its link, and stays inside the image', async () => {
    const text = 'NAME="Slipway \\"Demo\\""\nID=demo\n# comment\nVERSION_ID=\'24.04\'\nBAD LINE\nX=\u001b[0m\n';
    const linked = await aBaseImage([{'etc/os-release': '-> ../usr/lib/os-release', 'usr/lib/os-release': text}]);
    const {osRelease} = await readPackages(linked.layout, linked.digest);
    expect(osRelease).toEqual({NAME: 'Slipway "Demo"', ID: 'demo', VERSION_ID: '24.04', X: '[0m'});
    const outside = await aBaseImage([{'etc/os-release': '-> ../../../../../../etc/passwd'}]);
    expect((await readPackages(outside.layout, outside.digest)).osRelease).toEqual({});
    const circle = await aBaseImage([
      {'etc/os-release': '-> /usr/lib/os-release', 'usr/lib/os-release': '-> /etc/os-release'},
    ]);
    expect((await readPackages(circle.layout, circle.digest)).osRelease).toEqual({});
  });

  test('may be compressed with zstd, whatever the media type says', async () => {
    const plain = await aBaseImage([{'etc/hosts': 'x'}, {[status]: aDpkgStatus({one: '1'})}]);
    const {manifest, config} = await readImage(plain.layout, plain.digest);
    const second = manifest.layers[1];
    if (!second) throw new Error('two layers were written');
    const blob = await writeBlob(plain.layout, zstdCompressSync(readFileSync(blobPath(plain.layout, second.digest))));
    const layers = [...manifest.layers.slice(0, 1), {...second, ...blob}];
    const {digest} = await writeImage(plain.layout, {manifest: {layers}, config, names: ['zstd']});
    expect(await named({...plain, digest})).toEqual(['one 1']);
  });

  test('size and creation time are the image’s', async () => {
    const image = await aBaseImage([lower, {'etc/hosts': 'x'}]);
    const {manifest} = await readImage(image.layout, image.digest);
    const read = await readPackages(image.layout, image.digest);
    expect(read).toMatchObject({
      created: '2026-03-01T00:00:00Z',
      size: manifest.layers.reduce((sum, {size}) => sum + size, 0),
    });
  });
});

describe('hostile layers are refused', () => {
  async function withLayer(bytes: Buffer): Promise<BaseImage> {
    const image = await aBaseImage([{'etc/hosts': 'x'}]);
    const {config} = await readImage(image.layout, image.digest);
    const blob = await writeBlob(image.layout, bytes);
    const layers = [{mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', ...blob}];
    return {...image, digest: (await writeImage(image.layout, {manifest: {layers}, config, names: []})).digest};
  }

  test.each([
    ['a path that climbs', {'../var/lib/dpkg/status': 'x'}, 'unsafe-entry'],
    ['a whiteout of nothing', {'var/.wh.': ''}, 'unsafe-entry'],
    ['a whiteout of the parent', {'var/.wh...': ''}, 'unsafe-entry'],
  ])('%s', async (_, files, kind) => {
    const image = await aBaseImage([files]);
    await expect(readPackages(image.layout, image.digest)).rejects.toMatchObject({name: 'OciError', kind});
  });

  test('what is no tar, and gzip that breaks off', async () => {
    const noise = await withLayer(gzipSync(Buffer.alloc(4096, 'x')));
    await expect(readPackages(noise.layout, noise.digest)).rejects.toMatchObject({kind: 'bad-tar'});
    const tar = await aBaseImage([{[status]: aDpkgStatus({one: '1'})}]);
    const [layer] = (await readImage(tar.layout, tar.digest)).manifest.layers;
    if (!layer) throw new Error('one layer was written');
    const cut = await withLayer(readFileSync(blobPath(tar.layout, layer.digest)).subarray(0, 60));
    await expect(readPackages(cut.layout, cut.digest)).rejects.toMatchObject({kind: 'bad-tar'});
  });

  test('a layer that is not what its digest says, or is not there', async () => {
    const image = await aBaseImage([{[status]: aDpkgStatus({one: '1'})}]);
    const [layer] = (await readImage(image.layout, image.digest)).manifest.layers;
    if (!layer) throw new Error('one layer was written');
    const path = blobPath(image.layout, layer.digest);
    chmodSync(path, 0o600);
    truncateSync(path, 30);
    await expect(readPackages(image.layout, image.digest)).rejects.toMatchObject({kind: 'digest-mismatch'});
    const elsewhere = {...layer, digest: `sha256:${'0'.repeat(64)}`};
    const {config} = await readImage(image.layout, image.digest);
    writeFileSync(blobPath(image.layout, elsewhere.digest), Buffer.alloc(layer.size));
    const {digest} = await writeImage(image.layout, {manifest: {layers: [elsewhere]}, config, names: []});
    await expect(readPackages(image.layout, digest)).rejects.toMatchObject({kind: 'digest-mismatch'});
  });

  test('a file that is too large is left out, and nothing stays behind', async () => {
    const image = await aBaseImage([
      {
        'etc/os-release': `A=${'x'.repeat(1024 * 1024)}\n`,
        'var/lib/rpm/rpmdb.sqlite': anRpmDatabase([aHeader({name: 'a', version: '1', release: '1'})]),
      },
    ]);
    const scratch = aDirectory();
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = scratch;
    try {
      const read = await readPackages(image.layout, image.digest);
      expect(read).toMatchObject({osRelease: {}, packages: [{name: 'a'}]});
      expect(readdirSync(scratch)).toEqual([]);
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
  });
});

describe('a bill of materials', () => {
  const cyclone = JSON.stringify({
    bomFormat: 'CycloneDX',
    components: [
      {type: 'library', name: 'libc6', version: 'x', purl: 'pkg:deb/ubuntu/libc6@2.39-0ubuntu8?arch=amd64'},
      {
        type: 'library',
        name: 'zlib1g',
        purl: 'pkg:deb/ubuntu/zlib1g@1%3A1.3.dfsg-3.1?arch=amd64',
        components: [{purl: 'pkg:apk/alpine/musl@1.2.5-r0'}],
      },
      {type: 'library', name: 'express', purl: 'pkg:npm/express@4'},
      {purl: 7},
      null,
    ],
  });
  const spdx = JSON.stringify({
    spdxVersion: 'SPDX-2.3',
    packages: [
      {
        name: 'openssl-libs',
        versionInfo: 'x',
        externalRefs: [
          {referenceType: 'purl', referenceLocator: 'pkg:rpm/rhel/openssl-libs@3.0.7-6.el9?arch=x86_64&epoch=1'},
        ],
      },
      {name: 'none'},
    ],
  });
  const syft = JSON.stringify({
    artifacts: [
      {name: 'bash', version: '0:5.1.8-6.el9', type: 'rpm', metadata: {arch: 'x86_64'}},
      {name: 'lodash', version: '1', type: 'npm', purl: 'pkg:npm/lodash@1'},
    ],
    schema: {version: '16.0.0'},
  });

  test.each([
    [
      'CycloneDX',
      'cnb/sbom/1234abcd.cdx.json',
      cyclone,
      ['libc6 2.39-0ubuntu8', 'musl 1.2.5-r0', 'zlib1g 1:1.3.dfsg-3.1'],
    ],
    ['SPDX', 'var/lib/db/sbom/openssl.spdx.json', spdx, ['openssl-libs 1:3.0.7-6.el9']],
    ['Syft', 'cnb/sbom/1234abcd.syft.json', syft, ['bash 5.1.8-6.el9']],
  ])('of %s is read where there is no database', async (what, path, text, packages) => {
    const image = await aBaseImage([{[path]: text}]);
    expect(await named(image)).toEqual(packages);
    const {sources} = await readPackages(image.layout, image.digest);
    expect(sources).toEqual([{what, path, packages: packages.length}]);
  });

  test('stands in the layer that the label names, under any name', async () => {
    const image = await aBaseImage([{'etc/hosts': 'x'}, {'opt/bom.json': syft}], (diffIds) => ({
      Labels: {'io.buildpacks.base.sbom': diffIds[1] ?? ''},
    }));
    expect(await named(image)).toEqual(['bash 5.1.8-6.el9']);
    const unlabelled = await aBaseImage([{'opt/bom.json': syft}]);
    expect(await named(unlabelled)).toEqual([]);
  });

  test('in several formats counts once, and not at all beside a database', async () => {
    const both = {'cnb/sbom/a.cdx.json': cyclone, 'cnb/sbom/a.syft.json': syft};
    expect(await named(await aBaseImage([both]))).toHaveLength(3);
    expect(await named(await aBaseImage([{...both, [status]: aDpkgStatus({one: '1'})}]))).toEqual(['one 1']);
  });

  test('helps where the database cannot be read', async () => {
    const image = await aBaseImage([{'var/lib/rpm/Packages': 'bdb', 'cnb/sbom/a.syft.json': syft}]);
    const read = await readPackages(image.layout, image.digest);
    expect(read.sources.map(({what}) => what)).toEqual(['Syft']);
    expect(read.unread).toHaveLength(1);
  });

  test.each([
    ['no JSON', '{"bomFormat": '],
    ['other JSON', '{"hello": "world"}'],
    ['a list', '[1, 2]'],
    ['nothing', ''],
  ])('that is %s is said and stops nothing', async (_, text) => {
    const image = await aBaseImage([{'cnb/sbom/a.cdx.json': text}]);
    const read = await readPackages(image.layout, image.digest);
    expect(read).toMatchObject({packages: [], sources: [], unread: [{path: 'cnb/sbom/a.cdx.json'}]});
  });
});

test('an image without any of it has no packages and no sources', async () => {
  const image = await aBaseImage([{'etc/hosts': 'x'}], {}, aDirectory());
  expect(await readPackages(image.layout, image.digest)).toMatchObject({packages: [], sources: [], unread: []});
});
