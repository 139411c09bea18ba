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

var entries = {
  lab: './lab.ts',
  test: './test.ts',
  verify: './verify.ts',
  new: './new.ts',
  provider: './provider.ts',
  bench: './bench.ts',
};
var entry = entries[process.argv[2]];
if (!entry) {
  // biome-ignore lint/style/useTemplate: old syntax, see above.
  process.stderr.write('Start this with one of: ' + Object.keys(entries).join(', ') + '.\n');
  process.exit(2);
}
// In CommonJS tsx compiles in this process; its ESM loader would cost another 0.1 s at every start.
require('tsx/cjs/api').register();
require(entry).main();
