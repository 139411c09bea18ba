import type { Tiktoken } from 'tiktoken';
import type { TokenCounter, Tokenizer, Tool } from '#course/day2-tokens/contracts/count-tokens.ts';

/** Models before gpt-4o; everything since, also what is not out yet, has the newer encoding. */
const OLD = /^gpt-(3\.5|4(?![o.]))/;
const SLICES = 16;
const SLICE = 250;

/** Counts with the given package: `createTokenCounter(await import('tiktoken'))`. */
export function createTokenCounter(tiktoken: Tokenizer): TokenCounter {
  const encoders = new Map<string, Tiktoken>();
  const encoderFor = (model: string): Tiktoken => {
    const name = OLD.test(model) ? 'cl100k_base' : 'o200k_base';
    const encoder = encoders.get(name) ?? tiktoken.get_encoding(name);
    encoders.set(name, encoder);
    return encoder;
  };
  return {
    countChat({ model, messages, tools = [] }) {
      // Not `encode`, which throws when a user writes what looks like a special token.
      const count = (text: string) => encoderFor(model).encode_ordinary(text).length;
      let total = 3;
      for (const { role, content, name } of messages) {
        total += 3 + count(role) + count(content);
        if (name !== undefined) total += 1 + count(name);
      }
      return total + countTools(tools, OLD.test(model) ? 10 : 7, count);
    },
    estimateTokens(text) {
      const sample = SLICES * SLICE >= text.length ? [text] : slices(text);
      const read = sample.join('').length;
      const tokens = sample.map((slice) => encoderFor('newest').encode_ordinary(slice).length);
      return read === 0 ? 0 : Math.round((tokens.reduce((a, b) => a + b) * text.length) / read);
    },
  };
}

/** Pieces from all over the text: a file may begin in English and go on in base64. */
function slices(text: string): string[] {
  const step = (text.length - SLICE) / (SLICES - 1);
  return Array.from({ length: SLICES }, (_, i) =>
    text.slice(Math.round(i * step), Math.round(i * step) + SLICE),
  );
}

function countTools(tools: Tool[], perFunction: number, count: (text: string) => number): number {
  if (tools.length === 0) return 0;
  let total = 12;
  for (const { name, description, parameters } of tools.map((tool) => tool.function)) {
    total += perFunction + count(`${name}:${bare(description)}`);
    const properties = Object.entries(parameters.properties);
    if (properties.length > 0) total += 3;
    for (const [key, property] of properties) {
      total += 3 + count(`${key}:${property.type}:${bare(property.description)}`);
      if (property.enum) total += property.enum.reduce((sum, item) => sum + 3 + count(item), -3);
    }
  }
  return total;
}

/** A description without the full stop that may end it. */
function bare(description: string): string {
  return description.replace(/\.$/, '');
}
