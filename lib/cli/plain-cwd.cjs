'use strict';
// Loaded first in every process of a workbook that was started through a link (plain-path.cjs): the system answers with
// the folder's own name where the link's is wanted.
const { sep } = require('node:path');

const { WORKBOOK_HOME: link, WORKBOOK_HOME_IS: own } = process.env;
const cwd = process.cwd;
process.cwd = () => {
  const folder = cwd.call(process);
  const isInside = folder === own || folder.startsWith(own + sep);
  return isInside ? link + folder.slice(own.length) : folder;
};
