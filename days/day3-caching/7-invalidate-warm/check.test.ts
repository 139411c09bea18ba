import * as subject from '#days/day3-caching/7-invalidate-warm/invalidate-warm.ts';
import { check, hold, meets, play } from '#lib/check';
import { scenario } from './scenario/index.ts';

const run = play(scenario, subject);

check('drops what was made from what changed, and what was made from that', async () => {
  for (const { name, old, selection } of (await run()).value.changes) {
    hold(old.length === 0, {
      happened: `after ${name} (${JSON.stringify(selection)}), ${old.length} answers were still the old ones, ${old[0]} for one`,
      expected: 'none: a digest goes back to summaries, these to answers, and those to documents',
      help: 'Whatever is dropped is itself a source: look for what depends on its key, and on that one, until nothing new is found.',
    });
  }
});

check('does not let an answer that was under way come back', async () => {
  for (const { name, waitsMs, isRight } of (await run()).value.late) {
    hold(isRight || waitsMs === 0, {
      happened: `${name} was being made when its source changed; a second later the old answer was in the cache`,
      expected: 'what was begun before the change never to be stored after it',
      help: 'The purge finds nothing to drop, because nothing is stored yet. Mark the fill as void, and look at the mark before you store.',
    });
    hold(isRight, {
      happened: `${name} was being made when its source changed; who asked right after the change was given that old answer`,
      expected: 'a new one to be made for whoever asks after the change',
      help: 'A fill that is void must not be joined either.',
    });
  }
});

check('keeps what has nothing to do with it, and says how many went', async () => {
  for (const { name, selection, madeInVain, counted, concerned } of (await run()).value.changes) {
    hold(madeInVain.length === 0, () => ({
      happened: `after ${name} (${JSON.stringify(selection)}), ${madeInVain.length} answers were made again that were right, ${madeInVain[0]} for one`,
      expected: `only the ${concerned.length} that the selection names or that go back to it`,
      help: '`user:1` is above `user:1:plan` and not above `user:12:plan`: compare whole segments.',
    }));
    hold(counted === concerned.length, {
      happened: `after ${name}, invalidate returned ${counted}`,
      expected: `${concerned.length}, the stored answers that went`,
    });
  }
});

check('looks only at the answers that are concerned', async () => {
  meets(
    await run(),
    'store steps for each answer that goes',
    'Listing all keys reads every answer to drop a few, and blocks a Redis meanwhile. Note for each tag, source and prefix which keys belong to it.',
  );
});

check('leaves the peak and the budget alone', async () => {
  const { warming, tight } = (await run()).value;
  hold(warming.inPeak === 0 && warming.overSlack === 0, {
    happened: `${warming.inPeak} fills were started in the peak, and ${warming.overSlack} when the second was full`,
    expected: 'none: a fill that nobody asked for must not make those wait who did',
    help: 'Ask `slack()` right before each fill.',
  });
  hold(tight.length <= 3, {
    happened: `with $3 for the day, ${tight.length} fills of $1 each were started`,
    expected: 'at most 3: the budget is for the day, not for each offer',
  });
  hold([...tight].sort().join() === 'b,c,d', {
    happened: `with $3 for offers of $1 each, ${tight.join(', ') || 'nothing'} was filled, of a 0.6, b 0.9, c 0.8, d 0.95, e 0.7`,
    expected: 'b, c and d: what brings most for a dollar first',
  });
});

check('learns probabilities that hold on another day', async () => {
  meets(
    await run(),
    'error of the predictions',
    'What was seen once is not certain. Count how often each page followed each, over all sessions, and divide.',
  );
});

check('fills ahead what is worth its price', async () => {
  meets(
    await run(),
    'net on a hidden day',
    'A fill costs in any case and saves only if the page is asked for: probability × what it saves − what it costs. A dear page at 0.8 can be a loss, a cheap one at 0.4 a gain.',
  );
});
