import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { readHints } from './hints.ts';
import { MISTAKE_NAME, mistakeFiles, mistakesFolder, readMistake, shown } from './mistakes.ts';
import type { Lab } from './workbook.ts';

const MOST_LINES = 60;
const FEWEST_MISTAKES = 3;

/** What a lab lacks that every lab has, each in a sentence that says what to do. Empty: it has all its parts. */
export function omissionsOf(lab: Lab): string[] {
  return [...labFiles(lab), ...task(lab), ...hints(lab), ...starter(lab), ...answers(lab), ...todos(lab)];
}

function labFiles(lab: Lab): string[] {
  const needed = ['README.md', 'check.test.ts', lab.files[0] ?? '', 'hints.md'];
  const found = names(lab.dir);
  const missing = needed.filter((name) => !found.includes(name));
  const hasScenario = found.includes('scenario.ts') !== found.includes('scenario');
  const allowed = [...needed, 'scenario.ts', 'scenario'];
  return [
    ...missing.map((name) => `days/${lab.key} has no ${name}.`),
    ...(hasScenario ? [] : [`days/${lab.key} needs a scenario.ts, or a folder scenario/, and not both.`]),
    ...found
      .filter((name) => !allowed.includes(name))
      .map(
        (name) => `days/${lab.key}/${name} is no part of a lab; what labs share lies in the day's folder.`,
      ),
  ];
}

function task(lab: Lab): string[] {
  const path = `days/${lab.key}/README.md`;
  const text = textOf(lab.dir, 'README.md');
  const lines = text.split('\n').length;
  return [
    ...(/^# .+\n\nLane: (fast|core|stretch) · \d+ minutes$/m.test(text)
      ? []
      : [`${path} should begin with a title and a line such as "Lane: core · 20 minutes".`]),
    ...(text.includes('| seed 1 | before | solution | target | limit |')
      ? []
      : [`${path} has no table of figures: | seed 1 | before | solution | target | limit |.`]),
    ...(lines <= MOST_LINES ? [] : [`${path} has ${lines} lines; a task fits on one screen, ${MOST_LINES}.`]),
  ];
}

function hints(lab: Lab): string[] {
  const rungs = readHints(lab);
  const thin = textOf(lab.dir, 'hints.md')
    .split(/^## /m)
    .slice(1)
    .filter((rung) => rung.split('\n').slice(1).join('').trim().length <= 40);
  return [
    ...(rungs.length >= 3
      ? []
      : [`days/${lab.key}/hints.md has ${rungs.length} rungs ("## …"); three are needed.`]),
    ...thin.map((rung) => `days/${lab.key}/hints.md says next to nothing under "${rung.split('\n')[0]}".`),
  ];
}

function starter(lab: Lab): string[] {
  const path = `solutions/${lab.key}/before.ts`;
  if (!existsSync(join(lab.solutionDir, 'before.ts')))
    return [`${path} is missing: a copy of the starter, days/${lab.key}/${lab.files[0]}.`];
  const text = textOf(lab.solutionDir, 'before.ts');
  const lines = text.split('\n').length;
  return [
    ...(lines <= MOST_LINES ? [] : [`${path} has ${lines} lines; a starter has ${MOST_LINES} at the most.`]),
    ...(text.includes('TODO') ? [] : [`${path} has no TODO that says what to do.`]),
  ];
}

function answers(lab: Lab): string[] {
  const allowed = ['NOTES.md', 'before.ts', 'mutants.md', ...lab.files, 'mistakes', 'right'];
  const found = names(lab.solutionDir);
  const right = names(join(lab.solutionDir, 'right')).filter((name) => name.endsWith('.ts'));
  const mistakes = mistakeFiles(lab);
  const sentences = mistakes.length === 1 ? 'one mistake' : `${mistakes.length} mistakes`;
  return [
    ...['NOTES.md', ...lab.files]
      .filter((name) => !found.includes(name))
      .map((name) => `solutions/${lab.key} has no ${name}.`),
    ...found
      .filter((name) => !allowed.includes(name))
      .map((name) => `solutions/${lab.key}/${name} is no part of a lab's solutions.`),
    ...(right.length > 0
      ? []
      : [`solutions/${lab.key}/right has no answer: write one that solves the lab another way.`]),
    ...(mistakes.length >= FEWEST_MISTAKES
      ? []
      : [
          `solutions/${lab.key}/mistakes has ${sentences}; write ${FEWEST_MISTAKES - mistakes.length} more: npm run mistake -- open ${lab.id} <name>`,
        ]),
    ...mistakes.flatMap((file) => problemsOf(lab, file)),
    ...doubles(lab, mistakes),
    ...strayMistakes(lab),
  ];
}

function problemsOf(lab: Lab, file: string): string[] {
  const path = shown(lab, file);
  try {
    const { belief, effect, rejectedBy } = readMistake(lab, file);
    if (/TODO/.test(belief + effect + rejectedBy)) return [`The header of ${path} still has a TODO.`];
    return isTitle(textOf(lab.dir, 'check.test.ts'), rejectedBy)
      ? []
      : [`${path} says "Rejected by: ${rejectedBy}", which is the title of no check in days/${lab.key}.`];
  } catch (error) {
    return [(error as Error).message];
  }
}

/** Whether a check of that file has that title. What stands in the place of a `${…}` may be anything. */
function isTitle(checks: string, title: string): boolean {
  const titles = [...checks.matchAll(/\bcheck\(\s*(['"`])(.*?)\1,/g)].map(([, , words = '']) => words);
  return titles.some((words) => {
    const parts = words.split(/\$\{.*?\}/).map((part) => part.replace(/[.*+?^$(){}|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.+')}$`).test(title);
  });
}

/** Mistakes of one name, and those that are the same change. */
function doubles(lab: Lab, files: readonly string[]): string[] {
  const codes = new Map<string, string>();
  return files.flatMap((file, at) => {
    const before = files.slice(0, at).find((other) => parse(other).name === parse(file).name);
    const code = readFileSync(file, 'utf8').replace(/^[\s\S]*?\n\s*\n/, '');
    const same = codes.get(code);
    codes.set(code, shown(lab, file));
    if (before) return [`${shown(lab, file)} has the name of ${shown(lab, before)}: keep one of them.`];
    return same ? [`${shown(lab, file)} is the same change as ${same}: keep one of them.`] : [];
  });
}

function strayMistakes(lab: Lab): string[] {
  return names(mistakesFolder(lab))
    .filter((name) => !/\.(patch|ts)$/.test(name) || !MISTAKE_NAME.test(parse(name).name))
    .map(
      (name) => `solutions/${lab.key}/mistakes/${name} is no mistake: those are named such as slides.patch.`,
    );
}

/** The starter's TODO is for the learner; all others are for the author. */
function todos(lab: Lab): string[] {
  const inLab = ['README.md', 'hints.md', 'scenario.ts', 'check.test.ts'].map((name) => ['days', name]);
  return [...inLab, ['solutions', 'NOTES.md']].flatMap(([tree = '', name = '']) => {
    const text = textOf(tree === 'days' ? lab.dir : lab.solutionDir, name);
    return text.includes('TODO') ? [`${tree}/${lab.key}/${name} still has a TODO.`] : [];
  });
}

function textOf(dir: string, name: string): string {
  return existsSync(join(dir, name)) ? readFileSync(join(dir, name), 'utf8') : '';
}

function names(dir: string): string[] {
  return existsSync(dir) ? readdirSync(dir) : [];
}
