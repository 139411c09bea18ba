import * as subject from '#days/day3-caching/6-semantic-cache/semantic-cache.ts';
import { check, hold, meets, play, step } from '#lib/check';
import { DRAWS, isWrong, MAX_FALSE, scenario } from './scenario/index.ts';

const run = play(scenario, subject);

step(1);

check('never serves across tenants, models, prompts or users', async () => {
  const { scopes, served } = (await run()).value;
  for (const { name, got, leak } of scopes.seen) {
    hold(got !== leak, {
      happened: `${name} asked the same question and was given "${got}"`,
      expected: 'a miss: the answer was made for somebody else',
      help: 'Compare by meaning only the question. Tenant, model and system prompt must be equal, and a personal answer is for one user.',
    });
  }
  const leak = served.find(({ got, query }) => got && got.query.tenant !== query.tenant);
  hold(!leak, () => ({
    happened: `${leak?.query.tenant} got the answer that was made for ${leak?.got?.query.tenant}`,
    expected: 'each tenant to be served from its own answers only',
  }));
});

check('reads the whole conversation, not only its last turn', async () => {
  const { other, bare, same } = (await run()).value.talk;
  hold(!other && !bare, {
    happened: `"How much does it cost?" after "Tell me about ${other ? 'the mobile app' : '…" had not been said at all, "'}" was given the answer about phone support`,
    expected: 'a miss: what "it" is was said before',
    help: 'Let the earlier turns be part of what must be equal, or embed them too and ask for more.',
  });
  hold(same !== undefined, {
    happened: 'the same conversation, word for word, was a miss',
    expected: 'its answer',
  });
});

const finds = check('finds a question again in the same and in other words', async () => {
  const { scopes, served } = (await run()).value;
  for (const { text, got, wanted, vectors } of scopes.again) {
    hold(got === wanted, {
      happened: `"${text}" had been stored with the answer "${wanted}", and whom it is for got ${got ? `"${got}"` : 'nothing'}`,
      expected: 'the stored answer',
    });
    hold(vectors === 0, {
      happened: `"${text}" had been stored, and to find it ${vectors === 1 ? 'a vector was' : `${vectors} vectors were`} asked for`,
      expected: 'none: a known question is found by its words',
      help: 'Look into a `Map` by scope and words before you embed. A personal answer has its user in the key.',
    });
  }
  hold(scopes.unrelated.vectors === 1, {
    happened: `for a look-up of a new question ${scopes.unrelated.vectors} vectors were asked for`,
    expected: '1',
  });
  hold(!scopes.unrelated.got, {
    happened: '"Where is my refund?" was given the answer to "How do I print an invoice?"',
    expected: 'a miss',
    help: 'Vectors of length one: the larger the product, the more alike. A distance runs the other way.',
  });
  const reworded = served.filter(
    (it) => it.got && !isWrong(it) && bare(it.got.query.text) !== bare(it.query.text),
  );
  hold(reworded.length > 0, {
    happened: `of ${served.length} requests, none was served with the answer to the same question in other words`,
    expected: 'some; otherwise it is an exact cache that pays for vectors',
    help: 'A hash of the whole request in front lets only equal requests through to the comparison.',
  });
});

check('serves the most similar of those that are alike enough', async () => {
  const { wanted, nearest, at, below } = (await run()).value.alike;
  nearest.forEach((got, i) => {
    hold(got === wanted, {
      happened: `three questions were alike enough, and the ${['first', 'last', 'second'][i]} to be stored was the most similar; served was ${got ?? 'nothing'}`,
      expected: wanted,
      help: 'Go through all of them and keep the largest product.',
    });
  });
  hold(at === wanted && below === undefined, {
    happened: `a question with a similarity of 0.5 was ${at ? 'served' : 'a miss'} at a threshold of 0.5, and ${below ? 'served' : 'a miss'} at 0.501`,
    expected: 'served, and a miss',
  });
});

check('does not let a hit become the source of another', async () => {
  const { breeding } = (await run()).value;
  hold(!breeding, {
    happened:
      'the answer to a first question was given to a third that is not alike to it, after a second between the two had been given it',
    expected: 'a miss: only the question that an answer was made for speaks for it',
    help: 'If a hit is stored under its own vector, each error begets the next. Store only what was answered anew.',
  });
});

step(2);

check('chooses a threshold that holds on other questions', async () => {
  for (const { name, served, wanted, threshold } of (await run()).value.chosen)
    hold(served === wanted, {
      happened: `${name}: with maxFalse 0.0125 the threshold was ${threshold}, at which ${served} would be answered`,
      expected: `the lowest at which the bound is kept: ${wanted === 0 ? 'none is, so a number above 1' : `${wanted} answered`}`,
      help: 'Count the wrong ones among all that a threshold lets through, also where two are equally alike, and ask `upperBound` of that count in all pairs.',
    });
  const { tooMany, meanHits } = (await run()).value.draws;
  hold(tooMany <= DRAWS / 5, {
    happened: `of ${DRAWS} thresholds chosen from 500 labelled pairs, ${tooMany} let through more than ${MAX_FALSE * 100} % wrong answers on further pairs`,
    expected: `at most ${DRAWS / 5}, chance being what it is`,
    help: 'Five errors in 500 pairs may stand for a true rate of 2.1 %. Choose by the upper end of the interval, from the pairs, for each model anew.',
  });
  hold(meanHits >= 0.15, {
    happened: `the thresholds left ${(meanHits * 100).toFixed(1)} % hits on average`,
    expected: 'at least 15 %: so strict is also wrong',
  });
});

check('keeps wrong answers within the budget', { needs: [finds] }, async () => {
  const played = await run();
  const [mixed] = played.value.turns;
  hold(!mixed, () => ({
    happened: `"${mixed?.asked}" was given the answer to "${mixed?.stored}", whose vector is the same`,
    expected: 'a miss: figures, days, months, products, "not" and opposites must agree',
    help: 'Take these words out of both questions and compare them, in both directions.',
  }));
  const wrong = played.value.served.filter(isWrong);
  const [first] = wrong;
  const example = first && `"${first.query.text}" got the answer to "${first.got?.query.text}"`;
  meets(
    played,
    'wrong answers, upper bound',
    `${wrong.length} of ${played.value.served.length} were wrong${example ? `; ${example}` : ''}. Vectors hardly see figures, dates, names and "not": compare these yourself.`,
  );
});

check('spares more calls than an exact cache', { needs: [finds] }, async () => {
  const played = await run();
  meets(played, 'hit rate', 'A hit counts if it is right. Too strict a threshold leaves an exact cache.');
  meets(played, 'p95 look-up', 'One vector for each look-up, and none where the text is known.');
});

function bare(text: string): string {
  return text.toLowerCase().replace(/\W+$/, '');
}
