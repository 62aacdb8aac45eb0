// References: defaults as go-containerregistry fills them in, and nothing hostile gets through.
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {isDigest, parseDigest, sha256Of} from '../../source/oci/digest.ts';
import {OciError} from '../../source/oci/oci-error.ts';
import {comparableName, formatReference, type ImageReference, parseReference} from '../../source/oci/reference.ts';

const digest = sha256Of('slipway');

test.each<[string, string]>([
  ['ubuntu', 'index.docker.io/library/ubuntu:latest'],
  ['ubuntu:noble', 'index.docker.io/library/ubuntu:noble'],
  ['docker.io/ubuntu', 'index.docker.io/library/ubuntu:latest'],
  ['index.docker.io/ubuntu:1', 'index.docker.io/library/ubuntu:1'],
  ['acme/app', 'index.docker.io/acme/app:latest'],
  ['ghcr.io/acme/app:1.2', 'ghcr.io/acme/app:1.2'],
  ['localhost/app', 'localhost/app:latest'],
  ['localhost:5000/app', 'localhost:5000/app:latest'],
  ['[::1]:5000/app:x', '[::1]:5000/app:x'],
  ['127.0.0.1:5000/a/b/c:x', '127.0.0.1:5000/a/b/c:x'],
  [`ghcr.io/acme/app@${digest}`, `ghcr.io/acme/app@${digest}`],
  [`ghcr.io/acme/app:1@${digest}`, `ghcr.io/acme/app:1@${digest}`],
  ['oci:/srv/layout', 'oci:/srv/layout'],
  ['oci:/srv/layout:1.2', 'oci:/srv/layout:1.2'],
  ['oci:/srv/a:b/layout', 'oci:/srv/a:b/layout'],
  ['oci:layout:b1', 'oci:layout:b1'],
  ['docker-archive:/tmp/x', 'docker-archive:/tmp/x'],
  ['./images/app.tar', 'docker-archive:./images/app.tar'],
])('%s means %s', (text, full) => {
  expect(formatReference(parseReference(text))).toBe(full);
});

test.each([
  '',
  ' ',
  'a',
  'Acme/App',
  'ghcr.io/',
  'ghcr.io//app',
  'ghcr.io/acme/../etc',
  'ghcr.io/./app',
  'ghcr.io/acme/app:',
  'ghcr.io/acme/app:a b',
  `ghcr.io/acme/app:${'t'.repeat(129)}`,
  `ghcr.io/${'a'.repeat(256)}`,
  `ghcr.io/acme/app@sha256:abc`,
  `ghcr.io/acme/app@sha512:${'0'.repeat(128)}`,
  `ghcr.io/acme/app@${digest}@${digest}`,
  'user:secret@ghcr.io/acme/app',
  'http://ghcr.io/acme/app',
  '-host.io/acme/app',
  'host..io/acme/app',
  'host.io:99999/acme/app',
  'host.io:port/acme/app',
  'ghcr.io/acme/app\n',
  'ghcr.io/acme/\u001B[2Japp',
  'oci:',
  'oci::tag',
  'oci:/srv/../etc',
  'oci:/srv/a\u0000b',
  'oci:/srv/layout:a tag',
  `oci:/${'x'.repeat(5000)}`,
  'docker-archive:',
  'docker-archive:../x.tar',
  '../x.tar',
])('refuses %j in words that cannot steer a terminal', (text) => {
  const failure = thrownBy(() => parseReference(text));
  expect(failure).toMatchObject({
    kind: 'bad-reference',
    message: expect.stringContaining('Expected an image reference with'),
  });
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  expect((failure as Error).message).not.toMatch(/[\u0000-\u001F]/);
});

test.each([
  ['acme/run:noble', `acme/run:noble@${digest}`, true],
  ['acme/run', 'docker.io/acme/run:latest', true],
  ['acme/run:noble', 'acme/run:noble-2', false],
  ['not a name', 'not a name', true],
  ['not a name', 'acme/run', false],
])('as names of run images %s and %s are the same: %s', (left, right, isSame) => {
  expect(comparableName(left) === comparableName(right)).toBe(isSame);
});

test('any text is either refused with an OciError or read so that writing and reading it again changes nothing', () => {
  const text = fc.oneof(
    fc.string({unit: 'binary'}),
    fc.stringMatching(/^(oci:|docker-archive:)?[a-z0-9._/:@-]{0,40}(\.tar)?$/),
    fc.stringMatching(/^[a-z]{1,5}\.io(:\d{1,4})?\/[a-z0-9/._-]{2,20}(:[A-Za-z0-9]{1,5})?$/),
  );
  fc.assert(
    fc.property(text, (input) => {
      const read = readOrNothing(input);
      if (read) expect(parseReference(formatReference(read))).toEqual(read);
    }),
    {numRuns: 500},
  );
});

test('a digest has one spelling', () => {
  expect(parseDigest(digest)).toBe(digest);
  for (const wrong of [
    '',
    digest.toUpperCase(),
    `${digest}0`,
    digest.slice(7),
    `${digest}\n`,
    'sha256:../../etc/passwd',
  ]) {
    expect(isDigest(wrong)).toBe(false);
    expect(thrownBy(() => parseDigest(wrong))).toMatchObject({kind: 'bad-digest'});
  }
});

function thrownBy(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

function readOrNothing(text: string): ImageReference | undefined {
  const outcome = thrownBy(() => parseReference(text));
  if (outcome instanceof Error) {
    expect(outcome).toBeInstanceOf(OciError);
    return undefined;
  }
  return outcome as ImageReference;
}
