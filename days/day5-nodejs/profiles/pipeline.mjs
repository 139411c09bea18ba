// The pipeline behind the stored profiles: node --cpu-prof pipeline.mjs, and with --fixed for the mended one.
// It asks for summaries (the network is a timer here) and counts the tokens of what it sends, slowly.
import { setTimeout as sleep } from 'node:timers/promises';

const fixed = process.argv.includes('--fixed');
const document = 'The valve was opened at noon and closed again at four, as the plan says. '.repeat(150);

/** The planted hot spot: it joins all it has so far for each word, so its time grows with the square of the text. */
function countTokens(text) {
  let soFar = '';
  let tokens = 0;
  for (const word of text.split(' ')) {
    soFar = `${soFar} ${word}`;
    tokens = soFar.split(' ').length;
  }
  return tokens;
}

function countTokensOnce(text) {
  return text.split(' ').length + 1;
}

function buildPrompt(text, number) {
  return `Summarise part ${number}:\n${text}`;
}

async function askModel(prompt) {
  await sleep(250);
  return `A summary of ${prompt.length} characters.`;
}

async function summarise(number) {
  const prompt = buildPrompt(document, number);
  const tokens = fixed ? countTokensOnce(prompt) : countTokens(prompt);
  const answer = await askModel(prompt);
  return { tokens, answer };
}

async function runPipeline() {
  for (let number = 0; number < 4; number += 1) await summarise(number);
}

await runPipeline();
