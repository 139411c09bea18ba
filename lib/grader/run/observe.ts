import type { CallUsage, RunEvent } from '../../workbook/run-events.ts';

type Fetch = typeof globalThis.fetch;

/** The parts of an answer, whole or streamed, that are read. */
interface Answer {
  choices?: { delta?: { content?: string | null }; message?: { content?: string | null } }[];
  usage?: {
    prompt_tokens: number;
    /** Embeddings have none. */
    completion_tokens?: number;
    prompt_tokens_details?: { cached_tokens?: number };
  } | null;
}

/** A fetch that tells what passes through it: each question, the words of the answer as they come, and the end. */
export function observe(inner: Fetch, now: () => number, tell: (event: RunEvent) => void): Fetch {
  let calls = 0;
  return async (input, init) => {
    calls += 1;
    const id = calls;
    tell({ event: 'asked', id, atMs: now(), prompt: promptIn(init?.body) });
    const end = (status: number, how: 'complete' | 'stopped' | 'failed', usage?: CallUsage) =>
      tell({ event: 'ended', id, atMs: now(), status, how, ...(usage && { usage }) });
    try {
      const response = await inner(input, init);
      const text = (words: string, whole = false) =>
        words !== '' && tell({ event: 'text', id, atMs: now(), text: words, whole });
      if (response.headers.get('content-type')?.includes('text/event-stream') && response.body) {
        return new Response(
          follow(response.body, text, (how, usage) => end(response.status, how, usage)),
          response,
        );
      }
      const body = await response.text();
      const answer = parse(body);
      text(answer.choices?.[0]?.message?.content ?? '', true);
      end(response.status, response.ok ? 'complete' : 'failed', usageOf(answer));
      return new Response(body, response);
    } catch (error) {
      end(0, (error as Error).name === 'AbortError' ? 'stopped' : 'failed');
      throw error;
    }
  };
}

// --- helpers -----------------------------------------------------------------------------------------------------

/** Passes a stream on chunk by chunk, so that whoever stops reading it stops the sender too. */
function follow(
  body: ReadableStream<Uint8Array>,
  text: (words: string) => void,
  end: (how: 'complete' | 'stopped' | 'failed', usage?: CallUsage) => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  let usage: CallUsage | undefined;
  const read = (chunk: Uint8Array) => {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.startsWith('data: {')) continue;
      const answer = parse(line.slice('data: '.length));
      usage = usageOf(answer) ?? usage;
      text(answer.choices?.[0]?.delta?.content ?? '');
    }
  };
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) {
          end('complete', usage);
          controller.close();
        } else {
          read(value);
          controller.enqueue(value);
        }
      } catch (error) {
        end((error as Error).name === 'AbortError' ? 'stopped' : 'failed', usage);
        controller.error(error);
      }
    },
    cancel(reason) {
      end('stopped', usage);
      return reader.cancel(reason);
    },
  });
}

/** Text of the last message of a request. */
function promptIn(body: unknown): string {
  const { messages = [], input } = (typeof body === 'string' ? parse(body) : {}) as {
    messages?: { content?: unknown }[];
    input?: unknown;
  };
  // Texts to embed.
  if (input !== undefined) return `a vector for ${JSON.stringify(input)}`;
  const content = messages.at(-1)?.content;
  return typeof content === 'string' ? content : JSON.stringify(content ?? '');
}

function usageOf({ usage }: Answer): CallUsage | undefined {
  if (!usage) return undefined;
  const cached = usage.prompt_tokens_details?.cached_tokens ?? 0;
  return { input: usage.prompt_tokens, cached, output: usage.completion_tokens ?? 0 };
}

function parse(text: string): Answer {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return {};
  }
}
