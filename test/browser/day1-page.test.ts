import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as solution from '#days/day1-latency/2-streaming/stream-answer.ts';
import { createPage } from '../../days/day1-latency/page/server.ts';
import type { Call, Ledger } from '../../lib/provider/index.ts';
import { browserPath, launchBrowser, until } from './browser.ts';
import { createStepClock, type StepClock } from './step-clock.ts';

const title = `day 1's page${browserPath ? '' : ' (skipped: no Chromium or Chrome was found; set CHROME_PATH)'}`;

describe.skipIf(!browserPath)(title, { timeout: 30_000 }, () => {
  let browser: Browser;
  let page: Page;
  let server: Server;
  let clock: StepClock;
  let ledger: Ledger;
  let url: string;
  const requested: string[] = [];
  const errors: Error[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
  }, 30_000);
  afterAll(() => browser?.close());

  beforeEach(async () => {
    clock = createStepClock();
    ({ server, ledger } = createPage(solution, { clock, stallMs: 60_000 }));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    page = await browser.newPage({ viewport: { width: 360, height: 740 } });
    requested.length = 0;
    errors.length = 0;
    page.on('request', (request) => requested.push(request.url()));
    page.on('pageerror', (error) => errors.push(error));
  });
  afterEach(async () => {
    await page.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(errors).toEqual([]);
  });

  test('shows the answer while it is written, and all of it in the end', async () => {
    await open();
    const call = await ask('A long answer');
    await clock.advance(1500);
    await until(async () => (await shown()) !== '');
    expect(await page.textContent('#status')).toBe('Writing …');
    await clock.advance(60_000);
    await until(async () => (await page.textContent('#status')) === 'Complete.');
    expect(call.outcome).toBe('answered');
    expect(await shown()).toBe(call.answer);
    await until(async () =>
      (await page.textContent('#provider'))?.startsWith(`answered; ${call.tokens.output} tokens`),
    );
    expect(await page.isEnabled('#ask')).toBe(true);
  });

  test('repaints once per animation frame, however many pieces come', async () => {
    await page.addInitScript(holdFrames);
    await open();
    await ask('A long answer');
    await clock.advance(3000);
    await until(() => page.evaluate(() => (window as unknown as Held).pieces > 100));
    expect(await shown()).toBe('');
    expect(await page.evaluate(() => (window as unknown as Held).frames.length)).toBe(1);
    const changes = await page.evaluate(async () => {
      const held = window as unknown as Held;
      const seen: unknown[] = [];
      const observer = new MutationObserver((records) => seen.push(...records));
      observer.observe(document.getElementById('answer') as HTMLElement, { childList: true, subtree: true });
      for (const frame of held.frames.splice(0)) frame(0);
      await Promise.resolve();
      observer.disconnect();
      return seen.length;
    });
    expect(changes).toBe(1);
    expect((await shown()).length).toBeGreaterThan(300);
  });

  test('stops the provider when Stop is pressed, and keeps what had arrived', async () => {
    await open();
    const call = await ask('A long answer');
    await clock.advance(2000);
    await until(async () => (await shown()) !== '');
    await page.click('#stop');
    await until(() => call.outcome === 'aborted');
    await until(async () => (await page.textContent('#status'))?.startsWith('Stopped.'));
    expect(await shown()).not.toBe('');
    expect(call.answer.startsWith(await shown())).toBe(true);
    expect(ledger.calls).toHaveLength(1);
  });

  test('stops the provider when the page is closed', async () => {
    await open();
    const call = await ask('A long answer');
    await clock.advance(2000);
    await page.close();
    await until(() => call.outcome === 'aborted');
  });

  test('shows an error in mid stream beside the text that had arrived, and does not ask again', async () => {
    await open();
    const call = await ask('A connection that breaks');
    await clock.advance(60_000);
    await until(async () =>
      (await page.textContent('#status'))?.startsWith('The connection to the provider broke.'),
    );
    expect(call.outcome).toBe('broken');
    expect(await shown()).not.toBe('');
    expect(call.answer.startsWith(await shown())).toBe(true);
    expect(ledger.calls).toHaveLength(1);
  });

  test('does not ask again by itself when its own server goes away', async () => {
    await open();
    await ask('A long answer');
    await clock.advance(2000);
    await until(async () => (await shown()) !== '');
    server.closeAllConnections();
    await until(async () => (await page.textContent('#status'))?.includes('this page’s server broke'));
    expect(await shown()).not.toBe('');
    expect(requested.filter((it) => it.includes('/answer'))).toHaveLength(1);
  });

  test('asks nobody but its own server', async () => {
    await open();
    await ask('An answer that reaches its cap');
    await clock.advance(60_000);
    await until(async () => (await page.textContent('#status'))?.startsWith('Cut short'));
    expect(requested.filter((it) => !it.startsWith(url))).toEqual([]);
  });

  for (const width of [360, 1440])
    test(`fits a screen of ${width} pixels`, async () => {
      await page.setViewportSize({ width, height: 900 });
      await open();
      await ask('A long answer');
      await clock.advance(60_000);
      await until(async () => (await page.textContent('#status')) === 'Complete.');
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      if (process.env.SCREENSHOTS)
        await page.screenshot({ path: `${process.env.SCREENSHOTS}/${width}.png`, fullPage: true });
    });

  async function open(): Promise<void> {
    await page.goto(url);
    await page.waitForSelector('#question option', { state: 'attached' });
  }

  /** Asks by the form. Returns once the provider has the call. */
  async function ask(question: string): Promise<Call> {
    const before = ledger.calls.length;
    await page.selectOption('#question', { label: question });
    await page.click('#ask');
    await until(() => ledger.calls.length > before);
    return ledger.calls.at(-1) as Call;
  }

  async function shown(): Promise<string> {
    return (await page.textContent('#answer')) ?? '';
  }
});

/** What `holdFrames` leaves on the window. */
interface Held {
  frames: FrameRequestCallback[];
  pieces: number;
}

/** Runs in the page before its own script: no frame comes until the test lets it, and pieces are counted on arrival. */
function holdFrames(): void {
  const held = window as unknown as Held;
  held.frames = [];
  held.pieces = 0;
  window.requestAnimationFrame = (callback) => held.frames.push(callback);
  const Real = window.EventSource;
  window.EventSource = class extends Real {
    constructor(address: string | URL) {
      super(address);
      this.addEventListener('token', () => {
        held.pieces += 1;
      });
    }
  };
}
