// The filters of `image list`: any value of a filter, all filters together (kpack-cli `pkg/commands/image/list_filter.go`).
import {latestBuild} from '../../state/image-status.ts';
import type {ImageRecord, State} from '../../state/state.ts';
import {usageError} from '../command-error.ts';
import {readyCondition} from '../resources/image-condition.ts';

export type ImageFilter = (record: ImageRecord, state: State) => boolean;

/** One test made of all filters; throws for a filter that is none. */
export function parseImageFilters(filters: readonly string[]): ImageFilter {
  const tests = filters.map(parseFilter);
  return (record, state) => tests.every((test) => test(record, state));
}

function parseFilter(filter: string): ImageFilter {
  const [name, value = ''] = splitOnce(filter, '=');
  const values = value.toLowerCase().split(',');
  switch (filter.includes('=') ? name : '') {
    case 'builder':
      return ({image}) => image.spec.builder.kind === 'Builder' && image.spec.builder.name === value;
    case 'clusterbuilder':
      return ({image}) => image.spec.builder.kind === 'ClusterBuilder' && image.spec.builder.name === value;
    case 'latest-reason':
      return (record) => (latestBuild(record)?.changes ?? []).some(({reason}) => values.includes(reason.toLowerCase()));
    case 'ready':
      return (record, state) => values.includes(readyCondition(record, state).status.toLowerCase());
    default:
      throw usageError(
        `invalid filter argument "${filter}"; expected builder=, clusterbuilder=, latest-reason= or ready=`,
      );
  }
}

function splitOnce(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
