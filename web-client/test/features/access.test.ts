import { describe, expect, it } from 'vitest'
import { openApp } from '../support/open-app.ts'

const click = (name: string) => {
  const found = [...document.querySelectorAll<HTMLElement>('button')].find((button) => button.textContent?.trim() === name)
  if (!found) expect.fail(`there is no button ${name}`)
  found.click()
}
const type = (input: HTMLInputElement, value: string) => {
  input.value = value
  input.dispatchEvent(new Event('input'))
}

describe('people', () => {
  it('says who sees which wards, and what programs may do', async () => {
    const { until, text } = await openApp({ path: '/people', user: 'admin' })
    await until(() => expect(text()).toContain('Li Wei'))
    expect(text()).toContain('all wards')
    await until(() => expect(text()).toContain('nightly-export'))
    expect(text()).toContain('read history · export dataWard 3 East')
  })

  it('a new person gets a one-time password, shown once', async () => {
    const { until } = await openApp({ path: '/people', user: 'admin' })
    await until(() => click('Add a person'))
    await until(() => expect(document.querySelector('[role="dialog"]')).not.toBeNull())
    const [name, username] = [...document.querySelectorAll<HTMLInputElement>('[role="dialog"] input:not([type="checkbox"])')] as [HTMLInputElement, HTMLInputElement]
    type(name, 'Ana Ruiz')
    type(username, 'ana')
    document.querySelector<HTMLInputElement>('[role="dialog"] input[type="checkbox"]')?.click()
    await until(() => expect(document.querySelector('[role="dialog"] [type="submit"]')?.getAttribute('aria-disabled')).toBe('false'))
    document.querySelector<HTMLFormElement>('[role="dialog"] form')?.requestSubmit()
    await until(() => expect(document.querySelector('[role="dialog"]')?.textContent).toContain('Ab3dEf6hIj9kLm2n'))
  })
})

it('the audit says that it is whole, and what was opened in an emergency first', async () => {
  const { until, text } = await openApp({ path: '/audit', user: 'admin' })
  await until(() => expect(text()).toContain('The audit is whole: 1234 entries'))
  await until(() => expect(text()).toContain('cardiac arrest, nobody there'))
})

it('a locked screen hides names, tells alarms by bed, and opens with the password', async () => {
  const { until, text, central, services } = await openApp({ path: '/ward/ward-3', user: 'nurse' })
  await until(() => expect(text()).toContain('KOWALSKI'))
  central.alarms.raise('bed-06', { condition: 'low:spo2', value: 86, worst: 84, limit: 90 })
  await services.session.lock()
  await until(() => expect(text()).toContain('Alarms go on; names are hidden'))
  expect(text()).not.toContain('KOWALSKI')
  type(document.querySelector<HTMLInputElement>('.lock input') as HTMLInputElement, 'nurse-secret')
  await until(() => document.querySelector<HTMLFormElement>('.lock form')?.requestSubmit())
  await until(() => expect(text()).toContain('KOWALSKI'))
})
