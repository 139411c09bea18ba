'use strict';
// Every command starts here. Old syntax, so that a Node that is too old can say so instead of failing to parse.
var version = process.versions.node.split('.').map(Number);
if (version[0] < 20 || (version[0] === 20 && version[1] < 19)) {
  process.stderr.write(
    'This workbook needs Node 20.19 or newer; this is Node ' +
      process.versions.node +
      '. Install a current Node from https://nodejs.org and run the command again.\n',
  );
  process.exit(2);
}

var path = require('node:path');
var plainPath = require('./plain-path.cjs');
var home = path.dirname(path.dirname(__dirname));

var entries = {
  lab: './lab.ts',
  test: './test.ts',
  verify: './verify.ts',
  new: './new.ts',
  mistake: './mistake.ts',
  prove: './prove.ts',
  provider: './provider.ts',
  bench: './bench.ts',
  page: './page.ts',
};
var entry = entries[process.argv[2]];
if (!entry) {
  // biome-ignore lint/style/useTemplate: old syntax, see above.
  process.stderr.write('Start this with one of: ' + Object.keys(entries).join(', ') + '.\n');
  process.exit(2);
}
var problem = require('./installed.cjs')(home, ['verify', 'bench'].includes(process.argv[2]));
if (problem && !(process.argv[3] === 'doctor' && problem.starts)) {
  process.stderr.write(problem.says);
  process.exit(2);
}
if (plainPath.isPlain(home)) {
  // In CommonJS tsx compiles in this process; its ESM loader would cost another 0.1 s at every start.
  try {
    require('tsx/cjs/api').register();
    require(entry);
  } catch (error) {
    // Files of ours are in git; what cannot be loaded is a package that was installed in part, or is damaged.
    if (!/node_modules|Cannot find module '[^./]/.test(String(error.message))) throw error;
    process.stderr.write(
      'A package of the workbook is damaged: ' +
        String(error.message).split('\n')[0] +
        '\nRun this in ' +
        home +
        ', then try again: npm ci\n',
    );
    process.exit(2);
  }
  require(entry).main();
} else {
  plainPath.restart(home, process.argv.slice(2));
}
