// The faces of the one stream of events that are no screen: plain lines, JSON, outcomes only, and sentences for a screen reader.
// Each is a pure function of an event, so that whatever shows them loses nothing and says the same.
import type {Event, RecordedEvent} from '../../domain/event.ts';
import {cleanLogText} from '../view-models/log-text.ts';
import {eventSentence} from './event-sentence.ts';

export type Face = 'plain' | 'json' | 'quiet' | 'accessible';

/** The lines of an event; none where the face has nothing to say about it. */
export function faceLines(face: Face, {sequence, event}: RecordedEvent): readonly string[] {
  switch (face) {
    case 'plain':
      return sentenceOf(event).map((text) => `#${sequence} ${new Date(event.at).toISOString().slice(11, 19)} ${text}`);
    case 'json':
      return [JSON.stringify({schema: jsonSchemaName, sequence, ...event})];
    case 'quiet':
      return isOutcome(event) ? sentenceOf(event) : [];
    case 'accessible':
      return isChange(event) ? sentenceOf(event) : [];
    default:
      return face satisfies never;
  }
}

/** Stands in every line of the JSON face; raised when a field changes its meaning. */
export const jsonSchemaName = 'slipway.event/1';

/** What every line of the JSON face keeps; further fields depend on `kind`. */
export const jsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: jsonSchemaName,
  type: 'object',
  required: ['schema', 'sequence', 'at', 'kind'],
  properties: {
    schema: {const: jsonSchemaName},
    sequence: {type: 'integer', minimum: 1},
    at: {type: 'integer', description: 'milliseconds since the epoch'},
    kind: {type: 'string', pattern: '^[a-z]+\\.[a-z-]+$'},
  },
} as const;

/** Whatever a build or a source said is cleaned: a line is a line, and moves no cursor. */
function sentenceOf(event: Event): readonly string[] {
  const text = eventSentence(event);
  return text === undefined ? [] : [cleanLogText(text.replaceAll(/\s+/g, ' '), false)];
}

function isOutcome({kind}: Event): boolean {
  return ['build.succeeded', 'build.failed', 'build.cancelled', 'patch.closed'].includes(kind);
}

/** At most one line for each change of state: what begins and ends, not each step between. */
function isChange({kind}: Event): boolean {
  return !['buildpack.started', 'buildpacks.detected', 'phase.started', 'source.resolved'].includes(kind);
}
