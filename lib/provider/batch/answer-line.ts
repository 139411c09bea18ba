import { planChatLine } from '../chat/chat-line.ts';
import { embeddingsJson } from '../embeddings/embeddings.ts';
import { countInputs, parseEmbeddingsBody } from '../embeddings/parse-embeddings.ts';
import { openAiErrors, type Refusal } from '../errors.ts';
import type { FaultEffect } from '../faults.ts';
import { findModel, type Model } from '../models.ts';
import { costPicoUsd, type Tokens } from '../money.ts';
import type { Deployment } from '../provider-plan.ts';
import { planResponseLine } from '../responses/response-line.ts';
import { sum } from '../stats.ts';
import type { Steps } from '../steps.ts';
import type { Visit } from '../visit.ts';
import type { BatchLine } from './lines.ts';

/** What became of one line. */
export interface LineResult {
  status: number;
  /** As JSON. */
  body: string;
  tokens: Tokens;
}

const NO_TOKENS: Tokens = { input: 0, cached: 0, output: 0 };

/** Answers one line as the live route would, at the batch price, and writes it into the ledger. */
export function* answerLine(visit: Visit, endpoint: string, { body }: BatchLine): Steps<LineResult> {
  const { simulator, vendor, ordinal, repeat } = visit;
  const name = String(body.model);
  const deployment = simulator.deployment(vendor.name, name);
  const text = JSON.stringify(body);
  const nowMs = simulator.clock.now();
  const answered = deployment
    ? yield* answerFor(visit, deployment, endpoint, text)
    : { refusal: vendor.unknownDeployment(name) };
  const prompt = 'prompt' in answered ? answered.prompt : '';
  const call = simulator.ledger.open({
    surface: 'batch line',
    vendor: vendor.name,
    deployment: name,
    model: deployment?.model ?? name,
    prompt,
    startMs: nowMs,
  });
  const about = { ordinal, repeat, atMs: nowMs, prompt, deployment: name, flex: false };
  const effect = simulator.effectFor(about);
  const refusal = 'refusal' in answered ? answered.refusal : lineFault(effect);
  if (refusal || 'refusal' in answered) {
    const { status, code } = refusal as Refusal;
    simulator.ledger.close(call, {
      outcome: 'refused',
      status,
      errorCode: code,
      endMs: nowMs,
      tier: 'batch',
    });
    return { status, body: JSON.stringify(vendor.errorBody(refusal as Refusal)), tokens: NO_TOKENS };
  }
  const { tokens } = answered;
  simulator.ledger.close(call, {
    outcome: 'answered',
    status: 200,
    endMs: nowMs,
    tier: 'batch',
    tokens,
    inputs: 'inputs' in answered ? answered.inputs : 0,
    answer: 'answer' in answered ? answered.answer : '',
    finish: 'stop',
    costPicoUsd: costPicoUsd(tokens, simulator.priceOf(call.model), 'batch'),
  });
  return { status: 200, body: answered.body, tokens };
}

/** What a line gets. One that breaks the provider is answered with an error, and the batch goes on. */
function* answerFor(visit: Visit, deployment: Deployment, endpoint: string, text: string) {
  try {
    if (endpoint.endsWith('/embeddings')) return yield* embedLine(text, findModel(deployment.model) as Model);
    return endpoint.endsWith('/responses')
      ? yield* planResponseLine(visit, deployment, text)
      : yield* planChatLine(visit, deployment, text);
  } catch {
    return { refusal: openAiErrors.serverError() };
  }
}

/** Only errors matter in a batch: nobody watches its pace or its connection. */
function lineFault(effect: FaultEffect | undefined): Refusal | undefined {
  if (!effect || !('error' in effect)) return undefined;
  return effect.error === 'content_filter' || effect.error === 'invalid_prompt'
    ? openAiErrors.invalidPrompt()
    : openAiErrors.serverError();
}

function* embedLine(text: string, model: Model) {
  const parsed = yield* parseEmbeddingsBody(text);
  if ('refusal' in parsed) return parsed;
  if (model.kind !== 'embedding')
    return { refusal: openAiErrors.wrongModel(parsed.body.model, 'v1/embeddings') };
  const counted = countInputs(parsed.body, model);
  if ('refusal' in counted) return counted;
  const body = (yield* embeddingsJson({ ...parsed.body, tokens: counted.tokens }, model)).join('');
  const tokens: Tokens = { input: sum(counted.tokens), cached: 0, output: 0 };
  return { prompt: parsed.body.texts[0] ?? '', inputs: parsed.body.texts.length, body, tokens };
}
