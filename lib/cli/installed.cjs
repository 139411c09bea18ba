'use strict';
// Says what is wrong with the installed packages before one of them is needed.
const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

/** Undefined when every package is there, else a sentence, and whether this program can start all the same. */
module.exports = function installed(home) {
  const wanted = Object.keys(JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')).dependencies);
  const missing = wanted.filter((name) => !existsSync(join(home, 'node_modules', name, 'package.json')));
  if (missing.length === 0) return undefined;
  const what =
    missing.length === wanted.length
      ? 'The packages that the workbook needs are not installed yet.'
      : `Of the packages that the workbook needs, ${missing.join(', ')} are missing: an install stopped half-way.`;
  return {
    says: `${what} Run this in ${home}, then try again: npm install\n`,
    starts: !missing.includes('tsx'),
  };
};
