// The words of the client as commands use them.
import type {Client} from '../client/client.ts';

export type Intent = Parameters<Client['send']>[0];
export type IntentResult = Awaited<ReturnType<Client['send']>>;
export type IntentOf<K extends Intent['kind']> = Extract<Intent, {readonly kind: K}>;
export type ImageEdit = IntentOf<'image.save'>['edit'];
export type BuilderEdit = IntentOf<'builder.save'>['edit'];
export type Edit = IntentOf<'apply'>['edits'][number];
export type Applied = NonNullable<IntentResult['applied']>[number];
export type SaveMode = IntentOf<'image.save'>['mode'];
export type Outlook = IntentResult['outlook'][number];
export type ImageInspection = Awaited<ReturnType<Client['inspectImage']>>;
export type ImageCache = Awaited<ReturnType<Client['imageCaches']>>['caches'][number];
export type LogLine = Parameters<Parameters<Client['followLog']>[2]>[0][number];
export type RecordedEvent = Awaited<ReturnType<Client['readEvents']>>[number];
