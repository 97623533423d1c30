import { median } from './statistics.ts'
import type { Outcome } from './run-benchmark.ts'

/** The results of one benchmark as people read them. */
export function table({ benchmark, rounds, verdicts, missing, tookS }: Outcome): string {
  const lines = [`\n## ${benchmark.name}: ${benchmark.what} (${rounds.length} runs, ${tookS.toFixed(0)} s)\n`, '| side | measured (median) |', '| --- | --- |']
  for (const { name } of benchmark.sides) lines.push(`| ${name} | ${missing.get(name) ?? mediansOf(name, rounds)} |`)
  lines.push('', '| target | bound | median | lowest - highest | |', '| --- | --- | --- | --- | --- |')
  for (const { says, bound, value, lowest, highest, verdict } of verdicts) {
    const measured = verdict !== 'not measured'
    lines.push(`| ${says} | ${bound} | ${measured ? short(value) : ''} | ${measured ? `${short(lowest)} - ${short(highest)}` : ''} | ${verdict} |`)
  }
  return `${lines.join('\n')}\n`
}

/** The same for programs, one line each. */
export function jsonLines({ benchmark, verdicts, missing }: Outcome): string[] {
  const absent = [...missing].map(([side, why]) => JSON.stringify({ benchmark: benchmark.name, side, missing: why }))
  return [...absent, ...verdicts.map((verdict) => JSON.stringify({ benchmark: benchmark.name, target: verdict }))]
}

function mediansOf(side: string, rounds: Outcome['rounds']): string {
  const names = new Set(rounds.flatMap((round) => Object.keys(round.get(side) ?? {})))
  return [...names].map((name) => `${name} ${short(median(rounds.flatMap((round) => round.get(side)?.[name] ?? [])))}`).join(', ')
}

/** Three figures are more than these numbers are sure of. */
function short(value: number): string {
  if (!Number.isFinite(value)) return '-'
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en-GB') : String(Number(value.toPrecision(3)))
}
