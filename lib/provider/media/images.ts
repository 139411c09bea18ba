import type { ImagesResponse } from 'openai/resources/images';
import * as z from 'zod';
import { nowInSeconds } from '../chat/chat-shapes.ts';
import { parseObject, unparsed } from '../chat/parse-chat.ts';
import { openAiErrors } from '../errors.ts';
import { imagePicoUsd } from '../money.ts';
import { model } from '../schema/common.ts';
import { findShapeProblem, unknownParameter } from '../schema/refusal.ts';
import type { ModelSurface } from '../visit.ts';
import { jsonAnswer } from '../wire.ts';
import { afterWork } from '../work.ts';

interface ImagesBody {
  model: string;
  prompt: string;
  quality: string;
  size: string;
  format: 'url' | 'b64_json';
}

const imagesSchema = z.object({
  model: model.nullish(),
  prompt: z.string().min(1).max(4000),
  n: z.int().min(1).max(1).nullish(),
  quality: z.string().nullish(),
  size: z.string().nullish(),
  response_format: z.enum(['url', 'b64_json']).nullish(),
  style: z.enum(['vivid', 'natural']).nullish(),
  user: z.string().nullish(),
});
const NOT_SIMULATED = [
  'background',
  'moderation',
  'output_compression',
  'output_format',
  'partial_images',
  'stream',
];
/** A grey pixel: what is in the picture is not simulated. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCBd81ytgAAAABJRU5ErkJggg==';

/** Images: one picture a request, priced by quality and size. */
export const images: ModelSurface<ImagesBody> = {
  surface: 'images',
  *read({ request, params }) {
    const parsed = parseObject(request.text, params.deployment);
    if (!parsed) return { refusal: unparsed() };
    const refusal = yield* findShapeProblem(parsed, imagesSchema, {
      unknown: unknownParameter,
      notSimulated: NOT_SIMULATED,
    });
    if (refusal) return { refusal };
    const asked = parsed as z.infer<typeof imagesSchema>;
    const body: ImagesBody = {
      model: asked.model ?? 'dall-e-3',
      prompt: asked.prompt,
      quality: asked.quality ?? 'standard',
      size: asked.size ?? '1024x1024',
      format: asked.response_format ?? 'url',
    };
    return { body, model: body.model, prompt: body.prompt, stream: false };
  },
  *prepare(_visit, deployment, body) {
    yield;
    const cost = imagePicoUsd(deployment.model, body.quality, body.size);
    if (cost === undefined) {
      const text = `The model \`${deployment.model}\` makes no images of quality '${body.quality}' and size '${body.size}'.`;
      return { refusal: openAiErrors.badRequest(text, 'size') };
    }
    return {
      estimatedTokens: 0,
      run: (job) =>
        afterWork(
          job,
          { about: body.prompt, kind: 'work', inputTokens: 0 },
          { units: 1, costPicoUsd: cost },
          function* () {
            yield;
            const image =
              body.format === 'url'
                ? { url: `https://images.example/${job.call.id}.png` }
                : { b64_json: PIXEL };
            const answer: ImagesResponse = {
              created: nowInSeconds(),
              data: [{ ...image, revised_prompt: body.prompt }],
            };
            return jsonAnswer(answer, job.headers());
          },
        ),
    };
  },
};
