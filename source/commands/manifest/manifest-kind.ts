// What a kind of manifest is to `apply`: its shape, the change it asks for, and the fields that mean nothing on one machine.
import {z} from 'zod';
import type {LocalFiles} from '../command-context.ts';
import type {Edit} from '../client-types.ts';

export type ManifestKind = {
  readonly kind: string;
  readonly schema: z.ZodType;
  /** Dotted paths that are taken and change nothing here; each is said. */
  readonly withoutEffect: Readonly<Record<string, string>>;
  /** Throws a CommandError when the fields contradict each other. The value has passed the schema. */
  edit(value: unknown, files: LocalFiles): Edit;
};

/** A kind of manifest, with its edit typed by its schema. */
export function manifestKind<S extends z.ZodType>({
  kind,
  schema,
  withoutEffect = {},
  edit,
}: {
  readonly kind: string;
  readonly schema: S;
  readonly withoutEffect?: Readonly<Record<string, string>>;
  readonly edit: (value: z.output<S>, files: LocalFiles) => Edit;
}): ManifestKind {
  return {kind, schema, withoutEffect, edit: (value, files) => edit(schema.parse(value), files)};
}

/** What every manifest has; what a cluster writes into `metadata` and `status` is passed over. */
export function manifestSchema<S extends z.ZodType>(spec: S) {
  return z.strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata: z.looseObject({
      name: z.string(),
      namespace: z.string().optional(),
      annotations: z.record(z.string(), z.string()).optional(),
    }),
    spec,
    status: z.unknown().optional(),
  });
}

/** A reference to another resource; its API version and namespace are the ones there are. */
export const referenceSchema = z.strictObject({
  kind: z.string().optional(),
  name: z.string(),
  namespace: z.string().optional(),
  apiVersion: z.string().optional(),
});

export const orderSchema = z.array(
  z.strictObject({
    group: z
      .array(
        z.strictObject({
          id: z.string().min(1),
          version: z.string().optional(),
          optional: z.boolean().optional(),
        }),
      )
      .min(1),
  }),
);

/** The object without the fields that are undefined. */
export function given<T extends object>(fields: T): {[K in keyof T]?: Exclude<T[K], undefined>} {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
