import { parseObject } from '../chat/body.ts';
import { openAiErrors } from '../errors.ts';
import { findModel } from '../models.ts';
import { speechPicoUsd } from '../money.ts';
import type { ModelSurface } from '../visit.ts';
import { afterWork } from '../work.ts';

interface SpeechBody {
  model: string;
  input: string;
  format: 'mp3' | 'wav' | 'pcm';
}

const KNOWN = new Set(['model', 'input', 'voice', 'response_format', 'speed', 'instructions']);
const TYPES = { mp3: 'audio/mpeg', wav: 'audio/wav', pcm: 'audio/pcm' };
const MOST_CHARACTERS = 4096;
const CHARACTERS_PER_SEC = 15;
const SAMPLES_PER_SEC = 24_000;

/** Speech: silence of the right length, billed by the character. */
export const speech: ModelSurface<SpeechBody> = {
  surface: 'speech',
  read({ request, params }) {
    const parsed = parseObject(request.text, params.deployment);
    const refuse = (message: string, param: string | null) => ({
      refusal: openAiErrors.badRequest(message, param),
    });
    if (!parsed) return refuse('We could not parse the JSON body of your request.', null);
    const unknown = Object.keys(parsed).find((field) => !KNOWN.has(field) && parsed[field] != null);
    if (unknown) return { refusal: openAiErrors.notSimulated(unknown) };
    const { model, input, voice, response_format = 'mp3' } = parsed;
    if (typeof model !== 'string') return refuse('you must provide a model parameter', null);
    if (typeof input !== 'string' || input === '')
      return refuse("Missing required parameter: 'input'.", 'input');
    if (typeof voice !== 'string') return refuse("Missing required parameter: 'voice'.", 'voice');
    if (input.length > MOST_CHARACTERS)
      return refuse(
        `Invalid 'input': string too long. Expected at most ${MOST_CHARACTERS} characters.`,
        'input',
      );
    if (!Object.hasOwn(TYPES, String(response_format)))
      return { refusal: openAiErrors.notSimulated(`response_format "${response_format}"`) };
    const body: SpeechBody = { model, input, format: response_format as SpeechBody['format'] };
    return { body, model, prompt: input, stream: false };
  },
  prepare(_visit, deployment, { input, format }) {
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
          () => {
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
