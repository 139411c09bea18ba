import { openAiErrors } from '../errors.ts';
import { rememberTexts } from '../memo.ts';
import { findModel, type Model } from '../models.ts';
import { costPicoUsd } from '../money.ts';
import { sum } from '../stats.ts';
import type { Steps } from '../steps.ts';
import type { Job, ModelSurface } from '../visit.ts';
import { bytesInSteps, textAnswer, type WireAnswer } from '../wire.ts';
import { afterWork } from '../work.ts';
import { countInputs, type EmbeddingsBody, parseEmbeddingsBody } from './parse-embeddings.ts';
import { embed, shorten } from './vector.ts';

/** How alike two unrelated texts are, by model: the older one puts everything into a narrow cone. */
const LIKENESS: Record<string, number> = {
  'text-embedding-3-small': 0.1,
  'text-embedding-3-large': 0.06,
  'text-embedding-ada-002': 0.68,
};

/** Embeddings: one vector for each text, in the order of the texts. */
export const embeddings: ModelSurface<EmbeddingsBody> = {
  surface: 'embeddings',
  *read({ request, params }) {
    const parsed = yield* parseEmbeddingsBody(request.text, params.deployment);
    if ('refusal' in parsed) return parsed;
    const { body } = parsed;
    const [prompt = ''] = body.texts;
    return { body, model: body.model, prompt, stream: false, inputs: body.texts.length };
  },
  *prepare(_visit, deployment, body) {
    const model = findModel(deployment.model) as Model;
    if (model.kind !== 'embedding')
      return { refusal: openAiErrors.wrongModel(deployment.model, 'v1/embeddings') };
    yield;
    const counted = countInputs(body, model);
    if ('refusal' in counted) return counted;
    const characters = body.texts.reduce((sum, text) => sum + text.length, 0);
    return {
      estimatedTokens: Math.ceil(characters / 4),
      run: (job) => answer(job, { ...body, tokens: counted.tokens }, model),
    };
  },
};

function answer(job: Job, body: EmbeddingsBody, model: Model): Promise<WireAnswer> {
  const inputTokens = sum(body.tokens);
  const tokens = { input: inputTokens, cached: 0, output: 0 };
  const cost = costPicoUsd(tokens, job.visit.simulator.priceOf(job.call.model));
  const work = { about: body.texts.join('\u0000'), kind: 'embed', inputTokens } as const;
  return afterWork(job, work, { tokens, costPicoUsd: cost }, function* () {
    const parts = yield* embeddingsJson(body, model);
    const headers = job.headers();
    if (parts.length < MANY) return textAnswer(parts.join(''), headers);
    return { ...textAnswer('', headers), body: yield* bytesInSteps(parts) };
  });
}

const MANY = 50;

/** The answer's body as JSON, in parts; also what a line of a batch gets. Two thousand vectors take a second and 40 MB. */
export function* embeddingsJson(body: EmbeddingsBody, model: Model): Steps<string[]> {
  const parts = ['{"object":"list","data":['];
  for (const [index, text] of body.texts.entries()) {
    const vector = vectorFor(text, model, body.dimensions);
    const embedding = JSON.stringify(body.format === 'base64' ? toBase64(vector) : [...vector]);
    const comma = index === 0 ? '' : ',';
    parts.push(`${comma}{"object":"embedding","index":${index},"embedding":${embedding}}`);
    yield;
  }
  const input = sum(body.tokens);
  const usage = `{"prompt_tokens":${input},"total_tokens":${input}}`;
  parts.push(`],"model":"${model.snapshot}","usage":${usage}}`);
  return parts;
}

/** The vector of a text, in single precision as it goes over the wire. */
export function vectorFor(text: string, model: Model, dimensions = model.dimensions): Float32Array {
  const whole = wholeVectors(model)(text);
  return Float32Array.from(dimensions === model.dimensions ? whole : shorten(whole, dimensions));
}

const remembered = new Map<string, (text: string) => Float64Array>();

/** Questions come again, and so do the texts of an index. A vector of 1,536 numbers takes 12 kB. */
function wholeVectors({ snapshot, dimensions }: Model): (text: string) => Float64Array {
  let known = remembered.get(snapshot);
  if (!known) {
    known = rememberTexts((text) => embed(text, dimensions, LIKENESS[snapshot] ?? 0.1), {
      mostChars: 100_000,
    });
    remembered.set(snapshot, known);
  }
  return known;
}

/** Little-endian single-precision numbers, as OpenAI sends them. */
function toBase64(vector: Float32Array): string {
  const bytes = new DataView(new ArrayBuffer(vector.length * 4));
  for (const [i, value] of vector.entries()) bytes.setFloat32(i * 4, value, true);
  return Buffer.from(bytes.buffer).toString('base64');
}
