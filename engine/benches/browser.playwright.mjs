// The journeys of browser.rs with Playwright's own library, for comparison; not run in CI.
// npm install playwright-core, then: node engine/benches/browser.playwright.mjs URL [at a time] [browser]
import { createRequire } from 'node:module';

const { chromium } = createRequire(`${process.cwd()}/`)('playwright-core');
const [url, jobs = '2', executablePath = '/usr/lib/chromium/chromium-headless-shell'] = process.argv.slice(2);
const JOURNEYS = 20;

async function journey(browser) {
  const context = await browser.newContext({ baseURL: url });
  const page = await context.newPage();
  await page.goto('/login');
  await page.getByLabel('E-mail').fill('ada@example.com');
  await page.getByLabel('Password').fill('lovelace');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/dashboard');
  await page.getByRole('textbox', { name: 'Message' }).fill('hello');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByTestId('reply').last().filter({ hasText: 'hello' }).waitFor();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.waitForURL('**/login');
  await context.close();
}

const began = performance.now();
let left = JOURNEYS;
// A browser for each worker, as its test runner has.
await Promise.all(
  Array.from({ length: Number(jobs) }, async () => {
    const browser = await chromium.launch({ executablePath });
    while (left-- > 0) await journey(browser);
    await browser.close();
  }),
);
console.log(`| Playwright, ${JOURNEYS} journeys, ${jobs} at a time | ${(performance.now() - began).toFixed(0)} |`);
