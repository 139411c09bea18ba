'use strict';
// Node, tsx and vite read "#", "?" and "%20" in a module's path as parts of a URL, and a backslash as "/"; Node's
// permission flags read "*" as a pattern. A workbook in a folder with such a name is started again through a link whose
// name is plain; every path is then the link's.
const { spawn } = require('node:child_process');
const { createHash } = require('node:crypto');
const { existsSync, lstatSync, realpathSync, symlinkSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

// URLs drop tabs and line ends.
const ODD = process.platform === 'win32' ? /[#%?]/ : /[#%?*\\\t\r\n]/;

/** Whether modules can be loaded from this path. */
function isPlain(folder) {
  return !ODD.test(folder);
}

/** Starts `node start.cjs …words` again below a plain name for `home`, and ends with its exit code. */
function restart(home, words) {
  const link = linkTo(home);
  if (!link) {
    process.stderr.write(
      `The workbook is in ${home}. Modules cannot be loaded from a path with "#", "%", "?", "*", "\\" or a line end, and a link with a ` +
        `plain name could not be made in ${tmpdir()}. Move the workbook to another folder.\n`,
    );
    process.exit(2);
  }
  const shim = join(link, 'lib', 'cli', 'plain-cwd.cjs').replaceAll('\\', '/');
  const flags = `--preserve-symlinks --preserve-symlinks-main --require "${shim}"`;
  const env = {
    ...process.env,
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} ${flags}`.trim(),
    // The same for children whose environment is an allow-list.
    WORKBOOK_NODE_OPTIONS: flags,
    WORKBOOK_HOME: link,
    WORKBOOK_HOME_IS: home,
  };
  const start = join(link, 'lib', 'cli', 'start.cjs');
  const child = spawn(process.execPath, [start, ...words], { env, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => process.exit(code ?? 2));
}

/** The link, made once and found again. A link of that name that is another user's is never followed. */
function linkTo(home) {
  const hash = createHash('sha256').update(home).digest('hex').slice(0, 12);
  const link = join(tmpdir(), `llm-workbook-${process.getuid?.() ?? 'home'}-${hash}`);
  if (!isPlain(link)) return undefined;
  try {
    symlinkSync(home, link, 'junction');
  } catch (error) {
    if (error.code !== 'EEXIST' || !isOurs(link, home)) return undefined;
  }
  return link;
}

function isOurs(link, home) {
  const found = lstatSync(link);
  const mine = process.getuid === undefined || found.uid === process.getuid();
  return mine && found.isSymbolicLink() && existsSync(link) && realpathSync(link) === realpathSync(home);
}

module.exports = { isPlain, restart };
