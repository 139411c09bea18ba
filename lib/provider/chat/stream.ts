import { breakOf, type ChatJob, connectionLost, responseHeaders, settle } from './chat-job.ts';
import { chunkWriter } from './chat-shapes.ts';

/** Streams one chat answer: headers first, then each piece when it is due, whether or not anybody reads. */
export async function streamChat(job: ChatJob): Promise<Response> {
  const { simulator, call, plan, signal } = job;
  try {
    await simulator.clock.sleep(plan.pace.headersMs, signal);
  } catch (aborted) {
    settle(job, 'aborted', 0);
    throw aborted;
  }
  Object.assign(call, { status: 200, headersMs: simulator.clock.now() });
  const headers = { ...responseHeaders(job), 'content-type': 'text/event-stream; charset=utf-8' };
  return new Response(streamBody(job), { headers });
}

function streamBody(job: ChatJob): ReadableStream<Uint8Array> {
  const gone = new AbortController();
  const onAbort = () => gone.abort(job.signal.reason);
  if (job.signal.aborted) onAbort();
  job.signal.addEventListener('abort', onAbort, { once: true });
  return new ReadableStream<Uint8Array>({
    start(controller) {
      // Not awaited: a stream whose start is pending cannot be cancelled.
      void pump(job, controller, gone.signal).finally(() => job.signal.removeEventListener('abort', onAbort));
    },
    cancel: () => gone.abort(new DOMException('The reader went away.', 'AbortError')),
  });
}

/** Writes the stream. Ends the call in the ledger in every case and never rejects. */
async function pump(
  job: ChatJob,
  controller: ReadableStreamDefaultController<Uint8Array>,
  gone: AbortSignal,
): Promise<void> {
  const { simulator, call, plan, vendor, body, effect } = job;
  const { clock } = simulator;
  const write = chunkWriter(plan, vendor, body.stream_options?.include_usage === true);
  const fault = breakOf(effect);
  let tokens = 0;
  let sent = 0;
  let broken = false;
  const until = async (dueMs: number) => {
    const waitMs = call.startMs + dueMs - clock.now();
    if (waitMs > 0) await clock.sleep(waitMs, gone);
  };
  try {
    enqueue(controller, write.promptFilter() + write.role());
    for (const piece of plan.pieces) {
      if (fault && tokens >= fault.afterTokens) {
        await clock.sleep(fault.silenceMs, gone);
        broken = true;
        throw connectionLost();
      }
      tokens += piece.tokens;
      await until(plan.pace.tokenDueMs(tokens));
      call.firstTokenMs ??= clock.now();
      sent += 1;
      enqueue(controller, write.text(piece.text));
    }
    settle(job, 'answered', sent);
    enqueue(controller, write.finish() + write.usage(call.tokens) + write.done());
    controller.close();
  } catch (error) {
    settle(job, broken ? 'broken' : 'aborted', sent);
    controller.error(error);
  }
}

const encoder = new TextEncoder();

/**
 * Hands bytes to the reader. A network does not respect characters, so a chunk that holds more than ASCII is cut
 * inside its first such character.
 */
function enqueue(controller: ReadableStreamDefaultController<Uint8Array>, text: string): void {
  const bytes = encoder.encode(text);
  const wide = bytes.findIndex((byte) => byte >= 0x80);
  if (wide >= 0) controller.enqueue(bytes.subarray(0, wide + 1));
  controller.enqueue(bytes.subarray(wide + 1));
}
