import * as subject from '#days/day3-caching/6-semantic-cache/semantic-cache.ts';
import { check, hold, meets, play } from '#lib/check';
import { DRAWS, isWrong, MAX_FALSE, scenario } from './scenario/index.ts';

const run = play(scenario, subject);

check('never serves across tenants, models, prompts or users', async () => {
  const { scopes, served } = (await run()).value;
  for (const { name, got, leak } of scopes.seen) {
    hold(got?.text !== leak, {
      happened: `${name} asked the same question and was given "${got?.text}"`,
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
  hold(scopes.again !== undefined && scopes.own !== undefined, {
    happened: `${scopes.again ? 'Ann asked for her own answer again' : 'another user asked the same question word for word'} and got nothing`,
    expected: 'the stored answer',
  });
  hold(!scopes.unrelated, {
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

check('chooses a threshold that holds on other questions', async () => {
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

check('does not let a hit become the source of another', async () => {
  const { breeding } = (await run()).value;
  hold(!breeding, {
    happened:
      'the answer to a first question was given to a third that is not alike to it, after a second between the two had been given it',
    expected: 'a miss: only the question that an answer was made for speaks for it',
    help: 'If a hit is stored under its own vector, each error begets the next. Store only what was answered anew.',
  });
});

check('keeps wrong answers within the budget', { needs: [finds] }, async () => {
  const played = await run();
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
