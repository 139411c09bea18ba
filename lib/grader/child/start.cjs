'use strict';
// Starts the grading child. CommonJS, because tsx compiles in-process there; its ESM loader costs 0.5 s more.
require('tsx/cjs/api').register();
require('./main.ts').serve(JSON.parse(process.argv[2]));
