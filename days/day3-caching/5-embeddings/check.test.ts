import * as subject from '#days/day3-caching/5-embeddings/embeddings.ts';
import { check, hold, meets, play } from '#lib/check';
import { dot, type Embedded, scenario } from './scenario/index.ts';

const run = play(scenario, subject);

const fits = check('asks for no more in one request than it may hold', async () => {
  const { ledger, outcome } = await run();
  const refused = ledger.calls.find(({ outcome: ended }) => ended === 'refused');
  hold(!refused, () => ({
    happened: `the provider refused a request of ${refused?.inputs} texts with status ${refused?.status}${outcome.ok ? '' : `: ${(outcome.error as Error).message}`}`,
    expected: 'at most 300,000 tokens in one request, besides the number of texts',
    help: 'Forty long tables are too many for one request, though they are only forty texts. Start a new request when the sum would pass the cap.',
  }));
  const most = Math.max(...(await run()).value.calls.map(({ inputs }) => inputs));
  hold(most <= 100, {
    happened: `a request held ${most} texts`,
    expected: 'at most `batch`, 100',
  });
});

check('gives vectors of length one', { needs: [fits] }, async () => {
  for (const { name, vectors, options } of (await run()).value.embedded) {
    const length = Math.sqrt(dot(vectors[0] as Float32Array, vectors[0] as Float32Array));
    if (length === 0) continue;
    hold(Math.abs(length - 1) < 1e-3, {
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
  for (const it of (await run()).value.embedded.slice(0, 2)) {
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
  meets(played, 'texts embedded', 'The same text comes many times, within a list and on the next day.');
  meets(
    played,
    'requests',
    'One request takes up to `batch` texts: collect what is not known yet, and send it together.',
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
});

check('writes only the rows that changed', async () => {
  const played = await run();
  const [worst] = played.value.written.filter(({ rows, needed }) => rows > needed);
  hold(!worst, () => ({
    happened: `${worst?.name}: ${worst?.rows} rows were written`,
    expected: `${worst?.needed}, those that are new or changed`,
    help: 'Keep a hash of the content with each row. What has the same hash is right as it is.',
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
