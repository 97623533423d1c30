import { existsSync } from 'node:fs'
import { chromium, type Browser, type Page } from 'playwright-core'
import { AppError } from '@vigil/contract'
import type { Ward } from './ward.ts'

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** A real Chromium from the system; a missing one fails the test and names the package. */
export function openBrowser(): Promise<Browser> {
  const executablePath = CHROMIUM.find((path) => existsSync(path))
  if (!executablePath) throw new AppError('START_FAILED', 'Chromium is missing: install the Debian package chromium')
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
}

/** A page signed in by hand, as a nurse does it. Errors the page logs are collected. */
export async function signInByHand(browser: Browser, ward: Ward, username = 'admin', password = ward.password): Promise<{ page: Page; errors: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  await page.goto(ward.ready.http)
  await page.getByLabel(/user ?name/i).fill(username)
  await page.getByLabel(/password/i).fill(password)
  await page.getByRole('button', { name: /sign in/i }).click()
  return { page, errors }
}
