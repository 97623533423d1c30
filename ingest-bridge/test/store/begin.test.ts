import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createConnection, type Database, type Prepared } from '../../src/store/connection.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
let connection: Database
/** Another session, which sees what is committed. */
let other: Database
beforeAll(async () => {
  database = await freshDatabase()
  await database.query('create table kept (word text)')
  connection = createConnection({ url: database.url, name: 'vigil-bridge' })
  other = createConnection({ url: database.url, name: 'vigil-other' })
})
afterAll(async () => {
  await Promise.all([connection?.close(), other?.close()])
  await database?.close()
})

const keep = (words: readonly string[]): Prepared => ({ name: 'keep_words', text: 'insert into kept select unnest($1) returning word', types: ['text[]'], values: [words] })
const kept = async () => (await other.use((open) => open.query<{ word: string }>({ text: 'select word from kept' }))).map(({ word }) => word)
const empty = () => other.use((open) => open.query({ text: 'delete from kept' }))

describe('a transaction that begins with a question and a statement', () => {
  it('hands values over as they are, whatever they hold, and its rows are there after the COMMIT only', async () => {
    const word = fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => !text.includes('\0')), fc.constantFrom('', 'NULL', '{}', '"', '\\', "'", "\\'; drop table kept; --", '$1'))
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 20, maxLength: 60 }), async (words) => {
        await empty()
        await connection.use(async (open) => {
          const [asked, rows] = await open.begin<{ word: string }>('select 7 as n', keep(words))
          expect(asked).toEqual([{ n: 7 }])
          expect(rows.map((row) => row.word)).toEqual(words)
          expect(await kept()).toEqual([])
          await open.commit()
        })
        expect(await kept()).toEqual(words)
      }),
      { numRuns: 8 },
    )
  })

  it('never runs the statement when the question fails, and the connection serves on', async () => {
    await empty()
    await expect(connection.use((open) => open.begin('select 1/0', keep(['lost'])))).rejects.toThrow('division by zero')
    expect(await kept()).toEqual([])
    await connection.use(async (open) => {
      await open.begin('select 1', keep(['stored']))
      await open.commit()
    })
    expect(await kept()).toEqual(['stored'])
  })

  it('leaves nothing when the statement fails', async () => {
    await empty()
    await expect(connection.use((open) => open.begin('insert into kept values (\'half\') returning word', { ...keep([]), name: 'fails', text: 'select (1 / (cardinality($1) - cardinality($1)))', values: [['a']] }))).rejects.toThrow('division by zero')
    expect(await kept()).toEqual([])
  })
})
