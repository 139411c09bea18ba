import { openAiErrors } from '../errors.ts';
import { connectionLost, jsonAnswer, textAnswer, type WireAnswer } from '../wire.ts';
import { completionText } from './chat-shapes.ts';
import { breakOf, type ChatJob, settle } from './job.ts';
import { storeChat } from './stored-chats.ts';

/** Answers in one piece: nothing is heard until the last token is there. */
export async function answerWhole(
  job: ChatJob,
  write: (job: ChatJob) => string = writeCompletion,
): Promise<WireAnswer> {
  const { visit, call, beganMs } = job;
  const { clock } = visit.simulator;
  const fault = breakOf(job);
  const total = Math.max(...job.plan.choices.map(({ said }) => said.tokens));
  const breaks = fault && fault.how !== 'malformed' && fault.afterTokens < total ? fault : undefined;
  const lastMs = lastDueMs(job, breaks?.afterTokens);
  try {
    await clock.sleep(beganMs + lastMs + (breaks?.silenceMs ?? 0) - clock.now(), visit.request.signal);
  } catch (aborted) {
    settle(job, 'aborted', madeBy(job, clock.now() - beganMs));
    throw aborted;
  }
  if (breaks) {
    settle(job, 'broken', madeBy(job, lastMs));
    if (breaks.how !== 'failed') throw connectionLost();
    call.status = 500;
    return jsonAnswer(visit.vendor.errorBody(openAiErrors.serverError()), job.headers(), 500);
  }
  call.status = 200;
  call.headersMs = clock.now();
  call.firstTokenMs = call.headersMs;
  settle(job, 'answered', 'all');
  const headers = job.headers();
  const body = write(job);
  // A body that breaks off in the middle, where the fault plan says so.
  const text = fault?.how === 'malformed' ? body.slice(0, Math.ceil(body.length / 2)) : body;
  return textAnswer(text, headers);
}

/** The completion that an answer is, kept where the client asked for it. */
export function writeCompletion({ visit, body, call, answeredTier, plan }: ChatJob): string {
  const text = completionText(plan, visit.vendor, call.tokens, answeredTier);
  if (body.store === true) storeChat(visit.simulator, body, JSON.parse(text));
  return text;
}

/** When the last token that is made is there. */
function lastDueMs({ plan, paces }: ChatJob, most = Number.POSITIVE_INFINITY): number {
  const due = plan.choices.map(({ said }, i) =>
    paces[i]?.tokenDueMs(Math.max(1, Math.min(said.tokens, most))),
  );
  return Math.max(...due.map((ms) => ms ?? 0));
}

/** How many pieces of each choice are ready after so much work. */
function madeBy({ plan, paces }: ChatJob, workedMs: number): number[] {
  return plan.choices.map(({ said: { pieces } }, i) => {
    let tokens = 0;
    const late = pieces.findIndex((piece) => {
      tokens += piece.tokens;
      return (paces[i]?.tokenDueMs(tokens) ?? 0) > workedMs;
    });
    return late === -1 ? pieces.length : late;
  });
}
