import { existsSync } from 'node:fs';
import { env } from 'node:process';
import type { Browser } from 'playwright-core';
import { expect, vi } from 'vitest';

const PLACES = [
  env.CHROME_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** A browser on this machine; undefined where there is none. */
export const browserPath = PLACES.find((path) => path && existsSync(path));

/** Starts it without a window and without calls of its own to the network. */
export async function launchBrowser(): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath: browserPath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Waits for something that another process does. */
export async function until(holds: () => unknown): Promise<void> {
  await vi.waitFor(async () => expect(await holds()).toBeTruthy(), { timeout: 10_000, interval: 20 });
}
