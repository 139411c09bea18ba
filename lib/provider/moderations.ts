import * as z from 'zod';
import { parseObject, unparsed } from './chat/parse-chat.ts';
import { uniqueId } from './ids.ts';
import { randomFor } from './random.ts';
import { answerResource, type FoundResource } from './resource.ts';
import { text } from './schema/common.ts';
import { findShapeProblem, unknownParameter } from './schema/refusal.ts';
import { atOnce } from './steps.ts';
import type { Visit } from './visit.ts';
import type { WireAnswer } from './wire.ts';

/** The categories of the API (description 2.3.0), each with words that flag it here. */
const CATEGORIES: Record<string, RegExp> = {
  harassment: /\b(idiot|moron|loser)s?\b/i,
  'harassment/threatening': /\bi will (find|hurt|get) you\b/i,
  hate: /\bsubhumans?\b/i,
  'hate/threatening': /\bexterminate them\b/i,
  illicit: /\b(steal|counterfeit|launder)/i,
  'illicit/violent': /\b(bomb|explosive)s?\b/i,
  'self-harm': /\b(suicid|self-harm)/i,
  'self-harm/intent': /\b(kill|hurt) myself\b/i,
  'self-harm/instructions': /\bhow to (kill|hurt) (myself|oneself)\b/i,
  sexual: /\b(porn|nude)/i,
  'sexual/minors': /\bchild porn/i,
  violence: /\b(kill|murder|stab|shoot)/i,
  'violence/graphic': /\b(gore|dismember)/i,
};

const MODEL = 'omni-moderation-latest';
const part = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text'), text }),
  z.looseObject({ type: z.literal('image_url'), image_url: z.looseObject({ url: z.string() }) }),
]);
const schema = z.object({
  input: z.union([text, z.array(text).min(1), z.array(part).min(1)]),
  model: z.string().optional(),
});

/** POST /moderations: free, as at the vendor. Scores are illustrative: a word of the list, or next to nothing. */
export function moderate(visit: Visit): Promise<WireAnswer> {
  return answerResource(visit, (): FoundResource => {
    const { simulator, request } = visit;
    const body = parseObject(request.text);
    if (!body) return { refusal: unparsed() };
    const refusal = atOnce(findShapeProblem(body, schema, { unknown: unknownParameter, notSimulated: [] }));
    if (refusal) return { refusal };
    const { input, model = MODEL } = body as z.infer<typeof schema>;
    return {
      id: `modr-${uniqueId(simulator.seed, 'moderation', simulator.stores.nextId())}`,
      model,
      results: judged(input).map((said) => resultOf(said, simulator.seed)),
    };
  });
}

/** A list of texts is judged one by one, a list of parts as a whole. Of a picture nothing is seen. */
function judged(input: z.infer<typeof schema>['input']): { said: string; seen: readonly string[] }[] {
  const texts = [input].flat().filter((each) => typeof each === 'string');
  if (texts.length > 0) return texts.map((said) => ({ said, seen: ['text'] }));
  const parts = input as z.infer<typeof part>[];
  const said = parts.map((each) => (each.type === 'text' ? each.text : '')).join('\n');
  return [{ said, seen: [...new Set(parts.map(({ type }) => (type === 'text' ? 'text' : 'image')))] }];
}

function resultOf({ said, seen }: { said: string; seen: readonly string[] }, seed: number): object {
  const scores = Object.entries(CATEGORIES).map(([category, words]) => {
    const drawn = randomFor(seed, 'moderation', category, said).next();
    return [category, words.test(said) ? 0.8 + 0.19 * drawn : 0.001 * drawn] as const;
  });
  const categories = scores.map(([category, score]) => [category, score >= 0.5] as const);
  return {
    flagged: categories.some(([, flagged]) => flagged),
    categories: Object.fromEntries(categories),
    category_scores: Object.fromEntries(scores),
    category_applied_input_types: Object.fromEntries(scores.map(([category]) => [category, seen])),
  };
}
