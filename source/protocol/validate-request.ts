// The check at the controller's door: every request of a client, field by field, before anything acts on it.
import {z} from 'zod';
import {intentSchema} from './intent-schema.ts';
import type {MethodName, Methods, Request} from './message.ts';
import {ProtocolError} from './protocol-error.ts';
import {problemsInWords} from './schema-problems.ts';
import {buildNumber, filledText, resourceName} from './schema-words.ts';

/**
 * The value as a request whose parameters are what its method takes. Throws ProtocolError (`invalid`) that names each wrong
 * field with what was expected and what came; values of env variables and bindings are never repeated.
 */
export function validateRequest(value: unknown): Request {
  const envelope = checked(envelopeSchema, value, 'request');
  const schema: z.ZodType<Methods[MethodName]['params']> = paramsSchemas[envelope.method];
  return {id: envelope.id, method: envelope.method, params: checked(schema, envelope.params ?? {}, envelope.method)};
}

const nothing = z.strictObject({});
const position = z.int();
const count = z.int().min(0);
/** What a base image is named by: longer than any path or registry name is no reference. */
const reference = filledText.max(5000);
const builtImage = {namespace: resourceName, name: resourceName, digest: z.string().max(200).optional()};
const absolutePath = filledText
  .max(4096)
  .refine((path) => /^([/\\]|[A-Za-z]:[/\\])/.test(path), 'expected an absolute path');
const buildRef = z.strictObject({namespace: resourceName, image: resourceName, number: buildNumber});

const paramsSchemas: {readonly [M in MethodName]: z.ZodType<Methods[M]['params']>} = {
  // Loose: a client of another protocol is to be told so, not that its fields are unknown.
  hello: z.looseObject({protocol: z.number(), version: z.string().max(100)}),
  subscribe: nothing,
  intent: z.strictObject({intent: intentSchema, dryRun: z.boolean().optional()}),
  readLog: z.strictObject({build: buildRef, from: position, count}),
  readLogBytes: z.strictObject({build: buildRef, from: count}),
  logSections: z.strictObject({build: buildRef}),
  searchLog: z.strictObject({
    build: buildRef,
    pattern: z.string().max(2000),
    regex: z.boolean().optional(),
    from: count,
    limit: z.int().min(1),
  }),
  logLineAt: z.strictObject({build: buildRef, at: z.number()}),
  followLog: z.strictObject({build: buildRef, from: position}),
  unfollow: z.strictObject({follow: z.int()}),
  readEvents: z.strictObject({
    since: z.number().optional(),
    afterSequence: count.optional(),
    limit: z.int().min(1),
  }),
  inspectImage: z.strictObject({namespace: resourceName, name: resourceName, digest: z.string().max(200).optional()}),
  exportImage: z.strictObject({...builtImage, to: reference, force: z.boolean().optional()}),
  writeSbom: z.strictObject({...builtImage, directory: absolutePath, force: z.boolean().optional()}),
  imageCaches: z.strictObject({
    namespace: resourceName.optional(),
    name: resourceName.optional(),
    purge: z.boolean().optional(),
  }),
  baseDifference: z.strictObject({
    from: z.discriminatedUnion('kind', [
      z.strictObject({kind: z.literal('stack'), name: resourceName}),
      z.strictObject({kind: z.literal('image'), reference}),
    ]),
    to: reference,
    scan: z.boolean().optional(),
  }),
  status: nothing,
  stop: z.strictObject({cancelBuilds: z.boolean().optional()}),
};

const envelopeSchema = z.strictObject({
  id: z.int().min(1),
  method: z.enum(Object.keys(paramsSchemas) as MethodName[]),
  params: z.unknown().optional(),
});

function checked<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new ProtocolError(`${what}: ${problemsInWords(result.error, value)}`, {broken: false});
}
