// node sbom.mjs VERSION SHA256: prints a CycloneDX 1.5 document that names the Node.js of this layer. The same input gives the same bytes.
const [version, sha256] = process.argv.slice(2);
const reference = `pkg:generic/node@${version}`;

const document = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  version: 1,
  components: [
    {
      type: 'application',
      'bom-ref': reference,
      name: 'node',
      version,
      hashes: [{alg: 'SHA-256', content: sha256}],
      licenses: [{license: {id: 'MIT'}}],
      cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`,
      purl: reference,
    },
  ],
  dependencies: [{ref: reference}],
};
process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
