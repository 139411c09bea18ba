/** A figure as a text prints it. */
export interface Found {
  /** In its file, from 1. */
  line: number;
  /** As it stands there: "24 hours". */
  figure: string;
}

/** A file with its words alone: everything else is blank, so that places and lines stay. */
export function proseOf(file: string, text: string): string {
  if (file.endsWith('.md')) return blank(text, NO_PROSE);
  // A mistake's words are its header.
  if (/[\\/]mistakes[\\/]/.test(file)) return blank(text, /`[^`\n]*`|^(?:---| \*\/)[\s\S]*/gm);
  return wordsOfCode(text);
}

/** A text on one line, without what makes it bold. */
export function plainOf(text: string): string {
  return text.replaceAll('**', '').replace(/\s+/g, ' ');
}

/** The figures of a text that somebody has to have measured, set, worked out or found. */
export function figuresIn(prose: string): Found[] {
  let line = 1;
  let from = 0;
  return [...blank(prose, NO_FIGURE).matchAll(FIGURE)].map(({ 0: figure, index }) => {
    line += prose.slice(from, index).split('\n').length - 1;
    from = index;
    return { line, figure: figure.trim() };
  });
}

/** Blanks phrases whose figures are known, also where they are broken over lines or have a part in bold. */
export function blankPhrases(prose: string, phrases: readonly string[]): string {
  const patterns = [...phrases]
    .sort((a, b) => b.length - a.length)
    .map((phrase) =>
      phrase
        .replace(/`[^`]*`/g, (it) => ' '.repeat(it.length))
        .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
        .replace(/ +/g, '(?:\\s|\\*\\*)+'),
    );
  return patterns.length === 0 ? prose : blank(prose, new RegExp(patterns.join('|'), 'g'));
}

/** What Markdown has that is code, a link's address or a table's frame. */
const NO_PROSE = /^```[\s\S]*?^```|`[^`\n]*`|\]\([^)]*\)|<[^>]*>|^\|[ :|-]+$|https?:\S+/gm;

const MONTH = '(?:January|February|March|April|May|June|July|August|September|October|November|December)';
/** Numbers that name something: a date, a version, a lab, an RFC, a place in a list, a status, a percentile, how long a lab takes. */
const NO_FIGURE = new RegExp(
  [
    `\\b(?:\\d{1,2} )?${MONTH}(?: \\d{1,2})?(?: \\d{4})?\\b`,
    '\\b(?:19|20)\\d\\d\\b',
    '\\b\\d{4}\\.\\d{4,5}\\b',
    '\\b\\d+\\.\\d+\\.\\d+\\b',
    // The number of a check in a task.
    '\\[\\d+(?:, \\d+)*\\]',
    '^Lane: .*|^\\| \\d+ \\| \\[.*|^\\d+\\. ',
    '\\b(?:labs?|days?|number|seeds?|steps?|chapter|issues?|requests?|PR|RFC|MSW|ticket|order|Caching|node|python|openai|AzureOpenAI|TaskGroup` \\() ?\\d[\\d.]*(?:(?:,| to| and|–) \\d[\\d.]*)*(?![\\w%])(?! (?:calls|tokens|requests|of))',
    '\\bGPT-\\d+(?:\\.\\d)?|SHA-256|\\bp\\d+(?:\\.\\d+)?\\b|#\\d+',
    '\\b\\d+(?:\\.\\d+)?(?:st|nd|rd|th)\\b(?: percentiles?)?',
    '(?<![\\d.,$])(?:200|40[0-9]|413|42[29]|50[0-4])s?(?![\\d.,]\\d|[\\d ]?(?:ms|s|%|tokens|of|clients|calls|entries|pairs|times|samples)\\b)',
  ].join('|'),
  'gim',
);

const UNIT =
  'ms|s|%|×|tokens?|kB|KB|MB|GB|bytes|characters|milliseconds|seconds?|minutes?|hours?|days|weeks|months|years|times|dollars|cents|points|per cent|percent';
const WORDS =
  'two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|sixteen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|eighty|ninety|hundred|thousand|million';
const NUMBER = '\\d+(?:,\\d{3})*(?:\\.\\d+)?';
/** With a unit, in dollars, with a fraction, or of two digits or more; in words with a unit. Plain small counts are not asked for. */
const FIGURE = new RegExp(
  `(?<![\\w.,/’']|\\w-)(?:[$€]${NUMBER}|${NUMBER}\\s?(?:${UNIT})(?![\\w-])|(?=\\d[\\d.,]*\\d)${NUMBER})(?!\\w|[.,]\\d)|\\b(?:${WORDS})[ -](?:${UNIT})\\b`,
  'gi',
);

/** Blanks what matches, and keeps line ends. */
function blank(text: string, pattern: RegExp): string {
  return text.replace(pattern, (it) => it.replace(/[^\n]/g, ' '));
}

/** The texts in a file of code, without what is put into them. */
function wordsOfCode(text: string): string {
  const strings = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`/g;
  const code = text.replace(/^import .*|\/\/.*|\/\*[\s\S]*?\*\//gm, (it) => it.replace(/[^\n]/g, ' '));
  let words = code.replace(/[^\n]/g, ' ');
  for (const { 0: it, index } of code.matchAll(strings)) {
    if (!/ /.test(it) && !/^['"`]\W?\d[\d.,]*(?: ?%| ?s| ?ms)?\W?['"`]$/.test(it)) continue;
    const said = ` ${it.slice(1, -1)} `.replace(/\$\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}/g, (hole) =>
      hole.replace(/[^\n]/g, ' '),
    );
    words = words.slice(0, index) + blank(said, /`[^`\n]*`/g) + words.slice(index + said.length);
  }
  return words;
}
