// The client's types as the dashboard uses them; the messages themselves belong to the protocol.
import type {Client} from '../client/client.ts';

export type {Client, Connection} from '../client/client.ts';
export type Intent = Parameters<Client['send']>[0];
export type IntentResult = Awaited<ReturnType<Client['send']>>;
export type Outlook = IntentResult['outlook'][number];
export type LogLine = Awaited<ReturnType<Client['readLog']>>['lines'][number];
export type LogSection = Awaited<ReturnType<Client['logSections']>>[number];
