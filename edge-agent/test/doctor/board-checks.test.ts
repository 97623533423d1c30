import { constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkBusDevice, checkFolder } from '../../src/doctor/board-checks.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('what the doctor says of the folder', () => {
  it('that it is made at the first start, where it can be', () => {
    const data = temporaryFolder()
    expect(checkFolder(join(data, 'agent'))).toMatchObject({ verdict: 'ok', found: expect.stringContaining('is made at the first start') })
  })

  it('who may not look into the data of the service is told to ask as its user, not that there is none yet', () => {
    const data = temporaryFolder()
    mkdirSync(join(data, 'agent'))
    const closed = (path: string, mode: number) => !(path === data && mode === constants.X_OK)
    expect(checkFolder(join(data, 'agent'), closed)).toMatchObject({ verdict: 'problem', found: expect.stringContaining(`may not look into ${data}`), todo: expect.stringContaining('sudo -u vigil') })
  })
})

describe('what the doctor says of the bus', () => {
  it('that it is not there', () => {
    expect(checkBusDevice('/dev/i2c-250')).toMatchObject({ verdict: 'problem', todo: expect.stringContaining('raspi-config') })
  })

  it('that it is none', () => {
    expect(checkBusDevice('/dev/null')).toMatchObject({ verdict: 'problem', found: '"/dev/null" is no I2C bus' })
  })
})
