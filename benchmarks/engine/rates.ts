/** How often a second something is done. */

export type Rate = {
  /** By CPU time, which a busy machine doesn't change. */
  perCoreSecond: number
  perSecond: number
}

export const RUNS = 5

export async function rate(count: number, work: () => Promise<unknown>): Promise<Rate> {
  const started = performance.now()
  const cpuBefore = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(cpuBefore)
  return {
    perCoreSecond: (1e6 * count) / (user + system),
    perSecond: (1000 * count) / (performance.now() - started),
  }
}

/** The median of {@link RUNS} runs. */
export async function medianRate(count: number, work: () => Promise<unknown>): Promise<Rate> {
  const rates: Rate[] = []
  for (let run = 0; run < RUNS; run++) rates.push(await rate(count, work))
  return rates.sort((a, b) => a.perCoreSecond - b.perCoreSecond)[Math.floor(RUNS / 2)]!
}

export function perSecond({ perCoreSecond, perSecond }: Rate, what: string): string {
  const round = (speed: number) => Math.round(speed).toLocaleString('en')
  return `${round(perCoreSecond)} ${what}/s of a core (${round(perSecond)} on the wall)`
}

export function report(label: string, value: string): void {
  console.log(`${label.padEnd(52)} ${value}`)
}
