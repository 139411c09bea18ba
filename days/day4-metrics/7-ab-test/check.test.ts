import * as subject from '#days/day4-metrics/7-ab-test/experiment.ts';
import { check, hold, meets, play, step } from '#lib/check';
import { given } from '../given.ts';
import { DAYS, QUALITY, SERVICES, scenario } from './scenario.ts';

const run = play(scenario, subject);

step(1);

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
  const same = given(played.value.same, 'an A/A experiment');
  const early = same.find(({ decision, day }) => decision === 'keep' && day < DAYS);
  const open = same.find(({ decision }) => decision === 'running');
  hold(early === undefined && open === undefined, {
    happened: `an experiment without a difference, of ${DAYS} days, ${early ? `was ended with "keep" on day ${early.day}` : 'was still "running" after the last of them'}`,
    expected: '"keep" on the last day',
  });
  meets(
    played,
    'false decisions, A/A',
    'Twenty looks are twenty chances for luck, so each needs a higher bar. And three requests of one user are one witness, not three.',
  );
});

check('stops an arm that does harm, and no other', { needs: [assigns] }, async () => {
  const results = given((await run()).value.harmful, 'an experiment that does harm');
  const stopped = results.filter(({ decision, day }) => decision === 'stop' && day <= 10).length;
  const shipped = results.filter(({ decision }) => decision === 'ship').length;
  hold(stopped >= results.length * 0.7 && shipped <= results.length * 0.1, {
    happened: `of ${results.length} treatments that were cheaper and gave 18 % bad answers instead of 5 %, ${shipped} were shipped and ${stopped} stopped by the tenth day`,
    expected: 'most of them to be stopped by then, and none to be shipped',
    help: 'A guardrail is looked at first: quality, and only then money.',
  });
  const better = given((await run()).value.better, 'an experiment with better quality');
  const wrong = better.filter(({ decision }) => decision === 'stop').length;
  hold(wrong === 0, {
    happened: `of ${better.length} treatments that gave 2 % bad answers instead of 15 %, ${wrong} were stopped`,
    expected: 'none: better quality is no harm',
    help: 'A guardrail has one side.',
  });
});

check('finds a saving that is there, and drops what is dearer', { needs: [assigns] }, async () => {
  meets(
    await run(),
    'savings of 10 % found',
    'A bar that never lets anything pass is no experiment either. O’Brien and Fleming ask much of early looks and little more than 1.96 of the last.',
  );
  const dearer = given((await run()).value.dearer, 'an experiment with a dearer treatment');
  const dropped = dearer.filter(({ decision }) => decision === 'drop').length;
  hold(dropped >= dearer.length * 0.8, {
    happened: `of ${dearer.length} treatments that cost a fifth more, ${dropped} were dropped`,
    expected: 'eight of ten, or more',
  });
});

step(2);

check('tunes within its spend limit', async () => {
  const { tuned, small } = (await run()).value;
  for (const { settings, trials, budgetUsd } of [...tuned, ...small]) {
    given(settings, 'tune');
    hold(trials <= budgetUsd, {
      happened: `with a budget of $${budgetUsd} it made ${trials} trials of a dollar`,
      expected: `at most ${budgetUsd}`,
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

step(3);

check('settles instead of swinging', async () => {
  const { limits } = (await run()).value;
  SERVICES.forEach(({ best, firstLimit }, i) => {
    const late = given(limits[i] ?? { error: 'nothing' }, 'adjust').slice(-MINUTES);
    const service = `from a limit of ${firstLimit}, of a service that keeps its promise up to ${best},`;
    const turns = turnsOf(late);
    hold(turns <= MOST_TURNS, {
      happened: `${service} in the last ${MINUTES} minutes the limit turned round by more than a twentieth ${turns} times`,
      expected: `at most ${MOST_TURNS} times`,
      help: 'Between "too slow" and "room to spare" leave a band in which nothing is changed (hysteresis), or take small steps near the goal.',
    });
    const mean = late.reduce((total, limit) => total + limit, 0) / late.length;
    const most = Math.max(...late);
    hold(mean >= 0.7 * best && most <= 1.2 * best, {
      happened: `${service} the limit stood at ${Math.round(mean)} on average in the last ${MINUTES} minutes, at most at ${Math.round(most)}`,
      expected: `${0.7 * best} or more on average, and never more than ${1.2 * best}`,
      help: 'Add a little while there is room, multiply by less than one when it is too slow (AIMD).',
    });
  });
});

const MINUTES = 40;
const MOST_TURNS = 4;
const TURN = 0.05;

/** How often the limit went so far in one direction after it had gone as far in the other. */
function turnsOf(limits: readonly number[]): number {
  let [low, high] = [limits[0] ?? 0, limits[0] ?? 0];
  let isUp: boolean | undefined;
  let turns = 0;
  for (const limit of limits) {
    [low, high] = [Math.min(low, limit), Math.max(high, limit)];
    const hasTurned = isUp === true ? limit < high * (1 - TURN) : limit > low * (1 + TURN);
    if (isUp !== undefined && hasTurned) {
      turns += 1;
      isUp = !isUp;
      [low, high] = [limit, limit];
    } else if (isUp === undefined && high > low * (1 + TURN)) {
      isUp = limit === high;
    }
  }
  return turns;
}
