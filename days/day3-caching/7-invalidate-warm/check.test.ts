import * as subject from '#days/day3-caching/7-invalidate-warm/invalidate-warm.ts';
import { check, hold, meets, play, step } from '#lib/check';
import { scenario } from './scenario/index.ts';

const run = play(scenario, subject);

step(1);

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
  for (const { name, waitsMs, atMs, isRight } of (await run()).value.late) {
    const doing = atMs < 300 ? 'being made' : 'being written to the store';
    hold(isRight || waitsMs === 0, {
      happened: `${name} was ${doing} when its source changed; a second later the old answer was in the cache`,
      expected: 'what was begun before the change never to be stored after it',
      help: 'The purge finds nothing to drop, because nothing is stored yet. Mark the fill as void, and look at the mark before you store. What is being written already has to be deleted after that.',
    });
    hold(isRight, {
      happened: `${name} was ${doing} when its source changed; who asked right after the change was given that old answer`,
      expected: 'a new one to be made for whoever asks after the change',
      help: 'A fill that is void must not be joined either.',
    });
  }
  const { together, isKept, whileWritten, after, lost, told, then } = (await run()).value.shared;
  hold(together === 1 && whileWritten === 1, {
    happened: `an answer was made ${together === 1 ? whileWritten : together} times for two who asked ${together === 1 ? 'while it was made and while it was written' : 'at the same moment'}`,
    expected: 'once: the second waits for the first',
  });
  hold(isKept, {
    happened: 'an answer was given, and the store did not have it yet',
    expected: 'it to be stored, then given',
  });
  hold(after === 2, {
    happened: `an answer under way was made void, a second was begun, and while that one was made somebody else asked: ${after} were made in all`,
    expected: '2: the first, when it ends, must not take the second out of the map',
  });
  hold(lost === 2, {
    happened: `the store had lost an answer; it was made ${lost} times in all`,
    expected: '2: what is not in the store is made anew',
    help: 'A fill that has ended is no store: take it out of the map.',
  });
  hold(told === 'Error: 503' && then === 'made', {
    happened: `an answer could not be made, and its caller was told "${told}"; the next who asked was given "${then}"`,
    expected: 'the error, and then a new attempt',
  });
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
  const { seen, moved } = (await run()).value.kinds;
  for (const { selection, left, wanted, counted, went } of seen) {
    hold(left.join() === wanted.join(), {
      happened: `after invalidate(${JSON.stringify(selection)}), ${left.join(', ') || 'nothing'} was left`,
      expected: `${wanted.join(', ')} to be left: a tag, a dep and a path of one name are three things`,
    });
    hold(counted === went, {
      happened: `after invalidate(${JSON.stringify(selection)}) of ${went} stored answers, it returned ${counted}`,
      expected: `${went}`,
    });
  }
  hold(moved.counted === 0 && moved.made === 2, {
    happened: `an answer was made from one document, dropped, and made from another; when the first document changed again, invalidate returned ${moved.counted}, and the answer was made ${moved.made} times in all`,
    expected: '0, and 2: it has nothing to do with that document any more',
    help: 'What is dropped loses its labels.',
  });
});

check('looks only at the answers that are concerned', async () => {
  meets(
    await run(),
    'store steps for each answer that goes',
    'Listing all keys reads every answer to drop a few, and blocks a Redis meanwhile. Note for each tag, source and prefix which keys belong to it.',
  );
});

step(2);

check('leaves the peak and the budget alone', async () => {
  const { warming, tight } = (await run()).value;
  for (const { name, wanted, filled, unfinished } of tight) {
    hold(filled === wanted, {
      happened: `with ${name}: filled was ${filled || 'nothing'}`,
      expected: `${wanted || 'nothing'}, in this order`,
      help: 'By gain for a dollar, as long as `slack()` is 1 or more and the whole fill fits into what is left. Three times 0.1 is more than 0.3 for a computer: compare with a little room.',
    });
    hold(unfinished === 0, {
      happened: `\`offer\` had resolved, and ${unfinished === 1 ? 'a fill was' : `${unfinished} fills were`} still under way`,
      expected: 'none',
    });
  }
  hold(warming.inPeak === 0 && warming.overSlack === 0, {
    happened: `${warming.inPeak} fills were started in the peak, and ${warming.overSlack} when the second was full`,
    expected: 'none: a fill that nobody asked for must not make those wait who did',
    help: 'Ask `slack()` right before each fill.',
  });
});

check('learns probabilities that hold on another day', async () => {
  const { shares, once } = (await run()).value.learnt;
  hold(once > 0 && once <= 1, {
    happened: `"b" followed "rare" the only time that it was seen; learnt was a probability of ${once}`,
    expected: 'more than 0, and at most 1',
  });
  for (const { page, next, share, given } of shares)
    hold(Math.abs(given - share) <= 0.03, {
      happened: `of all the times that "${page}" was followed by a page, it was "${next}" in ${(share * 100).toFixed(0)} %; learnt was ${(given * 100).toFixed(0)} %`,
      expected: 'that share: what comes last in a session does not count, and the next session is another',
    });
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
