import { hash32 } from '../random.ts';
import { conceptOf } from './concepts.ts';

/**
 * A vector for a text: a seeded random direction for each concept, word pair and letter triple in it, summed and brought
 * to length one. Texts that share meaning share directions. As with real embeddings, word order, numbers and negations
 * weigh little, so look-alikes with another meaning come close too.
 */
export function embed(text: string, dimensions: number, likeness: number): Float64Array {
  const vector = new Float64Array(dimensions);
  for (const [feature, weight] of featuresOf(text)) addDirection(vector, feature, weight);
  return withCommonPart(vector, likeness);
}

/** The first so many numbers, brought back to length one: how `dimensions` shortens a vector. */
export function shorten(vector: Float64Array, dimensions: number): Float64Array {
  return unit(vector.slice(0, dimensions));
}

/** Cosine of the angle between two vectors of length one. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

const WEIGHT = { word: 1, request: 0.3, common: 0.1, negation: 0.3, number: 0.45, pair: 0.2, triple: 0.25 };
/** Numbers in the vector that one feature touches. */
const SPREAD = 48;

const COMMON = new Set(
  (
    'a an the and or but of to in on at by for from with as is are was were be been am do does did done have has had i you ' +
    'he she it we they me him her us them my your his its our their this that these those what which who whom how when ' +
    'where why can could will would shall should may might must if then than so just please there here about into over ' +
    'also any some all more most very too up out s t re ve ll d m'
  ).split(' '),
);
/** Words of asking, which say little about the subject. */
const REQUESTS = new Set(
  (
    'please tell give show want wanted need needed like get got know help possible way reason question possibly let see ' +
    'make steps step explain thanks thank hello hi able try trying'
  ).split(' '),
);
const NEGATIONS = new Set([
  'not',
  'no',
  'never',
  'without',
  'none',
  'nothing',
  'cannot',
  'dont',
  'doesnt',
  'isnt',
  'cant',
]);

/** What a text is made of, each with its weight; repeated features count less each time. */
function featuresOf(text: string): Map<string, number> {
  const words = wordsOf(text);
  const counts = new Map<string, [count: number, weight: number]>();
  const add = (feature: string, weight: number) => {
    const known = counts.get(feature);
    counts.set(feature, [(known?.[0] ?? 0) + 1, weight]);
  };
  let before = '';
  for (const word of words) {
    const kind = kindOf(word);
    const concept = kind === 'word' ? conceptOf(word) : word;
    add(`w ${concept}`, WEIGHT[kind]);
    if (kind === 'common' || kind === 'request') continue;
    if (before) add(`p ${before} ${concept}`, WEIGHT.pair);
    before = concept;
    const padded = `<${word}>`;
    const triples = Math.max(1, padded.length - 2);
    for (let i = 0; i < triples; i += 1)
      add(`t ${padded.slice(i, i + 3)}`, WEIGHT.triple / Math.sqrt(triples));
  }
  return new Map([...counts].map(([feature, [count, weight]]) => [feature, weight * (1 + Math.log(count))]));
}

function kindOf(word: string): 'word' | 'request' | 'common' | 'negation' | 'number' {
  if (/\p{N}/u.test(word)) return 'number';
  if (NEGATIONS.has(word)) return 'negation';
  if (REQUESTS.has(word)) return 'request';
  return COMMON.has(word) ? 'common' : 'word';
}

function wordsOf(text: string): string[] {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/['’]/g, '')
    .toLowerCase();
  // Scripts without spaces are read sign by sign.
  return plain.match(/[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]|[\p{L}\p{N}]+/gu) ?? [];
}

function addDirection(vector: Float64Array, feature: string, weight: number): void {
  let state = hash32(feature);
  for (let i = 0; i < SPREAD; i += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const mixed = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) >>> 0;
    const at = (mixed >>> 1) % vector.length;
    vector[at] = (vector[at] as number) + (mixed & 1 ? weight : -weight);
  }
}

/**
 * Real models put all texts into a cone: even unrelated ones are somewhat alike, for older models very much so. So a
 * threshold learnt on one model is wrong on another.
 */
function withCommonPart(vector: Float64Array, likeness: number): Float64Array {
  const own = unit(vector);
  const common = commonDirection(vector.length);
  const share = Math.sqrt(likeness);
  const rest = Math.sqrt(1 - likeness);
  return unit(own.map((value, i) => rest * value + share * (common[i] as number)));
}

const commons = new Map<number, Float64Array>();

function commonDirection(dimensions: number): Float64Array {
  let common = commons.get(dimensions);
  if (!common) {
    common = new Float64Array(dimensions);
    for (let i = 0; i < 64; i += 1) addDirection(common, `common ${i}`, 1);
    common = unit(common);
    commons.set(dimensions, common);
  }
  return common;
}

function unit(vector: Float64Array): Float64Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const length = Math.sqrt(squares);
  if (length === 0) return vector.map((_, i) => (i === 0 ? 1 : 0));
  return vector.map((value) => value / length);
}
