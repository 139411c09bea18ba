/** One command of `npm run lab`, as its help shows it and as its arguments are read. */
export interface Usage {
  name: CommandName;
  /** What follows the name: "LAB|DAY…". */
  takes: string;
  does: string;
  /** Flags without and with a value. */
  switches: readonly string[];
  values: readonly string[];
  /** What a flag stands for that is given without its value. */
  defaults: Readonly<Record<string, string>>;
  /** Least and most words after the name. */
  words: readonly [number, number];
}

export type CommandName =
  | 'list'
  | 'check'
  | 'watch'
  | 'run'
  | 'compare'
  | 'hint'
  | 'solution'
  | 'reset'
  | 'open'
  | 'quiz'
  | 'dashboard'
  | 'report'
  | 'benchmark'
  | 'doctor'
  | 'grade'
  | 'update'
  | 'help';

const MANY = Number.POSITIVE_INFINITY;

export const USAGES: readonly Usage[] = [
  usage('list', '', 'days and labs with lane, minutes and status', [0, 0], ['json']),
  usage(
    'check',
    'LAB|DAY…',
    'grade labs',
    [1, MANY],
    ['json'],
    ['subject', 'seed', 'junit', 'ctrf', 'classroom'],
  ),
  usage('watch', '[LAB]', 'grade again at every save', [0, 1]),
  usage(
    'run',
    'LAB',
    'see your code run at human speed, or --live; --trace replays recorded traffic (day4.5)',
    [1, 1],
    ['live', 'yes'],
    ['seed', 'speed', 'budget', 'trace'],
  ),
  usage('compare', 'LAB', 'before, yours, solution, target and limit', [1, 1], [], ['seed']),
  usage('hint', 'LAB', 'the next hint', [1, 1]),
  usage('solution', 'LAB', 'the solution and its diff to your file', [1, 1], ['force', 'apply']),
  usage('reset', 'LAB', 'put the starter back; your file is kept aside', [1, 1], [], ['undo']),
  usage('open', 'LAB', 'open the file to edit in your editor', [1, 1]),
  usage('quiz', 'DAY', "the day's questions", [1, 1]),
  usage(
    'report',
    '',
    'your week: figures, labs, quizzes, reflection; as text, JSON or a page, and a certificate',
    [0, 0],
    ['json'],
    ['html', 'certificate', 'name'],
    { html: 'report.html', certificate: 'certificate.html' },
  ),
  usage('dashboard', '', 'a page with live charts of what you checked and ran', [0, 0], [], ['port', 'html']),
  usage(
    'benchmark',
    '[LAB|DAY…]',
    'before, yours and solution of labs side by side, by time, tokens and cost',
    [0, MANY],
    ['json'],
    ['subject', 'seed'],
  ),
  usage('doctor', '', 'what of Node, packages, terminal, editor, Python, Redis is here', [0, 0]),
  usage('update', '[DIR]', 'bring in new course content; your work stays', [0, 1]),
  usage(
    'grade',
    'DIR…',
    "grade other people's workbooks",
    [1, MANY],
    ['json', 'merge'],
    ['seed', 'labs', 'out', 'shard', 'isolation'],
  ),
  usage('help', '', 'this text', [0, 1]),
];

/** The help text. */
export function helpText(): string {
  const rows = USAGES.flatMap((each) => [`  ${synopsis(each)}`, `      ${each.does}`]);
  return [
    'npm run lab                 the menu, opened at the next lab',
    'npm run lab day1            the same, opened at day 1',
    '',
    'npm run lab -- COMMAND:',
    '',
    ...rows,
    '',
    'run --live asks before it spends (default budget: $0.05). Before each call it sets aside the most that the call',
    'can cost, and refuses the call that does not fit. Where your code sets no limit, answers are cut at 1,000 tokens or',
    'at what is left of the budget for each call.',
    '',
    'Each check may compute for 10 s (a lab of an hour: 20 s) and take 1024 MB. A slow or small machine can be given other limits by',
    'the variables WORKBOOK_TIME_LIMIT (seconds) and WORKBOOK_MEMORY_LIMIT (megabytes).',
    '',
    'LAB is an id (day1.2, or 1.2), a slug, or a unique part of one. DAY is day1.',
    'npm passes flags on only after "--". Where output is parsed: npm run --silent lab -- check day1 --json',
  ].join('\n');
}

/** "check LAB|DAY… [--json] [--seed SEED]". */
export function synopsis({ name, takes, switches, values, defaults }: Usage): string {
  const flags = [
    ...switches.map((each) => `[--${each}]`),
    ...values.map((each) => (each in defaults ? `[--${each} [FILE]]` : `[--${each} ${each.toUpperCase()}]`)),
  ];
  return [name, takes, ...flags].filter(Boolean).join(' ');
}

function usage(
  name: CommandName,
  takes: string,
  does: string,
  words: readonly [number, number],
  switches: readonly string[] = [],
  values: readonly string[] = [],
  defaults: Readonly<Record<string, string>> = {},
): Usage {
  return { name, takes, does, words, switches, values, defaults };
}
