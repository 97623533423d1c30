import { AppError } from '@vigil/contract'
import { freePort } from '@vigil/ops/testing'
import type { Side } from '../framework/benchmark.ts'
import { startForked } from '../load/forked.ts'
import type { PostsOrder } from '../load/posts-program.ts'
import { query } from '../stage/sql.ts'

const MEASURES_PER_OBJECT = 5
const TABLE = `create table measure (patient int not null, measure_type "char" not null, date_generation timestamptz not null, measure_value real not null,
  primary key (patient, measure_type, date_generation))`

/** becalm's design: an HTTP POST per batch, a row per value. */
export function httpPosts({ stations, posts, batch }: Omit<PostsOrder, 'port'>): Side {
  return {
    name: 'http',
    async start(stage) {
      const url = await (await stage.postgres()).createEmptyDatabase()
      await query(url, TABLE)
      const port = await freePort()
      await stage.ours('http', 'test/bench/peers/http-program.ts', {}, [String(port), url])
      const load = startForked(stage, 'posts-program.ts')
      return {
        async run() {
          await query(url, 'truncate measure')
          const { objects, perSecond } = (await load.ask({ port, stations, posts: stage.scaled(posts), batch } satisfies PostsOrder)) as { objects: number; perSecond: number }
          const [row] = await query<{ n: string }>(url, 'select count(*) as n from measure')
          if (Number(row?.n) !== objects * MEASURES_PER_OBJECT) throw new AppError('INTERNAL', `${row?.n} rows stored of ${objects * MEASURES_PER_OBJECT}`)
          return { perSecond }
        },
      }
    },
  }
}
