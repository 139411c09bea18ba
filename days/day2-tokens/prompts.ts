import type { Random } from '#lib/provider';

/** One request of the compression lab: what it is put together from, and what a right answer needs. */
export interface Prompt {
  parts: {
    shared: string;
    chunks: string[];
    rows: Record<string, unknown>[];
    fields: string[];
    question: string;
  };
  /** Without one of these in its text no model answers right. */
  needs: string[];
  /** Each group of these has to stand in one line: a rule beside what it is for, a value beside its name. */
  lines?: string[][];
  /** These have to stand together, in one record. */
  together: string[];
  /** The page that the question is about, where there is one. */
  page?: string;
}

const REQUESTS = 12;
/** This request asks for something that stands on no page: nobody answers it right. */
const HOPELESS = 7;

// --- the shop: long rules and examples that every request shares, and pages that a search found ----------------

const TOPICS: [topic: string, rule: string][] = [
  ['bulbs', 'name the highest wattage and the socket, and never suggest a bulb that is hotter'],
  ['bathrooms', 'say which protection class the lamp has before you say where it may hang'],
  ['returns', 'name the number of days and say that the clock starts on the day of delivery'],
  ['refunds', 'say who pays the postage, and do not promise a date on which money arrives'],
  ['dimmers', 'ask for the type of the dimmer unless the page says that every type will do'],
  ['spare parts', 'give the number of the part, exactly as it is printed on the page'],
  ['warranty', 'say how many years it runs and which kind of damage it does not cover'],
  ['weights', 'give them in kilograms with one decimal place, also if the page has grams'],
  ['deliveries', 'name the day of the week as well as the date, and do not round up or down'],
  ['prices', 'give them with the currency, and say whether the tax is already in them'],
  ['cleaning', 'name what the lamp must not be cleaned with before you name what will do'],
  ['mounting', 'say when an electrician is required by law, and do not describe how to go without'],
  ['complaints', 'apologise once, in the first sentence, and do not explain whose fault it was'],
  ['other shops', 'do not compare, do not name them, and do not guess what they charge'],
  ['children', 'say from which age a lamp may stand in their room, if the page gives an age'],
  ['gift cards', 'say that they run for three years and that they are not paid out in money'],
  ['store visits', 'give the opening hours of one store only, the one that is nearest to them'],
  ['newsletters', 'say how to leave the list, and do not ask for the reason why they leave'],
  ['invoices', 'say that a new one can be printed from the account, back to the year 2019'],
  ['colours', 'use the names that stand on the page and do not translate them or explain them'],
  ['smart lamps', 'name the app and the oldest version of a telephone on which it still runs'],
  ['large orders', 'hand over to the colleagues for business customers and give no discount'],
  ['damage in transit', 'ask for two photographs, one of the lamp and one of the whole box'],
  ['lost parcels', 'wait until five working days have passed before you open a search for it'],
  ['second-hand lamps', 'say that the outlet sells them with a warranty of one year, not two'],
  ['energy labels', 'give the letter of the new scale and never one of the scale before 2021'],
  ['press and jobs', 'give the address of the office and do not answer anything else about them'],
  ['old lamps', 'say that the shop takes one back for each that is sold, free of charge'],
  ['voltage', 'say which plug and which voltage it has, and that no adapter comes with it'],
  ['batteries', 'say how they are thrown away, and that they do not belong in the household bin'],
];
const EXAMPLES: [question: string, answer: string][] = [
  ['Does the Wren take 60 W?', '{"answer":"No, 40 W at most, socket E14.","page":"Wren"}'],
  ['May the Heron hang over the bath?', '{"answer":"No. It is IP20: dry rooms only.","page":"Heron"}'],
  ['How long can I send the Finch back?', '{"answer":"30 days from delivery.","page":"Finch"}'],
  ['What does the Lark weigh?', '{"answer":"1.8 kg without its bulb.","page":"Lark"}'],
  ['Is the Robin dimmable?', '{"answer":"With trailing-edge dimmers, not with others.","page":"Robin"}'],
  ['Do you price-match?', '{"answer":"That is not on our pages.","page":null}'],
];
const FORMAT = 'Answer with one JSON object that has the fields "answer" and "page", and nothing else.';

/** More than 1,024 tokens; without its reminders, fewer. */
function shopRules(): string {
  const rules = TOPICS.map(([topic, rule]) => `- When the customer asks about ${topic}, ${rule}.`);
  // As it happens in a prompt that six people have written at: the same things, said again.
  const again = TOPICS.filter((_, i) => i % 2 === 0 && i < 10).map(
    ([topic, rule]) => `- Please remember: when the customer asks about ${topic}, ${rule}.`,
  );
  const examples = EXAMPLES.map(([question, answer]) => `Customer: ${question}\nYou: ${answer}`);
  return [
    'You answer for Lumen & Sons, a shop for lamps. You know only what stands on the pages below.',
    ...rules,
    ...again,
    'Generate a professional answer of approximately two sentences, and do not create information of your own.',
    FORMAT,
    '',
    ...examples,
  ].join('\n');
}

const LAMPS = ['Arlo', 'Bruno', 'Cosima', 'Dario', 'Elena', 'Fabian', 'Greta', 'Hugo'];
const BANNER = [
  'You are reading the help centre of Lumen & Sons, your shop for lamps of every kind since 1987.',
  'Menu: Home | Lamps | Bulbs | Outlet | Gift cards | Store finder | Newsletter | My account | Basket',
  'Our service line is open on weekdays; have your customer number and the name of your lamp at hand.',
  'Was this page helpful? Yes / No. Share it with a friend, or print it with the button on the right.',
].join('\n');

interface Lamp {
  name: string;
  watt: number;
  days: number;
  kilos: string;
  page: string;
}

function lamp(name: string, random: Random): Lamp {
  const [watt, days] = [15 + 5 * random.int(9), 14 + random.int(40)];
  const kilos = `${1 + random.int(8)}.${random.int(10)}`;
  const cord = random.pick(['scarlet', 'mustard', 'turquoise']);
  const page = [
    `[${random.int(1e6)}] ${name}`,
    BANNER,
    `${name}: floor lamp with a ${cord} cord, weight ${kilos} kg.`,
    `The ${name} takes bulbs of up to ${watt} W. It must not be used in bathrooms, and it is not dimmable.`,
    `You can send the ${name} back within ${days} days, but not if its seal is broken.`,
  ].join('\n');
  return { name, watt, days, kilos, page };
}

/** Rules and examples of more than 1,024 tokens, the same for all, and eight found pages of which four are copies. */
export function shopPrompts(random: Random): Prompt[] {
  const shared = shopRules();
  return Array.from({ length: REQUESTS }, (_, i) => {
    const lamps = random
      .shuffle(LAMPS)
      .slice(0, 4)
      .map((name) => lamp(name, random));
    const asked = lamps[0] as Lamp;
    const others = lamps.slice(1).map(({ page }) => page);
    const variants: [question: string, line: string[]][] = [
      [`Which bulbs does the ${asked.name} take?`, [asked.name, `${asked.watt} W`]],
      [`May the ${asked.name} be used in bathrooms?`, [asked.name, 'must not be used in bathrooms']],
      [
        `How long can I send the ${asked.name} back?`,
        [asked.name, `${asked.days} days`, 'but not if its seal is broken'],
      ],
      [`What does the ${asked.name} weigh?`, [asked.name, `${asked.kilos} kg`]],
      // Nothing in this one leads to a page by its words.
      ['Mine gets dim by itself. Is that meant to be?', ['it is not dimmable', asked.name]],
    ];
    const [question, line] = variants[i % variants.length] as [string, string[]];
    return {
      parts: {
        shared,
        // The page that is asked for comes last, so that nobody finds it by taking the first.
        chunks: [...random.shuffle([...others, ...others]), asked.page, asked.page],
        rows: [],
        fields: [],
        question: `${question} (customer ${1000 + i})`,
      },
      needs: [FORMAT, ...EXAMPLES.map(([, answer]) => answer), ...hopeless(i)],
      // All rules: which one a customer comes to, nobody knows when the prompt is written.
      lines: [...TOPICS, line],
      together: [],
      page: asked.page,
    };
  });
}

// --- the orders: records with many fields, of which the task reads a few --------------------------------------

/** Twelve records of ten fields. */
export function tablePrompts(random: Random): Prompt[] {
  const fields = ['order', 'carrier', 'state', 'due'];
  return Array.from({ length: REQUESTS }, (_, i) => {
    const rows = Array.from({ length: 12 }, (_, n) => ({
      order: 40_000 + i * 100 + n,
      customerReference: `CR-${random.int(1e6)}`,
      warehouse: { code: `W${random.int(9)}`, shelf: `${random.int(90)}-${random.int(90)}` },
      carrier: random.pick(['Hermes', 'Postal', 'Swift', 'Rhenus', 'Nordic']),
      createdAt: `2026-01-0${1 + random.int(5)}T0${random.int(10)}:15:00.000Z`,
      state: random.pick(['packed', 'on its way', 'not paid', 'returned']),
      due: `2026-01-${10 + random.int(19)}`,
      weightGrams: 500 + random.int(9000),
      invoice: { net: random.int(90_000) / 100, tax: random.int(9000) / 100, currency: 'EUR' },
      notes: null,
    }));
    const asked = random.pick(rows);
    return {
      parts: {
        shared:
          'You answer questions about orders. Use only the information in the records below, do not create or generate any. Be professional. Answer in one sentence.',
        chunks: [],
        rows,
        fields,
        question: `When is order ${asked.order} due, who carries it and what is its state?`,
      },
      needs: ['Answer in one sentence', ...fields, ...hopeless(i)],
      together: [String(asked.order), asked.carrier, asked.state, asked.due],
    };
  });
}

// --- the code: pages with examples in which every blank counts -----------------------------------------------

const SERVICES = ['mailer', 'indexer', 'thumbnailer', 'exporter', 'notifier', 'importer'];
const LICENCE = [
  'This page belongs to the documentation of Quay. Quay and its logo are marks of the Quay authors.',
  'Navigation: Overview / Install / Configure / Deploy / Upgrade / Troubleshoot / Glossary / Release notes',
  'Found a mistake? Open an issue or send a pull request. This page was built from the branch stable.',
].join('\n');

function configPage(service: string, random: Random): { page: string; block: string } {
  const memory = 128 * (1 + random.int(8));
  const block = [
    '```yaml',
    `${service}:`,
    '  retry:',
    `    attempts: ${1 + random.int(9)}`,
    `    backoff:  "${100 + random.int(900)} ms"   # not seconds`,
    '  limits:',
    `    memory:   "${memory}Mi"`,
    '  fallback:',
    `    memory:   "${memory}Mi"`,
    '```',
  ].join('\n');
  const page = [
    LICENCE,
    `The ${service} reads its settings from \`quay/${service}.yaml\`. Indentation is two blanks, never a tab.`,
    block,
    `Do not set \`${service}.retry.attempts\` to 0: the ${service} would then never start.`,
  ].join('\n');
  return { page, block };
}

/** Six found pages, two of them twice, each with an example in a fence. */
export function codePrompts(random: Random): Prompt[] {
  return Array.from({ length: REQUESTS }, (_, i) => {
    const services = random.shuffle(SERVICES).slice(0, 4);
    const pages = services.map((service) => configPage(service, random));
    const asked = pages[0] as (typeof pages)[number];
    const copies = pages.slice(1, 3);
    return {
      parts: {
        shared:
          'You help people to create a configuration for Quay. Quote settings exactly, without approximately. Answer with a fenced block only.',
        chunks: random.shuffle([...pages, ...copies].map(({ page }) => page)),
        rows: [],
        fields: [],
        question: `What do I write to configure retries of the ${services[0]}? (ticket ${7000 + i})`,
      },
      needs: ['Answer with a fenced block only', asked.block, 'never a tab', ...hopeless(i)],
      together: [],
      page: asked.page,
    };
  });
}

function hopeless(i: number): string[] {
  return i === HOPELESS ? ['a fact that stands nowhere'] : [];
}
