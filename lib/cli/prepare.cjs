// npm runs this after every install. Only a package manager that prepares a clone for another project needs what it makes:
// the provider as JavaScript, because Node takes no TypeScript in node_modules. npm marks such a clone; others build always.
const isNpm = (process.env.npm_config_user_agent ?? 'npm').startsWith('npm');
if (!isNpm || process.env._PACOTE_NO_PREPARE_ !== undefined) {
  const { execFileSync } = require('node:child_process');
  const { dirname, join } = require('node:path');
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  execFileSync(process.execPath, [tsc, '-p', join(__dirname, '../provider/tsconfig.build.json')], {
    stdio: 'inherit',
  });
}
