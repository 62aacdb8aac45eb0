// Media types of the OCI image specification, which we write, and those of Docker's schema 2, which we also read.

export const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layerTar: 'application/vnd.oci.image.layer.v1.tar',
  layerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  layerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
} as const;

const dockerEquivalents: Readonly<Record<string, string>> = {
  'application/vnd.docker.distribution.manifest.list.v2+json': mediaTypes.index,
  'application/vnd.docker.distribution.manifest.v2+json': mediaTypes.manifest,
  'application/vnd.docker.container.image.v1+json': mediaTypes.config,
  'application/vnd.docker.image.rootfs.diff.tar': mediaTypes.layerTar,
  'application/vnd.docker.image.rootfs.diff.tar.gzip': mediaTypes.layerGzip,
};

/** The OCI media type that says the same as a Docker one; any other comes back unchanged. */
export function toOciMediaType(mediaType: string): string {
  return dockerEquivalents[mediaType] ?? mediaType;
}

/** Does this media type, OCI's or Docker's, name an index of manifests? */
export function isIndexType(mediaType: string | undefined): boolean {
  return mediaType !== undefined && toOciMediaType(mediaType) === mediaTypes.index;
}

/** Does this media type, OCI's or Docker's, name the manifest of one image? */
export function isManifestType(mediaType: string | undefined): boolean {
  return mediaType !== undefined && toOciMediaType(mediaType) === mediaTypes.manifest;
}
