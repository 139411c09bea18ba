'use strict';
// Says what is wrong with the installed packages before one of them is needed.
const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

/** `withTools` asks for the maintainers' packages too. Undefined when every package is there, else a sentence, and whether this program can start all the same. */
module.exports = function installed(home, withTools) {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  const wanted = Object.keys({ ...dependencies, ...(withTools && devDependencies) });
  const lost = (name) => !existsSync(join(home, 'node_modules', name, 'package.json'));
  const missing = wanted.filter(lost);
  if (missing.length === 0) missing.push(...installedBy(home).filter(lost));
  if (missing.length === 0) return undefined;
  const what =
    missing.length === wanted.length
      ? 'The packages that the workbook needs are not installed yet.'
      : `Of the packages that this needs, ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing.`;
  const command = withTools ? 'npm ci --include=dev' : 'npm install';
  return {
    says: `${what} Run this in ${home}, then try again: ${command}\n`,
    starts: !missing.some((name) => OF_DOCTOR.includes(name)),
  };
};

/** Without these the doctor cannot say anything either. */
const OF_DOCTOR = ['tsx', 'kleur', 'prompts', 'string-width', 'wrap-ansi', 'diff'];

/** What npm says that it has put there, packages of packages included. */
function installedBy(home) {
  try {
    const { packages } = JSON.parse(readFileSync(join(home, 'node_modules', '.package-lock.json'), 'utf8'));
    return Object.keys(packages).map((path) => path.replace(/^node_modules\//, ''));
  } catch {
    return []; // Another installer keeps no such file.
  }
}
