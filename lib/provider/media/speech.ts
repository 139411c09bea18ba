import * as z from 'zod';
import { parseObject, unparsed } from '../chat/parse-chat.ts';
import { openAiErrors } from '../errors.ts';
import { findModel } from '../models.ts';
import { speechPicoUsd } from '../money.ts';
import { model } from '../schema/common.ts';
import { findShapeProblem, unknownParameter } from '../schema/refusal.ts';
import type { ModelSurface } from '../visit.ts';
import { afterWork } from '../work.ts';

interface SpeechBody {
  model: string;
  input: string;
  format: 'mp3' | 'wav' | 'pcm';
}

const TYPES = { mp3: 'audio/mpeg', wav: 'audio/wav', pcm: 'audio/pcm' };
const MOST_CHARACTERS = 4096;
const speechSchema = z.object({
  model,
  input: z.string().min(1).max(MOST_CHARACTERS),
  voice: z.union([z.string(), z.looseObject({ id: z.string() })]),
  response_format: z.enum(['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm']).nullish(),
  speed: z.number().min(0.25).max(4).nullish(),
  instructions: z.string().nullish(),
});
const CHARACTERS_PER_SEC = 15;
const SAMPLES_PER_SEC = 24_000;

/** Speech: silence of the right length, billed by the character. */
export const speech: ModelSurface<SpeechBody> = {
  surface: 'speech',
  *read({ request, params }) {
    const parsed = parseObject(request.text, params.deployment);
    if (!parsed) return { refusal: unparsed() };
    const refusal = yield* findShapeProblem(parsed, speechSchema, {
      unknown: unknownParameter,
      notSimulated: ['stream_format'],
    });
    if (refusal) return { refusal };
    const asked = parsed as z.infer<typeof speechSchema>;
    const format = asked.response_format ?? 'mp3';
    if (!(format in TYPES)) return { refusal: openAiErrors.notSimulated(`response_format "${format}"`) };
    const body: SpeechBody = {
      model: asked.model,
      input: asked.input,
      format: format as SpeechBody['format'],
    };
    return { body, model: body.model, prompt: body.input, stream: false };
  },
  *prepare(_visit, deployment, { input, format }) {
    yield;
    const cost = speechPicoUsd(deployment.model, input.length);
    if (findModel(deployment.model)?.kind !== 'speech' || cost === undefined)
      return { refusal: openAiErrors.wrongModel(deployment.model, 'v1/audio/speech') };
    return {
      estimatedTokens: 0,
      run: (job) =>
        afterWork(
          job,
          { about: input, kind: 'work', inputTokens: 0 },
          { units: input.length, costPicoUsd: cost },
          function* () {
            yield;
            const sound = silence(format, input.length / CHARACTERS_PER_SEC);
            return { status: 200, headers: { ...job.headers(), 'content-type': TYPES[format] }, body: sound };
          },
        ),
    };
  },
};

function silence(format: SpeechBody['format'], seconds: number): Uint8Array<ArrayBuffer> {
  if (format === 'mp3') return silentMp3(seconds);
  const samples = new Uint8Array(Math.ceil(seconds * SAMPLES_PER_SEC) * 2);
  if (format === 'pcm') return samples;
  const file = new Uint8Array(44 + samples.length);
  const view = new DataView(file.buffer);
  const write = (at: number, text: string) => file.set(new TextEncoder().encode(text), at);
  write(0, 'RIFF');
  view.setUint32(4, 36 + samples.length, true);
  write(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, SAMPLES_PER_SEC, true);
  view.setUint32(28, SAMPLES_PER_SEC * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  write(36, 'data');
  view.setUint32(40, samples.length, true);
  return file;
}

/** Frames of MPEG-1 layer 3 at 128 kbit/s and 44.1 kHz whose side information is all zero. */
function silentMp3(seconds: number): Uint8Array<ArrayBuffer> {
  const frameBytes = 417;
  const frames = Math.max(1, Math.ceil((seconds * 44_100) / 1152));
  const file = new Uint8Array(frames * frameBytes);
  for (let i = 0; i < frames; i += 1) file.set([0xff, 0xfb, 0x90, 0xc4], i * frameBytes);
  return file;
}
