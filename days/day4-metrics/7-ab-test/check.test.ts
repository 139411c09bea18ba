import * as subject from '#days/day4-metrics/7-ab-test/experiment.ts';
import { check, hold, meets, play } from '#lib/check';
import { given } from '../given.ts';
import { BUDGET_USD, QUALITY, scenario } from './scenario.ts';

const run = play(scenario, subject);

const assigns = check('keeps a user in one arm, and splits users evenly', async () => {
  const { moved, treated, alike } = given((await run()).value.assigned, 'assign');
  hold(moved === 0, {
    happened: `${moved} of 1000 users were in another arm when they came back`,
    expected: 'each user to stay in one',
    help: 'Both arms then share caches and habits, and each is measured on the other. Hash the user, do not toss a coin.',
  });
  hold(treated >= 430 && treated <= 570, {
    happened: `${treated} of 1000 users were in the treatment`,
    expected: 'about half of them',
    help: 'Take the lowest bit only of a hash that mixes well; FNV-1a needs a final shift or two.',
  });
  hold(alike >= 430 && alike <= 570, {
    happened: `${alike} of 1000 users were in the same arm of two experiments`,
    expected: 'about half: two experiments have nothing to do with each other',
    help: 'Hash the salt together with the user.',
  });
});

check('finds nothing where there is nothing, though it looks every day', { needs: [assigns] }, async () => {
  const played = await run();
  given(played.value.same, 'an A/A experiment');
  meets(
    played,
    'false decisions, A/A',
    'Twenty looks are twenty chances for luck, so each needs a higher bar. And three requests of one user are one witness, not three.',
  );
});

check('stops an arm that does harm', { needs: [assigns] }, async () => {
  const results = given((await run()).value.harmful, 'an experiment that does harm');
  const stopped = results.filter(({ decision, day }) => decision === 'stop' && day <= 10).length;
  const shipped = results.filter(({ decision }) => decision === 'ship').length;
  hold(stopped >= results.length * 0.7 && shipped <= results.length * 0.1, {
    happened: `of ${results.length} treatments that were cheaper and gave 18 % bad answers instead of 5 %, ${shipped} were shipped and ${stopped} stopped by the tenth day`,
    expected: 'most of them to be stopped by then, and none to be shipped',
    help: 'A guardrail is looked at first: quality, and only then money.',
  });
});

check('finds a saving that is there', { needs: [assigns] }, async () => {
  meets(
    await run(),
    'savings of 10 % found',
    'A bar that never lets anything pass is no experiment either. O’Brien and Fleming ask much of early looks and little more than 1.96 of the last.',
  );
});

check('tunes within its spend limit', async () => {
  for (const { settings, trials } of (await run()).value.tuned) {
    given(settings, 'tune');
    hold(trials <= BUDGET_USD, {
      happened: `it made ${trials} trials of a dollar`,
      expected: `at most ${BUDGET_USD}`,
      help: 'Six levels of three settings are 216 combinations; change one setting at a time.',
    });
  }
});

check('keeps quality while it tunes', async () => {
  const { value, traffic } = await run();
  const lost = traffic.spaces.filter((it, i) => {
    const settings = given(value.tuned[i]?.settings ?? { error: 'nothing' }, 'tune');
    return it.quality(settings) < QUALITY;
  }).length;
  hold(lost === 0, {
    happened: `${lost} of ${traffic.spaces.length} tuned settings gave fewer than nine good answers of ten`,
    expected: 'the cheapest settings of those that keep quality',
    help: 'The cheapest settings of all are cheap because they give bad answers.',
  });
});

check('finds settings that hold on other traffic', async () => {
  meets(
    await run(),
    'of the possible gain, by tuning',
    'Settings that are best on one trace are best on that trace. Judge each by the mean of several.',
  );
});

check('settles instead of swinging', async () => {
  const limits = given((await run()).value.limits, 'adjust');
  const late = limits.slice(-40);
  const mean = late.reduce((total, limit) => total + limit, 0) / late.length;
  const turns = late.filter((limit, i) => {
    const [before = limit, after = limit] = [late[i - 1], late[i + 1]];
    return (limit - before) * (after - limit) < 0;
  }).length;
  hold(turns <= 10, {
    happened: `in its last 40 steps the limit turned round ${turns} times`,
    expected: 'at most 10 turns',
    help: 'Between "too slow" and "room to spare" there must be a band in which nothing is changed (hysteresis).',
  });
  hold(mean >= 28 && Math.max(...late) <= 48, {
    happened: `the limit stood at ${Math.round(mean)} on average, at most at ${Math.round(Math.max(...late))}`,
    expected: '28 or more on average, and never more than 48: at 40 p95 is what was promised',
    help: 'Add a little while there is room, multiply by less than one when it is too slow (AIMD).',
  });
});
