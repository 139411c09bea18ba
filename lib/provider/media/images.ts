import type { ImagesResponse } from 'openai/resources/images';
import { parseObject } from '../chat/body.ts';
import { nowInSeconds } from '../chat/shapes.ts';
import { openAiErrors } from '../errors.ts';
import { imagePicoUsd } from '../money.ts';
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

const KNOWN = new Set(['model', 'prompt', 'n', 'quality', 'size', 'response_format', 'style', 'user']);
/** A grey pixel: what is in the picture is not simulated. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCBd81ytgAAAABJRU5ErkJggg==';

/** Images: one picture a request, priced by quality and size. */
export const images: ModelSurface<ImagesBody> = {
  surface: 'images',
  read({ request, params }) {
    const parsed = parseObject(request.text, params.deployment);
    const refuse = (message: string, param: string | null) => ({
      refusal: openAiErrors.badRequest(message, param),
    });
    if (!parsed) return refuse('We could not parse the JSON body of your request.', null);
    const unknown = Object.keys(parsed).find((field) => !KNOWN.has(field) && parsed[field] != null);
    if (unknown) return { refusal: openAiErrors.notSimulated(unknown) };
    const {
      model = 'dall-e-3',
      prompt,
      n = 1,
      quality = 'standard',
      size = '1024x1024',
      response_format = 'url',
    } = parsed;
    if (typeof prompt !== 'string' || prompt === '')
      return refuse("Missing required parameter: 'prompt'.", 'prompt');
    if (prompt.length > 4000) return refuse('Prompt is too long: at most 4000 characters.', 'prompt');
    if (n !== 1) return refuse('You must provide n=1 for this model.', 'n');
    const body = { model, prompt, quality, size, format: response_format } as ImagesBody;
    return { body, model: body.model, prompt, stream: false };
  },
  prepare(_visit, deployment, body) {
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
          () => {
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
