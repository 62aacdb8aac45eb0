// Where the tag of a base image points now: asked as cheaply as its place allows, and nothing is copied.
import {stat} from 'node:fs/promises';
import {readImage} from '../oci/image-layout.ts';
import {mediaTypes} from '../oci/media-types.ts';
import {type ImageReference, parseReference} from '../oci/reference.ts';
import {isAbsolute} from 'node:path';
import {findBaseImage} from './base-images.ts';
import {heldDirectory, inWords, withRegistry} from './foreign-image.ts';
import {Refusal} from './refusal.ts';
import type {StatePaths} from './state-paths.ts';

export type TagDigests = {
  /** The digest of the image that the reference names now. Refused in words when its place cannot be read. */
  digestOf(reference: string): Promise<string>;
};

/**
 * A registry is asked with HEAD, a layout for its index; an archive is read again when its time or size changed. What stands
 * behind an index of several platforms is looked up when the index itself changed.
 */
export function createTagDigests(paths: StatePaths, env: NodeJS.ProcessEnv = process.env): TagDigests {
  const known = new Map<string, {readonly mark: string; readonly digest: string}>();
  return {
    async digestOf(reference) {
      const what = `base image "${reference}"`;
      try {
        const seen = await lookAt(parsed(reference), reference, env);
        if (seen.digest !== undefined) return seen.digest;
        const before = known.get(reference);
        if (before?.mark === seen.mark) return before.digest;
        const {digest} = (await findBaseImage(reference, paths, env)).base;
        known.set(reference, {mark: seen.mark, digest});
        return digest;
      } catch (cause) {
        throw inWords(what, cause);
      }
    },
  };
}

/** Whether a reference can point to something else tomorrow; one with a digest cannot. */
export function canMove(reference: string): boolean {
  const found = parsed(reference);
  return found.kind !== 'registry' || found.digest === undefined;
}

function parsed(reference: string): ImageReference {
  return isAbsolute(reference) ? parseReference(`docker-archive:${reference}`) : parseReference(reference);
}

/** `digest`: the image's own. `mark`: something that changes whenever the image does. */
type Seen = {readonly digest: string} | {readonly digest?: undefined; readonly mark: string};

async function lookAt(found: ImageReference, reference: string, env: NodeJS.ProcessEnv): Promise<Seen> {
  switch (found.kind) {
    case 'registry': {
      const head = await withRegistry((client) => client.headManifest(found), env);
      if (!head) throw new Refusal('not-found', `base image "${reference}": the registry has no such tag`);
      return isIndex(head.mediaType) ? {mark: head.digest} : {digest: head.digest};
    }
    case 'layout':
      return {digest: (await readImage(await heldDirectory(found.directory), found.tag)).digest};
    case 'archive': {
      const {mtimeMs, size, ino} = await stat(found.file);
      return {mark: `${mtimeMs} ${size} ${ino}`};
    }
    default:
      return found satisfies never;
  }
}

function isIndex(mediaType: string): boolean {
  return mediaType === mediaTypes.index || mediaType === 'application/vnd.docker.distribution.manifest.list.v2+json';
}
