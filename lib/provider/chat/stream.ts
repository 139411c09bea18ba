import { openAiErrors, type Refusal } from '../errors.ts';
import { connectionLost, type EventStream, type Sink, type WireAnswer } from '../wire.ts';
import { chunkWriter } from './chat-shapes.ts';
import { breakOf, type ChatJob, settle } from './job.ts';
import { logprobsOf } from './logprobs.ts';
import type { ChatPiece } from './pieces.ts';
import { writeCompletion } from './whole.ts';

/** Turns the parts of an answer into the text of a surface's events. */
export interface EventWriter {
  /** Sent with the headers. */
  open(): string;
  piece(choice: number, piece: ChatPiece): string;
  malformed(): string;
  /** The server's error, which ends the stream. */
  failed(refusal: Refusal): string;
  /** Sent after the last piece, once the call is settled. */
  close(): string;
}

/** Streams one chat answer: headers first, then each piece when it is due, whether or not anybody reads. */
export async function streamChat(job: ChatJob, writer = chatEvents(job)): Promise<WireAnswer> {
  const { visit, call, paces, beganMs } = job;
  const { clock } = visit.simulator;
  const { signal } = visit.request;
  try {
    const headersMs = Math.min(...paces.map((pace) => pace.headersMs));
    await clock.sleep(beganMs + headersMs - clock.now(), signal);
  } catch (aborted) {
    settle(job, 'aborted', []);
    throw aborted;
  }
  Object.assign(call, { status: 200, headersMs: clock.now() });
  const headers = job.headers();
  const type = { 'content-type': 'text/event-stream; charset=utf-8' };
  return { status: 200, headers: { ...headers, ...type }, body: eventStream(job, writer) };
}

function chatEvents(job: ChatJob): EventWriter {
  const { plan, visit, body, call, deployment } = job;
  const write = chunkWriter(plan, visit.vendor, body.stream_options?.include_usage === true);
  const each = (text: (index: number) => string) => plan.choices.map((_, index) => text(index)).join('');
  const late = visit.vendor.name === 'azure' && deployment.asyncFilter;
  return {
    open: () => write.promptFilter() + each(write.role),
    piece: write.piece,
    malformed: write.malformed,
    failed: (refusal) => `data: ${JSON.stringify(visit.vendor.errorBody(refusal))}\n\n`,
    close: () => {
      if (body.store === true) writeCompletion(job);
      const offsets = late ? write.filterOffsets(0, call.answer.length) : '';
      return offsets + each(write.finish) + write.usage(call.tokens) + write.done();
    },
  };
}

function eventStream(job: ChatJob, writer: EventWriter): EventStream {
  return {
    flow(sink) {
      const gone = new AbortController();
      void pump(job, writer, sink, gone.signal);
      return (reason) => gone.abort(reason);
    },
  };
}

/** Writes the stream. Ends the call in the ledger in every case and never rejects. */
async function pump(job: ChatJob, writer: EventWriter, sink: Sink, gone: AbortSignal): Promise<void> {
  const { visit, call, beganMs } = job;
  const { clock } = visit.simulator;
  const fault = breakOf(job);
  const made = job.plan.choices.map(() => 0);
  let tokens = 0;
  let broken = false;
  let malformed = false;
  try {
    sink.write(writer.open());
    for (const { choice, piece, pieces, dueMs } of inOrder(job)) {
      if (fault && tokens >= fault.afterTokens && !malformed) {
        if (fault.how === 'malformed') {
          malformed = true;
          sink.write(writer.malformed());
        } else {
          await clock.sleep(fault.silenceMs, gone);
          broken = true;
          if (fault.how === 'lost') throw connectionLost();
          if (fault.how === 'failed') sink.write(writer.failed(openAiErrors.serverError()));
          settle(job, 'broken', made);
          return sink.end();
        }
      }
      tokens += piece.tokens;
      const waitMs = beganMs + dueMs - clock.now();
      if (waitMs > 0) await clock.sleep(waitMs, gone);
      call.firstTokenMs ??= clock.now();
      made[choice] = (made[choice] ?? 0) + pieces;
      sink.write(writer.piece(choice, piece));
    }
    await thinkToTheEnd(job, gone);
    settle(job, 'answered', made);
    sink.write(writer.close());
    sink.end();
  } catch (error) {
    settle(job, broken ? 'broken' : 'aborted', made);
    sink.fail(error);
  }
}

/** An answer whose cap went into reasoning has no piece to wait for. */
async function thinkToTheEnd({ visit, plan, paces, beganMs }: ChatJob, gone: AbortSignal): Promise<void> {
  const { clock } = visit.simulator;
  for (const [i, choice] of plan.choices.entries()) {
    if (choice.said.pieces.length > 0) continue;
    const waitMs = beganMs + (paces[i]?.firstTokenMs ?? 0) - clock.now();
    if (waitMs > 0) await clock.sleep(waitMs, gone);
  }
}

interface Due {
  choice: number;
  piece: ChatPiece;
  /** How many pieces of the plan are in it. */
  pieces: number;
  dueMs: number;
}

/** The pieces of all choices in the order in which they are due. */
function inOrder({ plan, paces, deployment }: ChatJob): Due[] {
  const due = plan.choices.flatMap(({ said: { pieces } }, choice) => {
    let tokens = 0;
    return chunksOf(pieces, deployment.chunkTokens).map((chunk): Due => {
      tokens += chunk.piece.tokens;
      return { choice, ...chunk, dueMs: paces[choice]?.tokenDueMs(tokens) ?? 0 };
    });
  });
  return plan.choices.length === 1 ? due : due.sort((a, b) => a.dueMs - b.dueMs);
}

/** Text in chunks of at least so many tokens; what is no text stays by itself. */
function chunksOf(all: readonly ChatPiece[], tokens: number): Pick<Due, 'piece' | 'pieces'>[] {
  const chunks: Pick<Due, 'piece' | 'pieces'>[] = [];
  for (const piece of all) {
    const last = chunks.at(-1);
    const isText = piece.tool === undefined && piece.refusal === undefined;
    if (!last || !isText || last.piece.tokens >= tokens) chunks.push({ piece, pieces: 1 });
    else {
      const { piece: begun, pieces } = last;
      const logprobs = logprobsOf([begun, piece]);
      const text = begun.text + piece.text;
      const joined = { text, tokens: begun.tokens + piece.tokens, ...(logprobs && { logprobs }) };
      chunks[chunks.length - 1] = { piece: joined, pieces: pieces + 1 };
    }
  }
  return chunks;
}
