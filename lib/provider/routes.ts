import { answerBatch, createBatch, listBatches } from './batch/batches.ts';
import { answerFile, listFiles, uploadFile } from './batch/uploads.ts';
import { chat } from './chat/chat.ts';
import { answerStoredChat, listChats } from './chat/stored-chats.ts';
import { embeddings } from './embeddings/embeddings.ts';
import { images } from './media/images.ts';
import { speech } from './media/speech.ts';
import { answerModels } from './model-list.ts';
import { moderate } from './moderations.ts';
import {
  answerConversation,
  answerConversationItem,
  answerConversationItems,
  createConversation,
} from './responses/conversations.ts';
import { countInputTokens } from './responses/input-tokens.ts';
import { responses } from './responses/responses.ts';
import { answerStoredResponse } from './responses/stored-responses.ts';
import { serveModel, type Visit } from './visit.ts';
import type { WireAnswer } from './wire.ts';

/** One route of the provider, as OpenAI and Azure OpenAI serve it. */
export interface Route {
  method: 'get' | 'post' | 'delete';
  /** Below `/v1` at OpenAI; `:name` stands for one part of it. */
  path: string;
  answer(visit: Visit): Promise<WireAnswer>;
}

export const routes: readonly Route[] = [
  { method: 'post', path: '/chat/completions', answer: (visit) => serveModel(visit, chat) },
  { method: 'post', path: '/embeddings', answer: (visit) => serveModel(visit, embeddings) },
  { method: 'post', path: '/images/generations', answer: (visit) => serveModel(visit, images) },
  { method: 'post', path: '/audio/speech', answer: (visit) => serveModel(visit, speech) },
  { method: 'post', path: '/responses', answer: (visit) => serveModel(visit, responses) },
  { method: 'get', path: '/responses/:id', answer: answerStoredResponse },
  { method: 'delete', path: '/responses/:id', answer: answerStoredResponse },
  { method: 'get', path: '/responses/:id/input_items', answer: answerStoredResponse },
  { method: 'post', path: '/responses/input_tokens', answer: countInputTokens },
  { method: 'post', path: '/conversations', answer: createConversation },
  { method: 'get', path: '/conversations/:id', answer: answerConversation },
  { method: 'post', path: '/conversations/:id', answer: answerConversation },
  { method: 'delete', path: '/conversations/:id', answer: answerConversation },
  { method: 'get', path: '/conversations/:id/items', answer: answerConversationItems },
  { method: 'post', path: '/conversations/:id/items', answer: answerConversationItems },
  { method: 'get', path: '/conversations/:id/items/:item', answer: answerConversationItem },
  { method: 'delete', path: '/conversations/:id/items/:item', answer: answerConversationItem },
  { method: 'get', path: '/chat/completions', answer: listChats },
  { method: 'get', path: '/chat/completions/:id', answer: answerStoredChat },
  { method: 'post', path: '/chat/completions/:id', answer: answerStoredChat },
  { method: 'delete', path: '/chat/completions/:id', answer: answerStoredChat },
  { method: 'get', path: '/chat/completions/:id/messages', answer: answerStoredChat },
  { method: 'post', path: '/moderations', answer: moderate },
  { method: 'get', path: '/models', answer: answerModels },
  { method: 'get', path: '/models/:id', answer: answerModels },
  { method: 'post', path: '/files', answer: uploadFile },
  { method: 'get', path: '/files', answer: listFiles },
  { method: 'get', path: '/files/:id', answer: answerFile },
  { method: 'get', path: '/files/:id/content', answer: answerFile },
  { method: 'delete', path: '/files/:id', answer: answerFile },
  { method: 'post', path: '/batches', answer: createBatch },
  { method: 'get', path: '/batches', answer: listBatches },
  { method: 'get', path: '/batches/:id', answer: answerBatch },
  { method: 'post', path: '/batches/:id/cancel', answer: answerBatch },
];

/** A route and where in the path its names are. */
export interface FoundRoute extends Route {
  names: readonly (readonly [name: string, at: number])[];
}

/** The route of a request; which methods its path allows, if that one is not among them. */
export function findRoute(
  method: string,
  segments: readonly string[],
): FoundRoute | { allowed: string[] } | undefined {
  const fitting = (byFirst.get(segments[0] ?? '') ?? []).filter(({ parts }) => fits(parts, segments));
  const asked = method === 'HEAD' ? 'get' : method.toLowerCase();
  const found = fitting.find(({ route }) => route.method === asked);
  if (found) return found.route;
  return fitting.length > 0 ? { allowed: fitting.map(({ route }) => route.method) } : undefined;
}

interface Entry {
  parts: readonly string[];
  route: FoundRoute;
}

const byFirst = new Map<string, Entry[]>();
for (const route of routes) {
  const parts = route.path.slice(1).split('/');
  const names = parts.flatMap((part, at) => (part.startsWith(':') ? [[part.slice(1), at] as const] : []));
  const entries = byFirst.get(parts[0] as string) ?? [];
  byFirst.set(parts[0] as string, [...entries, { parts, route: { ...route, names } }]);
}

function fits(parts: readonly string[], segments: readonly string[]): boolean {
  if (parts.length !== segments.length) return false;
  return parts.every((part, at) => (part.startsWith(':') ? segments[at] !== '' : part === segments[at]));
}
