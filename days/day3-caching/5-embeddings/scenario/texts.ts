import { modelFor, type Random } from '#lib/provider';
import type * as Contract from '../../contracts/embeddings.ts';

const SMALL = modelFor('embedder');
const LARGE = modelFor('wideEmbedder');
export const BATCH = 100;
export const TABLES = 40;
/** Rules and borders: 61 characters that make 40 tokens. */
const TABLE_ROW = ` ${'|:-'.repeat(20)}`;
const ROWS_A_TABLE = 200;
export const TOKENS_A_TABLE = 40 * ROWS_A_TABLE;

interface Document {
  id: string;
  text: string;
}

/** The state of the index after one night. */
interface Night {
  name: string;
  documents: Document[];
  options: Contract.EmbedOptions;
}

export interface Day {
  name: string;
  texts: string[];
  options: Contract.EmbedOptions;
}

export const TABLE = 'Price table';
export const LOOK_ALIKES = ['look-alikes', 'look-alikes of the day after'];
const SUBJECTS = [
  'invoice',
  'refund',
  'password',
  'delivery',
  'plan',
  'export',
  'seat',
  'webhook',
  'trial',
  'address',
];
const ACTIONS = ['change', 'cancel', 'find', 'share', 'print', 'archive', 'restore', 'split', 'move'];
export const QUERIES = [
  'How do I get a refund in the billing settings?',
  'I forgot my passcode',
  'Where is my parcel? It was about delivery in billing.',
  'Stop the subscription',
];

/** Long texts of one length that differ in one word, and short ones that differ in case, spaces or the way an accent is written. */
function lookAlikes(): [string[], string[]] {
  const long = (first: string, middle: string, last: string) =>
    `${first} ${'and all that we know about it '.repeat(10)}${middle} ${'and whom you can ask '.repeat(10)}${last}`;
  return [
    [
      long('refund', 'parcel', 'ticket'),
      long('export', 'parcel', 'ticket'),
      'US',
      'us',
      'IT support',
      'Caf\u00e9',
    ],
    [
      long('refund', 'seller', 'ticket'),
      long('refund', 'parcel', 'master'),
      'Us',
      ' US',
      'IT  support',
      'Cafe\u0301',
    ],
  ];
}

export function daysOf(random: Random): Day[] {
  const questions = SUBJECTS.flatMap((subject) =>
    ACTIONS.map((action) => `How do I ${action} my ${subject}?`),
  );
  const drawn = (count: number) => Array.from({ length: count }, () => random.pick(questions));
  const tables = Array.from({ length: TABLES }, (_, i) => `${TABLE} ${i}:${TABLE_ROW.repeat(ROWS_A_TABLE)}`);
  const small = { model: SMALL, dims: 256, batch: BATCH };
  const shared = random.shuffle(questions).slice(0, 20);
  return [
    { name: 'questions', texts: drawn(140), options: small },
    { name: 'questions again', texts: drawn(140), options: small },
    { name: 'questions, shorter vectors', texts: shared, options: { ...small, dims: 64 } },
    { name: 'questions, larger model', texts: shared, options: { ...small, model: LARGE } },
    { name: 'price tables', texts: tables, options: small },
    { name: 'questions, first vectors again', texts: shared, options: small },
    ...lookAlikes().map((texts, i) => ({
      name: LOOK_ALIKES[i] as string,
      texts,
      options: { ...small, batch: 3 },
    })),
  ];
}

export function nightsOf(random: Random): Night[] {
  const articles = SUBJECTS.flatMap((subject) =>
    ['billing', 'account', 'team', 'mobile'].map((area, i) => ({
      id: `${subject}-${i}`,
      text: `Everything about your ${subject} in the ${area} settings, and how to ${random.pick(ACTIONS)} it.`,
    })),
  );
  const options = { model: SMALL, dims: 256, batch: BATCH };
  const order = random.shuffle(articles);
  const changed = order
    .slice(0, 4)
    .map(({ id }) => ({ id, text: `Refunds: how you get your money back (${id}).` }));
  const added = ['a', 'b'].map((x) => ({ id: `new-${x}`, text: `I forgot my passcode, case ${x}.` }));
  const gone = ['refund-0', 'password-0', 'delivery-0'];
  const rest = articles.filter(({ id }) => !gone.includes(id) && !changed.some((it) => it.id === id));
  const later = random.shuffle([...changed.filter(({ id }) => !gone.includes(id)), ...rest, ...added]);
  const fewer = random.shuffle(later.slice(1));
  const inTheMiddle = fewer.find(({ text }) => text.includes(' billing '));
  const atTheEnd = fewer.find((it) => it !== inTheMiddle && it.text.endsWith(' it.'));
  const edited = fewer.map(({ id, text }) => ({
    id,
    text:
      id === inTheMiddle?.id
        ? text.replace(' billing ', ' account ')
        : id === atTheEnd?.id
          ? text.replace(/ it\.$/, ' me.')
          : text,
  }));
  return [
    { name: 'first night', documents: articles, options },
    { name: 'second night', documents: later, options },
    {
      name: 'third night, one document less, and another size of a request',
      documents: fewer,
      options: { ...options, batch: 50 },
    },
    { name: 'fourth night, a word in the middle and one at the end', documents: edited, options },
    { name: 'fifth night, another model', documents: edited, options: { ...options, model: LARGE } },
    {
      name: 'sixth night, shorter vectors',
      documents: edited,
      options: { ...options, model: LARGE, dims: 64 },
    },
  ];
}
