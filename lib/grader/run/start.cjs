'use strict';
// Starts the child of `lab run`. CommonJS for the same reason as in ../child/start.cjs.
require('tsx/cjs/api').register();
require('./main.ts').play(JSON.parse(process.argv[2]));
