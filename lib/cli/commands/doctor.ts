import { existsSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { dayOf } from '../../provider/day.ts';
import { CATALOGUE_AS_OF, endingSoon, modelFor, ROLES } from '../../provider/models.ts';
import { columns } from '../../report/text.ts';
import { readText, stateDir } from '../../workbook/files.ts';
import { lookAtProgress } from '../../workbook/progress.ts';
import { unwritable } from '../../workbook/storage.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { chooseEditor } from '../editor.ts';

interface Finding {
  /** `missing` ends the doctor with 1; `absent` only says what one does without. */
  state: 'found' | 'absent' | 'missing';
  what: string;
  is: string;
  /** What that means for the course. */
  means: string;
}

/** Says what of the things the course can use is here, and what it means where it is not. */
export async function doctor(context: Context): Promise<ExitCode> {
  const findings = [
    node(),
    ...installer(context),
    ...packages(context.root),
    ...storage(context.root),
    ...oddPath(context),
    terminal(context),
    editor(context),
    program(
      context,
      'Git',
      ['git'],
      'updates and your own history',
      'Nothing needs it, but it is the best undo.',
    ),
    program(
      context,
      'Python',
      ['python3', 'python', 'py'],
      'the lab that ports from Python',
      'Only that lab uses it; it says what to do without.',
    ),
    await redis(context),
    ...models(dayOf()),
  ];
  const { style } = context;
  const colour = { found: 'green', absent: 'yellow', missing: 'red' } as const;
  const rows = findings.map(({ state, what, is, means }) => [
    style.paint(colour[state], state),
    what,
    is,
    means,
  ]);
  say(context, columns(rows).join('\n'));
  const missing = findings.filter(({ state }) => state === 'missing');
  if (missing.length === 0) say(context, '\nEverything that the course needs is here.');
  return missing.length === 0 ? 0 : 1;
}

// --- what is looked for ------------------------------------------------------------------------------------------

function node(): Finding {
  const means = 'Node 20.19 or newer runs everything';
  return { state: 'found', what: 'Node', is: process.versions.node, means };
}

function packages(root: string): Finding[] {
  const path = join(root, 'package.json');
  if (!existsSync(path)) return [];
  const { dependencies = {} } = JSON.parse(readFileSync(path, 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  const wrong = Object.entries(dependencies).flatMap(([name, wanted]) => {
    const installed = installedVersion(root, name);
    if (installed === wanted) return [];
    return [`${name} is ${installed ?? 'not installed'}, wanted is ${wanted}`];
  });
  const count = Object.keys(dependencies).length;
  if (wrong.length === 0) return [{ state: 'found', what: 'Packages', is: `${count} as wanted`, means: '' }];
  return wrong.map((is) => ({ state: 'missing', what: 'Package', is, means: '`npm install` puts it right' }));
}

function installedVersion(root: string, name: string): string | undefined {
  const path = join(root, 'node_modules', ...name.split('/'), 'package.json');
  try {
    return (JSON.parse(readText(path) ?? '') as { version: string }).version;
  } catch {
    return undefined; // It is not there, or damaged.
  }
}

/** npm says in the environment of a command who runs it. */
function installer({ env }: Context): Finding[] {
  const [name = '', version = ''] = (env.npm_config_user_agent ?? '').split(' ')[0]?.split('/') ?? [];
  if (name === '') return [];
  const isWanted = name === 'npm' && Number.parseInt(version, 10) >= OLDEST_NPM;
  const means = isWanted
    ? 'installs what the lock file names'
    : `The lock file is npm's, ${OLDEST_NPM} or newer, as Node ${process.versions.node} brings it: npm install`;
  return [{ state: isWanted ? 'found' : 'missing', what: 'Installer', is: `${name} ${version}`, means }];
}

const OLDEST_NPM = 10;

/** Who plays the roles that labs ask for, and how long still. */
function models(today: string): Finding[] {
  const ending = endingSoon(today);
  const is = `catalogue of ${CATALOGUE_AS_OF}`;
  if (ending.length === 0)
    return [
      {
        state: 'found',
        what: 'Models',
        is,
        means: ROLES.map((role) => `${role} ${modelFor(role)}`).join(', '),
      },
    ];
  return ending.map(({ role, model, lastDay }) => ({
    state: 'absent',
    what: 'Models',
    is,
    means: `${model}, which plays "${role}", ends on ${lastDay}; the simulated one stays. See CONTRIBUTING.md for a new catalogue.`,
  }));
}

/** Whether verdicts and progress can be kept, and what is kept can be read. */
function storage(root: string): Finding[] {
  const [what, folder] = ['Storage', '.workbook'];
  const problem = unwritable(stateDir(root));
  const { notice } = lookAtProgress(root);
  const findings: Finding[] = [];
  if (problem)
    findings.push({ state: 'missing', what, is: `cannot keep anything in ${folder}`, means: problem });
  else findings.push({ state: 'found', what, is: folder, means: 'keeps progress, verdicts and backups' });
  if (notice) findings.push({ state: 'missing', what: 'Progress', is: 'damaged', means: notice });
  return findings;
}

function oddPath({ env }: Context): Finding[] {
  const { WORKBOOK_HOME: link, WORKBOOK_HOME_IS: home } = env;
  if (!link || !home) return [];
  return [
    {
      state: 'found',
      what: 'Folder',
      is: home,
      means: `has a name that modules cannot have; ${link} stands in for it`,
    },
  ];
}

function terminal({ stdin, stdout, style }: Context): Finding {
  if (!stdin.isTTY || !stdout.isTTY) {
    return {
      state: 'absent',
      what: 'Terminal',
      is: 'no',
      means: 'Menu, watch and quiz need one; all other commands work',
    };
  }
  const colours = style.paint('bold', 'x') === 'x' ? 'without colours' : 'with colours';
  return {
    state: 'found',
    what: 'Terminal',
    is: `${style.width} columns, ${colours}`,
    means: 'menu, watch and quiz',
  };
}

function editor({ env }: Context): Finding {
  const chosen = chooseEditor(env);
  if (!chosen) {
    return {
      state: 'absent',
      what: 'Editor',
      is: 'none is set',
      means: 'Set EDITOR to have files opened from the menu',
    };
  }
  const path = onPath(chosen.command, env);
  if (!path)
    return {
      state: 'absent',
      what: 'Editor',
      is: `${chosen.command} is not on PATH`,
      means: 'Correct EDITOR or PATH',
    };
  return { state: 'found', what: 'Editor', is: path, means: 'opens files from the menu' };
}

function program({ env }: Context, what: string, names: string[], use: string, without: string): Finding {
  const path = names.map((name) => onPath(name, env)).find(Boolean);
  return path
    ? { state: 'found', what, is: path, means: use }
    : { state: 'absent', what, is: 'not on PATH', means: without };
}

async function redis({ env }: Context): Promise<Finding> {
  const what = 'Redis';
  const address = '127.0.0.1:6379';
  if (await answers(6379))
    return { state: 'found', what, is: `answers at ${address}`, means: 'a shared cache' };
  const path = onPath('redis-server', env);
  if (path) return { state: 'found', what, is: path, means: 'a shared cache; start it with: redis-server' };
  return {
    state: 'absent',
    what,
    is: `nothing at ${address}`,
    means:
      'Only the lab with a shared cache can use it; it also runs without. Install it (apt-get install redis-server, brew install redis), then: redis-server',
  };
}

const REDIS_WAIT_MS = 300;

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: REDIS_WAIT_MS });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket
      .on('connect', () => end(true))
      .on('timeout', () => end(false))
      .on('error', () => end(false));
  });
}

/** Where a program is, as a shell would find it; Windows tries its endings in turn. */
export function onPath(command: string, env: NodeJS.ProcessEnv): string | undefined {
  const endings = process.platform === 'win32' ? (env.PATHEXT ?? '.EXE;.CMD;.BAT').split(';') : [''];
  const folders = /[\\/]/.test(command) ? [''] : (env.PATH ?? env.Path ?? '').split(delimiter);
  for (const folder of folders) {
    for (const ending of endings) {
      const path = folder === '' ? command + ending : join(folder, command + ending);
      if (existsSync(path) && statSync(path).isFile()) return path;
    }
  }
  return undefined;
}
