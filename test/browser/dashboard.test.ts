import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildPage, type PageParts, pageHtml } from '../../lib/dashboard/html.ts';
import { createDashboard } from '../../lib/dashboard/server.ts';
import { followRuns, type Tail } from '../../lib/dashboard/tail.ts';
import { appendRun, readRuns } from '../../lib/workbook/runs.ts';
import { makeCalls, makeMetric, makeRun } from '../fixtures/run-record.ts';
import { browserPath, launchBrowser, until } from './browser.ts';

const title = `the dashboard${browserPath ? '' : ' (skipped: no Chromium or Chrome was found; set CHROME_PATH)'}`;

describe.skipIf(!browserPath)(title, { timeout: 30_000 }, () => {
  let browser: Browser;
  let parts: PageParts;
  let root: string;
  let tail: Tail;
  let server: Server;
  let url: string;
  let page: Page;
  const requested: string[] = [];
  const errors: string[] = [];

  beforeAll(async () => {
    [browser, parts] = await Promise.all([launchBrowser(), buildPage()]);
  }, 60_000);
  afterAll(() => browser?.close());

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'dashboard-'));
    tail = followRuns(root, () => {}, 10);
    server = createDashboard(parts, tail);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    requested.length = 0;
    errors.length = 0;
    page.on('request', (request) => requested.push(request.url()));
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  });
  afterEach(async () => {
    await page.close();
    tail.stop();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    rmSync(root, { recursive: true, force: true });
    expect(errors).toEqual([]);
  });

  test('opens without records and says how to get some', async () => {
    await page.goto(url);
    expect(await page.textContent('#shown')).toContain('npm run lab -- check day1.1');
    expect(await page.textContent('#latency-summary')).toBe('This run made no calls.');
  });

  test('draws each panel for what was checked before it was opened', async () => {
    appendRun(root, makeRun());
    await page.goto(url);
    expect(await page.textContent('#shown')).toContain('day1.1 Fan-out: check of yours, passed');
    for (const panel of ['latency', 'cost', 'hits', 'errors', 'tokens', 'history'])
      expect(await inked(panel), panel).toBe(true);
    expect(await page.textContent('#alerts')).toContain('20 % of the calls were refused with 429.');
  });

  test('takes up records while it is open, and tells of a new alert', async () => {
    appendRun(root, makeRun({ plays: [] }));
    await page.goto(url);
    await until(async () => (await page.textContent('#status'))?.startsWith('Live'));
    expect(await page.textContent('#history-summary')).toMatch(/^1 attempt; makespan is 3 s/);
    appendRun(root, makeRun({ plays: [], metrics: [makeMetric({ yours: 9000 })], status: 'failed' }));
    await until(async () =>
      /^2 attempts; makespan is 9 s/.test((await page.textContent('#history-summary')) ?? ''),
    );
    await until(async () => (await page.textContent('[role=alert]'))?.startsWith('New: day1.1:'));
    appendRun(root, makeRun({ lab: 'day3.2', title: 'Bounded cache' }));
    await until(async () => (await page.textContent('#shown'))?.startsWith('day3.2 Bounded cache'));
    expect(await inked('latency')).toBe(true);
  });

  test('replays a play at human speed, and faster where that is chosen', async () => {
    appendRun(root, makeRun());
    await page.clock.install();
    await page.goto(url);
    expect(await page.textContent('#errors-summary')).toMatch(/^Of 10 calls/);
    await page.clock.pauseAt(Date.now() + 3_600_000);
    await page.click('text=Replay');
    await page.clock.runFor(3000);
    // By the third second the calls have ended that took until 0.5, 1.5 and 2.5 s.
    expect(await page.textContent('#errors-summary')).toMatch(/^Of 3 calls/);
    await page.click('text=Pause');
    await page.clock.runFor(3000);
    expect(await page.textContent('#errors-summary')).toMatch(/^Of 3 calls/);
    await page.selectOption('#replay select', { label: '10 times' });
    await page.click('#replay button');
    await page.clock.runFor(1000);
    expect(await page.textContent('#errors-summary')).toMatch(/^Of 10 calls/);
    expect(await page.textContent('#replay button')).toBe('Replay');
  });

  test('keeps panels, window and open tables in the address', async () => {
    appendRun(root, makeRun());
    await page.goto(url);
    await page.getByRole('checkbox', { name: 'Tokens' }).uncheck();
    await page.getByLabel('Window').selectOption({ label: 'the last 1 s' });
    await page.getByText('Latency as a table').click();
    await until(() => page.url().includes('tables=latency'));
    expect(await page.textContent('#errors-summary')).toMatch(/^Of 1 call,/);
    const address = page.url();
    await page.goto('about:blank');
    await page.goto(address);
    expect(await page.isVisible('#tokens')).toBe(false);
    expect(await page.isVisible('#latency table')).toBe(true);
    expect(await page.getByLabel('Window').inputValue()).toBe('1000');
  });

  test('can be used from the keyboard', async () => {
    appendRun(root, makeRun());
    await page.goto(url);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('charts');
    await page.getByLabel('Virtual time').focus();
    for (const _ of Array(5)) await page.keyboard.press('PageDown');
    expect(await page.textContent('#errors-summary')).toMatch(/^Of 5 calls/);
    expect(await page.getByLabel('Virtual time').getAttribute('aria-valuetext')).toBe('5 s of 10 s');
    await page.getByRole('checkbox', { name: 'Latency' }).focus();
    await page.keyboard.press('Space');
    expect(await page.isVisible('#latency')).toBe(false);
    await page.locator('#tokens summary').focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('#tokens table');
  });

  test('has a name for every control and chart, and the figures of each chart as a table', async () => {
    appendRun(root, makeRun());
    await page.goto(url);
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll('select, input, button')]
        .filter((it) => !(it as HTMLInputElement).labels?.[0]?.textContent && !it.textContent)
        .map((it) => it.outerHTML),
    );
    expect(nameless).toEqual([]);
    for (const panel of ['latency', 'cost', 'hits', 'errors', 'tokens', 'history']) {
      const name = await page.locator(`#${panel}`).getByRole('img').getAttribute('aria-labelledby');
      for (const id of name?.split(' ') ?? []) expect(await page.textContent(`#${id}`), id).not.toBe('');
      await page.locator(`#${panel} summary`).click();
      await page.locator(`#${panel} details tbody tr`).first().waitFor();
    }
    expect(await page.locator('#history details tbody').textContent()).toBe('#13 s54 s3.5 s2.9 s');
  });

  test('text in a record is shown as text', async () => {
    appendRun(
      root,
      makeRun({ title: '<img src=x onerror=alert(1)></script>', status: 'error', message: '<b>no</b>' }),
    );
    await page.goto(url);
    expect(await page.textContent('#shown')).toContain('<img src=x');
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.textContent('#alerts')).toContain('<b>no</b>');
  });

  for (const width of [360, 1440])
    test(`fits a screen of ${width} pixels, light and dark`, async () => {
      fillWorkbook();
      await page.setViewportSize({ width, height: 900 });
      await page.goto(`${url}#tables=latency,history,benchmark`);
      await page.waitForSelector('#benchmark details table');
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      for (const panel of ['latency', 'history', 'benchmark']) {
        const box = await page.locator(`#${panel} canvas`).boundingBox();
        expect((box?.x ?? 0) + (box?.width ?? width + 1), panel).toBeLessThanOrEqual(width);
      }
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await contrast(), `contrast of soft text, ${colorScheme}`).toBeGreaterThan(4.5);
        expect(await inked('history')).toBe(true);
        const path = `${process.env.SCREENSHOTS}/dashboard-${width}-${colorScheme}.png`;
        if (process.env.SCREENSHOTS) await page.screenshot({ path, fullPage: true });
      }
    });

  test('asks nobody but its own server; saved as one file, nobody at all', async () => {
    fillWorkbook();
    await page.goto(url);
    await until(async () => (await page.textContent('#status'))?.startsWith('Live'));
    expect(requested.filter((it) => !it.startsWith(url) && !it.startsWith('data:'))).toEqual([]);
    requested.length = 0;
    const file = join(root, 'saved.html');
    writeFileSync(file, pageHtml(parts, readRuns(root).records, { live: false, savedAt: '2026-03-01' }));
    const address = pathToFileURL(file).href;
    await page.goto(address);
    expect(await page.textContent('#status')).toMatch(/^Saved .*2026/);
    expect(await inked('latency')).toBe(true);
    await page.getByLabel('Lab').selectOption('day1.1');
    expect(page.url()).toBe(`${address}#lab=day1.1`);
    expect(requested.filter((it) => it !== address && !it.startsWith('data:'))).toEqual([]);
  });

  function fillWorkbook(): void {
    const play = (virtualMs: number) => [{ virtualMs, calls: makeCalls(virtualMs / 1000), measured: true }];
    for (const lab of ['day1.1', 'day1.2', 'day3.1'])
      for (const [subject, ms] of [
        ['before', 60_000],
        ['yours', 30_000],
        ['solution', 10_000],
      ] as const)
        appendRun(root, makeRun({ command: 'benchmark', lab, subject, plays: play(ms), virtualMs: ms }));
    for (const yours of [54_000, 20_000, 21_000, 9000, 3000])
      appendRun(root, makeRun({ metrics: [makeMetric({ yours })], title: 'Fan-out: fifty calls, one wait' }));
  }

  /** Whether anything but the background is on a panel's canvas. */
  function inked(panel: string): Promise<boolean> {
    return page.evaluate((id) => {
      const canvas = document.querySelector<HTMLCanvasElement>(`#${id} canvas`);
      const pixels = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      return pixels.some((value) => value !== 0);
    }, panel);
  }

  /** Contrast, as WCAG counts it, of the summaries with the panel that they stand on. */
  function contrast(): Promise<number> {
    return page.evaluate(() => {
      const light = (colour: string) => {
        const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map((part) => {
          const share = Number(part) / 255;
          return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      };
      const panel = document.querySelector('.panel') as HTMLElement;
      const text = document.querySelector('.panel .summary') as HTMLElement;
      const pair = [light(getComputedStyle(panel).backgroundColor), light(getComputedStyle(text).color)];
      return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    });
  }
});
