import { breakOf, type ChatJob, connectionLost, responseHeaders, settle } from './chat-job.ts';
import { type ChatPlan, sumTokens } from './chat-plan.ts';
import { completion } from './chat-shapes.ts';

/** Answers in one piece: nothing is heard until the last token is there. */
export async function answerWhole(job: ChatJob): Promise<Response> {
  const { simulator, vendor, call, plan, signal, effect } = job;
  const { clock } = simulator;
  const fault = breakOf(effect);
  const total = sumTokens(plan.pieces);
  const lastMs = plan.pace.tokenDueMs(Math.max(1, Math.min(total, fault?.afterTokens ?? total)));
  try {
    await clock.sleep(lastMs + (fault?.silenceMs ?? 0), signal);
  } catch (aborted) {
    settle(job, 'aborted', generatedBy(plan, clock.now() - call.startMs));
    throw aborted;
  }
  if (fault && fault.afterTokens < total) {
    settle(job, 'broken', generatedBy(plan, lastMs));
    throw connectionLost();
  }
  Object.assign(call, { status: 200, headersMs: clock.now(), firstTokenMs: clock.now() });
  settle(job, 'answered', plan.pieces.length);
  return Response.json(completion(plan, vendor, call.answer, call.tokens), { headers: responseHeaders(job) });
}

/** How many pieces are ready after so much work. */
function generatedBy({ pieces, pace }: ChatPlan, workedMs: number): number {
  let tokens = 0;
  const late = pieces.findIndex((piece) => {
    tokens += piece.tokens;
    return pace.tokenDueMs(tokens) > workedMs;
  });
  return late === -1 ? pieces.length : late;
}
