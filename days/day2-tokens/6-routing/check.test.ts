import * as subject from '#days/day2-tokens/6-routing/route-tasks.ts';
import { check, hold, meets, play, trial } from '#lib/check';
import { inWords } from '#lib/provider';
import { type Done, imageFor, KINDS, rightCount, STRONG, scenario } from './scenario.ts';

const run = play(scenario, subject);
const atHalf = trial(() => Promise.all(AT_HALF.map(({ score }) => askedOf(score))));

check('chooses a text model and an image model for each task, and says why', async () => {
  const played = await run();
  const { done } = played.value;
  for (const { task, choice } of done) {
    hold(choice.models.length > 0 && choice.models.every((model) => choice.rationale.includes(model)), {
      happened: `the rationale for a task of the kind "${task.kind}" was "${choice.rationale}" for ${choice.models.join(', then ')}`,
      expected: 'the names of the models in it',
    });
    // Names of models have digits of their own.
    const words = choice.models.reduce((rest, model) => rest.replaceAll(model, ''), choice.rationale);
    hold(/\d/.test(words), {
      happened: `the rationale "${choice.rationale}" had no figure beside the names in it`,
      expected: 'the figure that speaks for the choice, such as the share of samples that came out right',
      help: 'In half a year somebody asks why this kind goes to that model. The rationale is the answer.',
    });
    const wanted = task.picture === 'none' ? null : imageFor(task);
    hold(choice.imageModel === wanted, {
      happened: `a task with the picture "${task.picture}" got the image model ${choice.imageModel}`,
      expected: `${wanted}: flux-dev ($0.025) is for print, flux-schnell ($0.003) is good enough for the web, and no picture costs nothing`,
    });
  }
  meets(played, 'bill of the pictures');
});

const kinds = check('is nearly as good in every kind of task', async () => {
  const played = await run();
  const { done, unknown } = played.value;
  for (const kind of Object.keys(KINDS)) {
    const mine = done.filter(({ task }) => task.kind === kind);
    const [right, strong] = [rightCount(mine), mine.filter((it) => it.strong).length];
    hold(right >= strong - Math.max(2, Math.floor(0.15 * mine.length)), {
      happened: `of ${mine.length} tasks of the kind "${kind}", ${right} came out right; with the strong model ${strong}`,
      expected: 'at most two fewer, or three in twenty, in each kind',
      help: 'A mean over all kinds hides the one that fails. Length and wording say nothing about difficulty; the samples of each kind do.',
    });
  }
  meets(played, 'quality, as a share of the strong model', worstKind(done));
  hold(unknown.join() === STRONG, {
    happened: `a task of a kind that no sample has went to ${unknown.join(', then ') || 'no model'}`,
    expected: `${STRONG}, the strongest: nothing says that less will do`,
  });
});

const cheap = check('costs at most half as much', { needs: [kinds] }, async () => {
  const played = await run();
  const calls = played.ledger.calls.length;
  meets(
    played,
    'bill, as a share of the strong model',
    `${played.traffic.length} tasks took ${calls} calls. Each answer that goes on to the next model was paid twice, and so was the judge.`,
  );
  const given = await atHalf();
  AT_HALF.forEach(({ score, asked }, i) => {
    hold(given[i] === asked, {
      happened: `with the threshold 0.5 and the score ${score}, cascade asked ${given[i] || 'no model'}`,
      expected: `${asked}: the second is asked if the score is below the threshold`,
    });
  });
});

/** Which of the models A and B are asked where the judge gives such a score. */
const AT_HALF = [
  { score: 0.49, asked: 'A, then B' },
  { score: 0.5, asked: 'A' },
];

async function askedOf(score: number): Promise<string> {
  const asked: string[] = [];
  const task = { id: 'T1', kind: 'tag', text: 'Which?', live: false, picture: 'none' as const };
  const choice = { models: ['A', 'B'], threshold: 0.5, imageModel: null, rationale: '' };
  await subject.cascade(task, choice, {
    async ask(model) {
      asked.push(model);
      return `${model} says`;
    },
    judge: async () => score,
  });
  return asked.join(', then ');
}

check('does not let a waiting user wait for one model after another', { needs: [kinds, cheap] }, async () => {
  const played = await run();
  meets(
    played,
    'p95 of live tasks',
    'A task that is `live` goes to one model, at once: a cascade takes the time of both.',
  );
});

function worstKind(done: readonly Done[]): string {
  const kinds = Object.keys(KINDS).map((kind) => {
    const mine = done.filter(({ task }) => task.kind === kind);
    return {
      kind,
      loss: (mine.filter((it) => it.strong).length - rightCount(mine)) / mine.length,
    };
  });
  const worst = kinds.toSorted((a, b) => b.loss - a.loss)[0];
  return `Most was lost in the kind "${worst?.kind}": ${inWords(worst?.loss ?? 0, 'share')} of its tasks. Length says nothing about difficulty; the samples do.`;
}
