import * as subject from '#days/day3-caching/5-embeddings/embeddings.ts';
import { check, hold, meets, play } from '#lib/check';
import { dot, type Embedded, LOOK_ALIKES, scenario } from './scenario/index.ts';

/** Lists that are embedded by one model, with one number of dimensions. */
const ONE_KIND = ['questions', 'questions again', ...LOOK_ALIKES];

const run = play(scenario, subject);

const fits = check('asks for no more in one request than it may hold', async () => {
  const { ledger, outcome } = await run();
  const refused = ledger.calls.find(({ outcome: ended }) => ended === 'refused');
  hold(!refused, () => ({
    happened: `the provider refused a request of ${refused?.inputs} texts with status ${refused?.status}${outcome.ok ? '' : `: ${(outcome.error as Error).message}`}`,
    expected: 'at most 300,000 tokens in one request, besides the number of texts',
    help: 'Forty long tables are too many for one request, though they are only forty texts. Start a new request when the sum would pass the cap.',
  }));
  for (const { requests, options } of (await run()).value.embedded)
    hold(Math.max(...requests, 0) <= options.batch, {
      happened: `a request held ${Math.max(...requests)} texts`,
      expected: `at most \`batch\`, ${options.batch}`,
    });
});

check('gives vectors of length one', { needs: [fits] }, async () => {
  for (const { name, vectors, options } of (await run()).value.embedded) {
    const lengths = vectors.map((vector) => Math.sqrt(dot(vector, vector))).filter((length) => length > 0);
    const length = lengths.find((it) => Math.abs(it - 1) > 1e-3) ?? 1;
    hold(length === 1, {
      happened: `"${name}" got vectors of length ${length.toFixed(3)} with ${options.dims} numbers`,
      expected: 'length 1, so that a dot product is a cosine and all rows can be compared',
      help: 'A longer vector may be cut to its first numbers, but must then be divided by its length. Or ask with `dimensions`.',
    });
  }
});

check('hands out vectors that nobody else can change', { needs: [fits] }, async () => {
  for (const it of (await run()).value.embedded) {
    const zeroed = it.vectors.filter((vector) => vector.every((value) => value === 0)).length;
    hold(zeroed === 0, {
      happened: `"${it.name}": ${zeroed} vectors were all zero, because an earlier caller had written zeros into its own`,
      expected: 'a copy for each caller and for each place',
      help: 'The store hands out the array that it keeps, and two equal texts get the same array: `slice()` copies one.',
    });
  }
});

check('puts each vector in the place of its text', { needs: [fits] }, async () => {
  for (const it of (await run()).value.embedded.filter(({ name }) => ONE_KIND.includes(name))) {
    const at = firstWrong(it);
    hold(at < 0, () => ({
      happened: `"${it.name}": place ${at} of ${it.texts.length} does not hold the vector of ${JSON.stringify(it.texts[at]?.slice(0, 40))}`,
      expected: 'the vectors in the order of the texts',
      help: 'Known ones first and new ones behind is another order. Write each into its own place.',
    }));
  }
});

check('keeps the vectors of models and dimensions apart', { needs: [fits] }, async () => {
  for (const it of (await run()).value.embedded) {
    const at = firstWrong(it);
    hold(at < 0, () => ({
      happened: `"${it.name}" asked ${it.options.model} for ${it.options.dims} numbers and got another vector, with ${it.vectors[at]?.length} numbers`,
      expected: 'the vector of that model and that many dimensions',
      help: 'The same text has another vector in every model; both belong into the key.',
    }));
  }
});

check('embeds each text once', { needs: [fits] }, async () => {
  const played = await run();
  const { embedded, forNothing } = played.value;
  hold(forNothing.vectors === 0 && forNothing.requests === 0, {
    happened: `for an empty list, ${forNothing.requests} requests were sent and ${forNothing.vectors} vectors came back`,
    expected: 'none and none',
  });
  for (const { name, unwritten } of embedded)
    hold(unwritten === 0, {
      happened: `"${name}": when \`embedAll\` had resolved, ${unwritten} vectors were still on their way into the store`,
      expected: 'the store to know them: who asks next would pay for them again',
    });
  const alike = embedded.filter(({ name }) => LOOK_ALIKES.includes(name));
  const count = alike.flatMap(({ texts }) => texts).length;
  const sent = alike.flatMap(({ requests }) => requests).reduce((sum, inputs) => sum + inputs, 0);
  hold(sent === count, {
    happened: `of ${count} new texts, some of which differ only in case, in spaces or in the way an accent is written, ${sent} were sent`,
    expected: `${count}: each character can change the vector`,
    help: 'Take the text as it is into the key.',
  });
  meets(played, 'texts embedded', 'The same text comes many times, within a list and on the next day.');
  meets(
    played,
    'requests',
    'One request takes up to `batch` texts and 300,000 tokens: collect what is not known yet, and fill one request before you begin the next.',
  );
});

check('lets a search find what a look through all vectors finds', async () => {
  for (const { name, query, found, wanted } of (await run()).value.searches) {
    hold(found.join() === wanted.join(), {
      happened: `${name}: "${query}" found ${found.join(', ') || 'nothing'} in the index`,
      expected: `${wanted.join(', ')}, as a search through all documents finds`,
      help: 'A row must go with its document, change with its text, and be embedded anew when the model changes.',
    });
  }
  for (const { name, wrong } of (await run()).value.written)
    hold(wrong.length === 0, {
      happened: `${name}: in ${wrong.length === 1 ? 'one place' : `${wrong.length} places`} the index lacked a row, had one too many, or one with another vector than that of its text: ${wrong.slice(0, 3).join(', ')}`,
      expected: 'exactly these documents, embedded with these options',
      help: 'Any character may have changed: take a hash of the whole text, the model and `dims` as the mark.',
    });
});

check('writes only the rows that changed', async () => {
  const played = await run();
  const [worst] = played.value.written.filter(({ rows, needed }) => rows > needed);
  hold(!worst, () => ({
    happened: `${worst?.name}: ${worst?.rows} rows were written`,
    expected: `${worst?.needed}, those that are new or changed`,
    help: 'Keep a hash of the content with each row. What has the same hash is right as it is.',
  }));
  const [idle] = played.value.written.filter(({ embedded, needed }) => embedded > needed);
  hold(!idle, () => ({
    happened: `${idle?.name}: ${idle?.embedded} texts were embedded`,
    expected: `${idle?.needed}, those of the rows that are new or changed`,
  }));
  meets(played, 'rows written');
});

/** The first place that does not hold the vector which the provider gives for its text; -1 if all do. */
function firstWrong({ vectors, expected, texts }: Embedded): number {
  return texts.findIndex((_, i) => {
    const [got, wanted] = [vectors[i], expected[i]];
    if (!got) return true;
    return (
      wanted && (got.length !== wanted.length || got.some((x, j) => Math.abs(x - (wanted[j] ?? 0)) > 1e-4))
    );
  });
}
