import { plainUrl } from '../address.ts';
import type { Core } from '../core.ts';
import {
  bytesOf,
  type EventStream,
  pickHeaders,
  type WireAnswer,
  type WireForm,
  type WireRequest,
} from '../wire.ts';

/** A request that the provider does not serve. Nothing here ever reaches the network. */
export class NetworkRefused extends TypeError {
  override readonly name = 'NetworkRefused';
  readonly url: string;

  constructor(method: string, url: string) {
    super(
      `${method} ${url} was not sent: the workbook has no network, only its simulated provider. ` +
        'Use the client that the lab hands you, and one of the routes that the provider serves.',
    );
    this.url = url;
  }
}

/** The provider as a `fetch`: for the SDK, and in labs for the whole process. */
export function createFetch(core: Core, onRefused?: (url: string) => void): typeof fetch {
  return async (input, init) => {
    const asked = input instanceof Request ? input : undefined;
    const signal = init?.signal ?? asked?.signal;
    const url = plainUrl(asked ? asked.url : (input as string | URL)) ?? String(input);
    const method = (init?.method ?? asked?.method ?? 'GET').toUpperCase();
    signal?.throwIfAborted();
    const body = bodyOf(asked, init) ?? (await readBody(new Request(input, init)));
    const given = init?.headers ?? asked?.headers;
    const headers = given instanceof Headers ? given : new Headers(given);
    // With the body in hand the core sees the request at once, in the order in which clients call.
    const answered = core({
      method,
      url,
      headers: pickHeaders((name) => headers.get(name)),
      ...body,
      signal,
    });
    if (answered) return toResponse(await answered, signal);
    onRefused?.(url);
    throw new NetworkRefused(method, url);
  };
}

type Body = Pick<WireRequest, 'text' | 'form'>;

/** A body that is in hand; undefined if it must be read first. */
function bodyOf(asked: Request | undefined, init: RequestInit | undefined): Body | undefined {
  const { body } = init ?? {};
  if (typeof body === 'string') return { text: body };
  if (body instanceof FormData) return { text: '', form: formOf(body) };
  return body == null && !asked ? { text: '' } : undefined;
}

/** The body of a request, whatever it is made of. A form that is none reads as nothing. */
export async function readBody(request: Request): Promise<Body> {
  if (!request.headers.get('content-type')?.startsWith('multipart/')) return { text: await request.text() };
  const form = await request.formData().catch(() => undefined);
  return { text: '', form: form && formOf(form) };
}

function formOf(form: FormData): WireForm {
  const bytesOfFile = async (file: File) => new Uint8Array(await file.arrayBuffer());
  return new Map(
    [...form].map(([name, value]) => [
      name,
      typeof value === 'string'
        ? value
        : { name: value.name, size: value.size, bytes: () => bytesOfFile(value) },
    ]),
  );
}

/** An answer as the fetch API has it. */
export function toResponse(
  { status, headers, body }: WireAnswer,
  signal: AbortSignal | null | undefined,
): Response {
  const isWhole = typeof body === 'string' || body instanceof Uint8Array;
  return new Response(isWhole ? (body as BodyInit) : readable(body, signal ?? undefined), {
    status,
    headers,
  });
}

/** Aborting is wired here: the core hears of it, and the reader gets the error that the core makes of it. */
function readable(stream: EventStream, signal: AbortSignal | undefined): ReadableStream<Uint8Array> {
  let stop: (reason: unknown) => void;
  const onAbort = () => stop(signal?.reason);
  const over = () => signal?.removeEventListener('abort', onAbort);
  return new ReadableStream<Uint8Array>({
    start(controller) {
      stop = stream.flow({
        write: (text) => {
          for (const bytes of bytesOf(text)) controller.enqueue(bytes);
        },
        end: () => {
          over();
          controller.close();
        },
        fail: (error) => {
          over();
          controller.error(error);
        },
      });
      if (signal?.aborted) onAbort();
      else signal?.addEventListener('abort', onAbort, { once: true });
    },
    cancel: () => stop(new DOMException('The reader went away.', 'AbortError')),
  });
}
