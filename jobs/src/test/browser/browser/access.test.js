/** A server that asks for a token and hides texts. */
import assert from 'node:assert/strict';
import test, {after, before} from 'node:test';
import {assertAccessible, launch, open} from './chromium.js';

const base = process.env.DASHBOARD_CLOSED_URL;
let browser;
let page;
let complaints;

before(async () => {
  browser = await launch();
  ({page, complaints} = await open(browser));
});
after(() => browser.close());

test('asksForTheToken', async () => {
  await page.goto(`${base}#/requests`);
  await page.getByLabel('Token').fill('not the token at all');
  await page.getByRole('button', {name: 'Log in'}).click();
  await page.locator('.problem').waitFor();
  await assertAccessible(page, 'login');
  complaints.splice(0, complaints.length, ...complaints.filter((complaint) => !complaint.includes('401')));
  await page.getByLabel('Token').fill(process.env.DASHBOARD_TOKEN);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', {name: 'Requests'}).waitFor();
});

test('hidesTexts', async () => {
  await page.getByRole('link', {name: process.env.DASHBOARD_LARGE_REQUEST}).or(page.locator('tbody a').first()).first().click();
  await page.getByText(/characters, hidden on this server\.$/).first().waitFor();
  await page.goto(`${base}#/playground`);
  await page.getByText(/Texts are hidden on this server/).waitFor();
  await page.goto(`${base}#/running`);
  await page.getByText(/Texts are hidden on this server/).waitFor();
});

test('isLeftByLoggingOut', async () => {
  await page.getByRole('button', {name: 'Log out'}).click();
  await page.getByLabel('Token').waitFor();
  const refused = await page.request.get(`${base}api/requests`);
  assert.equal(refused.status(), 401);
});

test('nothingWasComplainedOf', () => assert.deepEqual(complaints, []));
