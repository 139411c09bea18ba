import { UPTIME_MS } from '#lib/clock';
import { burstyArrivals, type Random } from '#lib/provider';
import { INTENTS, type Intent } from '../../day3-caching/corpus.ts';
import type { Doc, Request, Segment } from '../contracts/assistant.ts';
import { belowSmall } from './ladder.ts';
import { type Chapter, chaptersOf, found, TENANTS, type Tenant } from './texts.ts';

export const MINUTE_MS = 60_000;
/** Tags are wanted the day after: what is collected for some minutes still has the 24 hours of a batch. */
const DUE_MS = 30 * 60 * MINUTE_MS;

/** What a day is made of. */
export interface DayPlan {
  /** Keeps the ids of two days apart. */
  number: number;
  requests: number;
  durationMs: number;
  /** Share of each segment. */
  mix: Record<Segment, number>;
  /** Topics of the help page that are asked about on this day. */
  topics: number;
  /** How steeply interest falls from the most to the least asked topic; 1 is not at all. */
  steepness: number;
  /** Half of OpenAI's answers are errors and the others are slow. */
  brownOut: { fromMs: number; toMs: number };
  /** The first tenant's help page gets a new edition. */
  updateMs: number;
  /** In the place of all this: so many different help questions, then the same ones again, of a smaller cache. */
  crawl?: { questions: number; cacheEntries: number };
}

/** A request, and what the right answer to it says. */
export interface Task {
  request: Request;
  atMs: number;
  /** Recognises the right answer. */
  answer: string;
  /** What the prompt has to say for it. */
  facts: string[];
  /** Number of the topic, for a question of the help page. */
  topic?: number;
}

/** How hard a segment is: two hardly a model fails at, three in which the small one is wrong now and then. */
export const DIFFICULTY: Record<Segment, number> = {
  faq: belowSmall(0.21),
  account: belowSmall(0.9),
  document: belowSmall(0.16),
  expert: belowSmall(0.08),
  tagging: belowSmall(0.9),
};

/** How the tenants share the traffic. */
const TENANT_SHARE = [0.5, 0.3, 0.2];
const LETTERS = { faq: 'F', account: 'A', document: 'D', expert: 'E', tagging: 'T' } as const;
/** Waves of bulk work, and crowds that a newsletter sends to the help page, by their moment in the day. */
const WAVES = [0.08, 0.35, 0.58, 0.8];
const CROWDS = [0.2, 0.45, 0.9];
const CROWD_SHARE = 0.01;
/** The prepaid tenant uploads its expert questions as sheets of so many. */
const SHEET = 12;
export const PREPAID: Tenant = 'initech';

/** All requests of a day in the order in which they come. */
export function tasksOf(random: Random, plan: DayPlan): Task[] {
  if (plan.crawl) return crawlOf(random, plan.crawl.questions, plan.number);
  const make = createWriters(random, plan);
  const moments = (Object.keys(plan.mix) as Segment[]).flatMap((segment) =>
    momentsOf(random, plan, segment).map((atMs) => ({ atMs, segment })),
  );
  moments.sort((a, b) => a.atMs - b.atMs);
  const tasks = moments.map(({ atMs, segment }, i) => {
    const id = `${LETTERS[segment]}${plan.number}${String(i).padStart(4, '0')}`;
    return make[segment](id, Math.round(atMs));
  });
  return tasks.sort((a, b) => a.atMs - b.atMs);
}

const CRAWL_MS = 2000;

/** One question of each topic, tenant after tenant, until there are enough; and all of them a second time. */
function crawlOf(random: Random, questions: number, number: number): Task[] {
  const once = TENANTS.flatMap((tenant) =>
    random.shuffle(INTENTS.map(({ questions: [question = ''] }, topic) => ({ tenant, topic, question }))),
  ).slice(0, questions);
  return [...once, ...once].map(({ tenant, topic, question }, i) => {
    const id = `${LETTERS.faq}${number}${String(i).padStart(4, '0')}`;
    const user = { tenant, name: `${random.pick(NAMES)} ${i}`, plan: random.pick(PLANS) };
    const request: Request = { id, segment: 'faq', tenant, user, question, docs: [] };
    return { request, atMs: i * CRAWL_MS, answer: '', facts: [], topic };
  });
}

function momentsOf(random: Random, { requests, durationMs, mix }: DayPlan, segment: Segment): number[] {
  const count = Math.round(requests * mix[segment]);
  if (segment === 'tagging')
    return Array.from(
      { length: count },
      (_, i) => (WAVES[i % WAVES.length] as number) * durationMs + i * 100,
    );
  const crowds = segment === 'faq' ? CROWDS : [];
  const crowded = crowds.flatMap((part) =>
    Array.from(
      { length: Math.round(CROWD_SHARE * requests) },
      () => part * durationMs + random.next() * 20_000,
    ),
  );
  const steady = count - crowded.length;
  const plan = { ratePerSec: (steady / durationMs) * 1000, durationMs, burstiness: 0.5 };
  return [...burstyArrivals(random, plan), ...crowded];
}

type Writer = (id: string, atMs: number) => Task;

function createWriters(random: Random, plan: DayPlan): Record<Segment, Writer> {
  const topics = random.shuffle(INTENTS.map((_, i) => i)).slice(0, plan.topics);
  const order = new Map(TENANTS.map((tenant) => [tenant, random.shuffle(topics)]));
  const policies = new Map(TENANTS.map((tenant) => [tenant, libraryOf(`${tenant}-terms`)]));
  const papers = TENANTS.flatMap((tenant) =>
    ['catalogue', 'stock list'].map((name) => ({ tenant, name, ...libraryOf(`${tenant}-${name}`) })),
  );
  const files = Array.from({ length: CASE_FILES }, (_, i) => caseFile(i));
  const tenantOf = () => weighted(random, TENANTS, TENANT_SHARE);
  const of = (id: string, segment: Segment, tenant: Tenant, question: string): Request => {
    const user = { tenant, name: `${random.pick(NAMES)} ${id.slice(1)}`, plan: random.pick(PLANS) };
    return { id, segment, tenant, user, question, docs: [] };
  };
  let sheet: { left: number; atMs: number } = { left: 0, atMs: 0 };

  return {
    faq(id, atMs) {
      const tenant = tenantOf();
      const ranked = order.get(tenant) as number[];
      const topic = ranked[Math.floor(ranked.length * random.next() ** plan.steepness)] as number;
      const question = typed(random, (INTENTS[topic] as Intent).questions);
      return { request: of(id, 'faq', tenant, question), atMs, answer: '', facts: [], topic };
    },
    account(id, atMs) {
      const tenant = tenantOf();
      const { chapters } = policies.get(tenant) as Library;
      const item = random.pick(random.pick(chapters).lines);
      const seats = 2 + random.int(90);
      const question = `I have ${seats} seats and item ${item.item} of my terms applies. What is my rate? (${id})`;
      const request = { ...of(id, 'account', tenant, question), docs: found(random, chapters) };
      return { request, atMs, answer: `rate ${seats}-${item.item}`, facts: [item.line, `${seats} seats`] };
    },
    document(id, atMs) {
      const { tenant, chapters } = random.pick(papers);
      const [one, other] = random.shuffle(chapters.flatMap(({ lines }) => lines)) as [Line, Line];
      const question = `What do items ${one.item} and ${other.item} weigh together? (${id})`;
      const request = { ...of(id, 'document', tenant, question), docs: found(random, chapters) };
      const grams = gramsOf(one.line) + gramsOf(other.line);
      return { request, atMs, answer: `${grams} grams in all`, facts: [one.line, other.line] };
    },
    expert(id, atMs) {
      // Sheets come as a whole: those of a dozen are asked at the same moment.
      if (sheet.left === 0 && random.next() < 1 / 12) sheet = { left: SHEET, atMs };
      const onSheet = sheet.left > 0;
      if (onSheet) sheet.left -= 1;
      const tenant = onSheet ? PREPAID : (TENANTS[random.int(2)] as Tenant);
      const question = `${random.pick(PUZZLES)} Case ${id}, ${100 + random.int(900)} units in ${2 + random.int(9)} steps.`;
      const file = random.pick(files);
      const request = { ...of(id, 'expert', tenant, question), docs: [file] };
      const facts = [question, file.text.slice(0, 200)];
      return { request, atMs: onSheet ? sheet.atMs : atMs, answer: `plan ${id}-OK`, facts };
    },
    tagging(id, atMs) {
      const tenant = tenantOf();
      const question = `${id}: ${random.pick(PRODUCTS)}, ${random.pick(COLOURS)}, ${random.int(90)} in stock`;
      const request = { ...of(id, 'tagging', tenant, question), dueMs: UPTIME_MS + atMs + DUE_MS };
      return { request, atMs, answer: `tag ${id.slice(1)}`, facts: [question] };
    },
  };
}

/** So many that a case is seldom asked about twice while a prompt cache would keep its file. */
const CASE_FILES = 300;

function caseFile(number: number): Doc {
  const key = `case-${number}`;
  return {
    id: key,
    text: libraryOf(key)
      .chapters.map(({ text }) => text)
      .join('\n'),
  };
}

interface Library {
  chapters: Chapter[];
}
type Line = Chapter['lines'][number];

const libraries = new Map<string, Library>();

/** The papers of a tenant are the same on every day. */
function libraryOf(key: string): Library {
  const known = libraries.get(key) ?? { chapters: chaptersOf(key, key.replace('-', "'s ")) };
  libraries.set(key, known);
  return known;
}

function gramsOf(line: string): number {
  return Number(/(\d+) grams/.exec(line)?.[1]);
}

/** As people type: some without capitals, some without the mark at the end. */
function typed(random: Random, questions: readonly string[]): string {
  const text = random.pick(questions);
  if (random.next() < 0.3) return text.toLowerCase();
  return random.next() < 0.3 ? text.replace(/\?$/, '') : text;
}

function weighted<T>(random: Random, items: readonly T[], shares: readonly number[]): T {
  let left = random.next();
  const at = shares.findIndex((share) => {
    left -= share;
    return left < 0;
  });
  return items.at(at) as T;
}

const NAMES = ['Ada', 'Berthe', 'Chidi', 'Dmitri', 'Eun-ji', 'Farah', 'Goran', 'Hanae'];
const PLANS = ['Basic', 'Pro'];
const PRODUCTS = ['garden lamp', 'desk lamp', 'floor lamp', 'string of lights', 'lamp shade', 'night light'];
const COLOURS = ['brass', 'black', 'white', 'oak', 'smoke grey'];
const PUZZLES = [
  'Two suppliers raise their prices in turn while the stock runs down. When do we order, and from whom?',
  'Three campaigns compete for one budget and influence each other. How is it to be split over the weeks?',
  'A contract binds us for longer than its index is known. Which clause do we accept, and which not?',
  'Returns come late and in bundles. How much do we hold back, and when may it be released?',
];
